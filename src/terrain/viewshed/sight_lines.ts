/** Of a cell without ground beside the observer. Not infinite: a share of 0 of it must be 0. */
const HIDES_NOTHING = -1e30;

/**
 * Height of the line of sight where it passes over a cell: what a target there must reach. The line comes over the plane through the eye and the two
 * cells before, of which one lies on the diagonal and one on the axis: Wang, Robinson and White, Generating viewsheds without using sightlines, 2000, with
 * gdal_viewshed's weights (its mode "edge").
 * @param columns from the observer, not negative, as `rows`; one of them is 2 or more
 * @param diagonal height that counts one column and one row nearer
 * @param straight one nearer along the longer way
 */
export function sightHeight(columns: number, rows: number, diagonal: number, straight: number, eye: number): number {
  const [near, far] = columns < rows ? [columns, rows] : [rows, columns];
  if (near === 0) return eye + ((straight - eye) * far) / (far - 1);
  return eye + ((diagonal - eye) * near + (straight - eye) * (far - near)) / (far - 1);
}

/** A row of cells: what hides what lies behind them. */
export interface SightRow {
  /** Heights less what the Earth's curve takes; NaN where there is none. Hidden cells get the height of the line of sight. */
  readonly heights: Float64Array;
  /** 1 seen, 0 hidden, of each cell. */
  readonly seen: Uint8Array;
}

export interface SightOptions {
  /** Column of the observer. */
  readonly column: number;
  /** Rows from the observer's, not negative. */
  readonly rows: number;
  /** Height of the observer's eye. */
  readonly eye: number;
  /** Of a target above the ground. */
  readonly targetHeight: number;
}

/** Looks along a row, from below or above the observer outwards. @param before the row that is nearer to him; of his own row itself */
export function lookAlongRow(row: SightRow, before: Float64Array, options: SightOptions): void {
  const { column, rows } = options;
  if (rows > 0) lookAt(row, before, column, 0, options);
  for (let x = column - 1; x >= 0; x--) lookAt(row, before, x, 1, options);
  for (let x = column + 1; x < row.heights.length; x++) lookAt(row, before, x, -1, options);
}

/** @param back to the column that is nearer */
function lookAt(
  { heights, seen }: SightRow,
  before: Float64Array,
  x: number,
  back: number,
  { column, rows, eye, targetHeight }: SightOptions,
): void {
  const columns = Math.abs(x - column);
  // Nothing lies between the observer and the cells around him.
  if (columns <= 1 && rows <= 1) {
    seen[x] = Number.isNaN(heights[x]) ? 0 : 1;
    if (seen[x] === 0) heights[x] = HIDES_NOTHING;
    return;
  }
  const straight = columns >= rows ? heights[x + back] : before[x];
  const sight = sightHeight(columns, rows, before[x + back] as number, straight as number, eye);
  const height = heights[x] as number;
  // NaN is not above: where there is no ground nothing is seen and nothing hides, and the line goes on.
  seen[x] = height + targetHeight >= sight ? 1 : 0;
  // Also of a cell that is seen for the target's height alone (gdal_viewshed forgets the line there, and sees through hills behind).
  if (!(height >= sight)) heights[x] = sight;
}

/**
 * Heights of a window and of one cell around it: (width + 2) x (height + 2), row-major from the top left, rows from north to south; NaN where
 * there is no height. Cell (x, y) of the window stands at `(y + 1) * (width + 2) + x + 1`.
 */
export interface HeightBlock {
  readonly width: number;
  readonly height: number;
  readonly heights: Float32Array;
}

/** Whole rows of heights in memory that threads share. */
export interface HeightStrip extends HeightBlock {
  /** Row of the raster. */
  readonly y: number;
  readonly heights: Float32Array<SharedArrayBuffer>;
}

/** Of one row of cells, in units of height: east to west, north to south. */
export interface CellSize {
  readonly width: number;
  readonly height: number;
}

/** Which sides of the window are sides of the whole raster. */
export interface RasterSides {
  readonly top: boolean;
  readonly bottom: boolean;
  readonly left: boolean;
  readonly right: boolean;
}

/** A window with nothing around it. */
export function emptyBlock(width: number, height: number): HeightBlock {
  return { width, height, heights: new Float32Array((width + 2) * (height + 2)).fill(Number.NaN) };
}

/**
 * Fills what lies around the raster by going on as the two cells before it do: so that cells of the edge get a value, as with gdaldem's
 * `-compute_edges`. A raster of one row or column has nothing to go on with.
 */
export function extendBlock({ width, height, heights }: HeightBlock, sides: RasterSides): void {
  const stride = width + 2;
  const goOn = (to: number, step: number): void => {
    heights[to] = 2 * (heights[to + step] as number) - (heights[to + 2 * step] as number);
  };
  for (let x = 0; x < stride; x++) {
    if (sides.top && height > 1) goOn(x, stride);
    if (sides.bottom && height > 1) goOn((height + 1) * stride + x, -stride);
  }
  for (let y = 0; y < height + 2; y++) {
    if (sides.left && width > 1) goOn(y * stride, 1);
    if (sides.right && width > 1) goOn(y * stride + width + 1, -1);
  }
}

import type { LevelLadder } from "./level_ladder.ts";
import { emptyRow, fillRow, setQuarter, setSquare, type LadderRow, type SquareRow } from "./square_rows.ts";
import { Square } from "./square.ts";

/** What becomes of the squares: lines, or areas. */
export interface SquareTracer {
  /** Squares whose corners are all on one side of all levels are of no use to it. */
  readonly skipsLevel: boolean;
  /** Such a square with all its heights, right of a column. */
  visitLevel(x: number): void;
  /** The square is changed when this returns. */
  visit(square: Square): void;
  /** Before the squares of a row. @returns whether everything is to end at the row's lower cells, for there is too much of it */
  beginRow(): boolean;
  endRow(isCut: boolean): void;
}

/**
 * Goes through a raster's squares, row by row; the first and the last lie half outside. Cells reach half a cell beyond their middles where there is no other.
 */
export class SquareWalker {
  readonly #tracer: SquareTracer;
  readonly #ladder: LevelLadder;
  readonly #width: number;
  readonly #square = new Square();
  readonly #quarter = new Square();
  #upper: LadderRow;
  #lower: LadderRow;
  #row = 0;
  #isCutAbove = false;

  constructor(width: number, ladder: LevelLadder, tracer: SquareTracer) {
    this.#width = width;
    this.#ladder = ladder;
    this.#tracer = tracer;
    this.#upper = emptyRow(width);
    this.#lower = emptyRow(width);
  }

  addRow(line: Float64Array): void {
    fillRow(this.#lower, line, this.#ladder);
    this.#visitRow();
  }

  finish(): void {
    this.#lower.heights.fill(Number.NaN);
    this.#visitRow();
  }

  #visitRow(): void {
    const isCutBelow = this.#tracer.beginRow();
    const row: SquareRow = {
      upper: this.#upper,
      lower: this.#lower,
      row: this.#row,
      isCutAbove: this.#isCutAbove,
      isCutBelow,
    };
    for (let x = 0; x <= this.#width; x++) this.#visitSquare(row, x);
    this.#tracer.endRow(isCutBelow);
    this.#isCutAbove = isCutBelow;
    [this.#upper, this.#lower] = [this.#lower, this.#upper];
    this.#row++;
  }

  #visitSquare(row: SquareRow, x: number): void {
    const square = this.#square;
    const isLevel = isLevelSquare(row, x);
    if (isLevel && this.#tracer.skipsLevel) return;
    if (isLevel && !row.isCutAbove && !row.isCutBelow && isWhole(row, x)) return this.#tracer.visitLevel(x);
    const gaps = setSquare(square, row, x);
    if (gaps === 0) return this.#tracer.visit(square);
    if (gaps === 4) return;
    for (let corner = 0; corner < 4; corner++) {
      if (Number.isNaN(square.heights[corner])) continue;
      setQuarter(this.#quarter, square, corner, row.row, this.#ladder);
      this.#tracer.visit(this.#quarter);
    }
  }
}

function isWhole({ upper, lower }: SquareRow, x: number): boolean {
  // NaN makes the sum NaN.
  const sum =
    (upper.heights[x] as number) +
    (upper.heights[x + 1] as number) +
    (lower.heights[x] as number) +
    (lower.heights[x + 1] as number);
  return sum === sum;
}

/** A quick look. Gaps do not count: heights around them are means of others. */
function isLevelSquare({ upper, lower }: SquareRow, x: number): boolean {
  const [above, below] = [upper.ranks, lower.ranks];
  const rank = above[x];
  if (rank === above[x + 1] && rank === below[x] && rank === below[x + 1]) return true;
  return isLevelBesideGaps(upper, lower, x);
}

function isLevelBesideGaps(upper: LadderRow, lower: LadderRow, x: number): boolean {
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < 4; i++) {
    const { heights, ranks } = i < 2 ? upper : lower;
    const column = x + (i & 1);
    if (Number.isNaN(heights[column])) continue;
    const rank = ranks[column] as number;
    if (rank < least) least = rank;
    if (rank > most) most = rank;
  }
  return least >= most;
}

import { Float64Column, Int32Column } from "../../core/index.ts";
import type { LevelLadder } from "./level_ladder.ts";

/** Of a corner that is no middle of a cell. */
export const NO_CELL = -1;
/** Of an item that is a corner. */
export const CORNER = -0x8000_0000;

/**
 * Four heights, or a quarter between such, and the levels that pass between them. Corners go counterclockwise from the upper left; edge `i` (left,
 * lower, right, upper) leads from corner `i` to the next one. Reused for every square.
 *
 * `trace` walks around it: items are its corners and the places where a level crosses an edge, and the interval behind an item reaches to the next one.
 * A level's crossings are joined two by two in that order, so a saddle is always cut the same way (left to lower, right to upper), as in GDAL: lines of
 * several levels never cross.
 */
export class Square {
  readonly x = new Float64Array(4);
  readonly y = new Float64Array(4);
  readonly heights = new Float64Array(4);
  readonly ranks = new Int32Array(4);
  /** `NO_CELL`, or 2 x the column, and 1 more in the lower row. */
  readonly cells = new Int32Array(4);
  readonly cornerPlaces = new Float64Array(4);
  readonly edgePlaces = new Float64Array(4);
  /** The edge leads to the middle of a square: no other square has it. */
  readonly isSpoke = new Uint8Array(4);
  /** Nothing lies beyond the edge. */
  readonly isBorder = new Uint8Array(4);
  /** A quarter of a square: its edges are halves. */
  isQuarter = false;

  readonly itemX = new Float64Column(64);
  readonly itemY = new Float64Column(64);
  /** Level that crosses, or `CORNER`. */
  readonly itemLevel = new Int32Column(64);
  /** Edge of the interval behind the item. */
  readonly itemEdge = new Int32Column(64);
  /** Rank of the interval behind the item. */
  readonly itemRank = new Int32Column(64);
  /** The crossing to which a line leads. */
  readonly itemOther = new Int32Column(64);
  readonly #waiting = new Int32Column(64);

  get isLevel(): boolean {
    const [a, b, c, d] = this.ranks;
    return a === b && b === c && c === d;
  }

  trace(ladder: LevelLadder): void {
    for (const column of [this.itemX, this.itemY, this.itemLevel, this.itemEdge, this.itemRank, this.itemOther])
      column.cut(0);
    for (let edge = 0; edge < 4; edge++) {
      const rank = this.ranks[edge] as number;
      this.#push(this.x[edge] as number, this.y[edge] as number, CORNER, edge, rank);
      this.#cross(edge, rank, this.ranks[(edge + 1) & 3] as number, ladder);
    }
    this.#join();
  }

  #cross(edge: number, from: number, to: number, ladder: LevelLadder): void {
    for (let rank = from; rank < to; rank++) this.#pushCrossing(edge, rank, rank + 1, ladder);
    for (let rank = from; rank > to; rank--) this.#pushCrossing(edge, rank - 1, rank - 1, ladder);
  }

  /** Measured from left to right or from the bottom to the top, whichever square asks: the same double on both sides. */
  #pushCrossing(edge: number, level: number, rankBehind: number, ladder: LevelLadder): void {
    const next = (edge + 1) & 3;
    const isForward = edge === 1 || edge === 2;
    const [from, to] = isForward ? [edge, next] : [next, edge];
    const isUpright = edge === 0 || edge === 2;
    const axis = isUpright ? this.y : this.x;
    const at = this.#along(level, from, to, axis, ladder);
    if (isUpright) this.#push(this.x[edge] as number, at, level, edge, rankBehind);
    else this.#push(at, this.y[edge] as number, level, edge, rankBehind);
  }

  /** A whole edge is taken by halves, since squares beside a gap have them. */
  #along(level: number, from: number, to: number, axis: Float64Array, ladder: LevelLadder): number {
    let [low, high] = [this.heights[from] as number, this.heights[to] as number];
    let [start, end] = [axis[from] as number, axis[to] as number];
    if (!this.isQuarter) {
      const middle = 0.5 * (low + high);
      const isFirst = ladder.rankOf(middle) > level !== ladder.rankOf(low) > level;
      const half = 0.5 * (start + end);
      if (isFirst) [high, end] = [middle, half];
      else [low, start] = [middle, half];
    }
    const ratio = ladder.crossing(level, low, high);
    return start * (1 - ratio) + end * ratio;
  }

  #push(x: number, y: number, level: number, edge: number, rank: number): void {
    this.itemX.push(x);
    this.itemY.push(y);
    this.itemLevel.push(level);
    this.itemEdge.push(edge);
    this.itemRank.push(rank);
    this.itemOther.push(-1);
  }

  #join(): void {
    const least = Math.min(...this.ranks);
    this.#waiting.cut(0);
    this.#waiting.extend(Math.max(...this.ranks) - least).fill(-1);
    for (let i = 0; i < this.itemLevel.length; i++) {
      const level = this.itemLevel.at(i);
      if (level === CORNER) continue;
      const other = this.#waiting.at(level - least);
      this.#waiting.set(level - least, other < 0 ? i : -1);
      if (other < 0) continue;
      this.itemOther.set(i, other);
      this.itemOther.set(other, i);
    }
  }
}

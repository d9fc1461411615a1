import type { LevelLadder } from "./level_ladder.ts";

/** Of a corner that is no middle of a cell. */
export const NO_CELL = -1;
/** Of an item that is a corner. */
export const CORNER = -0x8000_0000;
/** Room for items before arrays grow. */
const FIRST_ITEMS = 64;

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

  /** Items, in arrays that grow and are reused: a class around each number would cost more than what it is for. */
  itemCount = 0;
  itemX = new Float64Array(FIRST_ITEMS);
  itemY = new Float64Array(FIRST_ITEMS);
  /** Level that crosses, or `CORNER`. */
  itemLevel = new Int32Array(FIRST_ITEMS);
  /** Edge of the interval behind the item. */
  itemEdge = new Uint8Array(FIRST_ITEMS);
  /** Rank of the interval behind the item. */
  itemRank = new Int32Array(FIRST_ITEMS);
  /** The crossing to which a line leads. */
  itemOther = new Int32Array(FIRST_ITEMS);
  /** By level from the least rank on: the first crossing of two; -1: none waits. */
  #waiting = new Int32Array(FIRST_ITEMS).fill(-1);

  trace(ladder: LevelLadder): void {
    this.itemCount = 0;
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
    const i = this.itemCount++;
    if (i === this.itemX.length) this.#grow();
    this.itemX[i] = x;
    this.itemY[i] = y;
    this.itemLevel[i] = level;
    this.itemEdge[i] = edge;
    this.itemRank[i] = rank;
    this.itemOther[i] = -1;
  }

  #grow(): void {
    this.itemX = larger(this.itemX, new Float64Array(2 * this.itemX.length));
    this.itemY = larger(this.itemY, new Float64Array(2 * this.itemY.length));
    this.itemLevel = larger(this.itemLevel, new Int32Array(2 * this.itemLevel.length));
    this.itemEdge = larger(this.itemEdge, new Uint8Array(2 * this.itemEdge.length));
    this.itemRank = larger(this.itemRank, new Int32Array(2 * this.itemRank.length));
    this.itemOther = larger(this.itemOther, new Int32Array(2 * this.itemOther.length));
    // All wait for nothing when items are pushed. A level has two crossings or more: it is as long as it need be.
    this.#waiting = new Int32Array(this.itemX.length).fill(-1);
  }

  #join(): void {
    const { ranks, itemLevel, itemOther } = this;
    const least = Math.min(ranks[0] as number, ranks[1] as number, ranks[2] as number, ranks[3] as number);
    const waiting = this.#waiting;
    for (let i = 0; i < this.itemCount; i++) {
      const level = itemLevel[i] as number;
      if (level === CORNER) continue;
      const other = waiting[level - least] as number;
      waiting[level - least] = other < 0 ? i : -1;
      if (other < 0) continue;
      itemOther[i] = other;
      itemOther[other] = i;
    }
  }
}

function larger<Values extends Float64Array | Int32Array | Uint8Array>(from: Values, to: Values): Values {
  to.set(from);
  return to;
}

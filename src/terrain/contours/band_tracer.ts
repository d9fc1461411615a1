import { BandRegions } from "./band_regions.ts";
import { ChainJoiner, type Segment } from "./chain_joiner.ts";
import { nodeKey } from "./node_keys.ts";
import { CORNER, NO_CELL, type Square } from "./square.ts";
import type { SquareTracer } from "./trace_contours.ts";

/** What lies between two levels and hangs together: rings in cells from the upper left corner, closed; the land lies to their left. */
export interface BandArea {
  /** Rank of its heights: between level `band - 1` and level `band`. */
  readonly band: number;
  readonly rings: Float64Array[];
}

/** So many new regions, or rows, and finished areas are looked for. */
const SWEEP_REGIONS = 100_000;
const SWEEP_ROWS = 64;
const NONE = -1;

/**
 * Levels as the areas between them. A square is cut by its levels into faces; faces that share a piece of an edge are of one region (`BandRegions`), and
 * what else surrounds them becomes rings. A region is given when no face of the row below can belong to it.
 */
export class BandTracer implements SquareTracer {
  readonly skipsLevel = false;
  readonly #regions = new BandRegions();
  readonly #joiner: ChainJoiner;
  readonly #emit: (area: BandArea) => void;
  readonly #maxOpenVertices: number;
  readonly #trace: (square: Square) => void;
  readonly #segment: Segment = { fromKey: 0, fromX: 0, fromY: 0, toKey: 0, toX: 0, toY: 0 };
  /** Regions of the cells of both rows: 2 x column, and 1 more in the lower row. */
  readonly #cells: Int32Array;
  /** Regions of pieces of edges between crossings: of the upper row's horizontal edges, and of all others. */
  #above = new Map<number, number>();
  #here = new Map<number, number>();
  readonly #seen: number[] = [];
  readonly #faceCells: number[] = [];
  readonly #facePieces: number[] = [];
  /** Of the face that is being traced. */
  #band = 0;
  #region = 0;
  #rows = 0;
  cutCount = 0;

  constructor(
    width: number,
    trace: (square: Square) => void,
    { emit, maxOpenVertices }: { emit: (area: BandArea) => void; maxOpenVertices: number },
  ) {
    this.#cells = new Int32Array(2 * (width + 2)).fill(NONE);
    this.#trace = trace;
    this.#emit = emit;
    this.#maxOpenVertices = maxOpenVertices;
    this.#joiner = new ChainJoiner((positions) => this.#regions.addRing(this.#region, this.#band, positions));
  }

  beginRow(): boolean {
    // What is finished, but not given yet, does not count.
    if (this.#isTooMuch) this.#sweep();
    return this.#isTooMuch;
  }

  get #isTooMuch(): boolean {
    return this.#joiner.vertexCount + this.#regions.vertexCount > this.#maxOpenVertices;
  }

  visitLevel(x: number): void {
    const cells = this.#cells;
    const at = 2 * x;
    let region = NONE;
    for (let i = at; i < at + 4; i++) region = this.#joinRegion(region, cells[i] as number);
    if (region === NONE) region = this.#regions.add();
    cells.fill(region, at, at + 4);
  }

  visit(square: Square): void {
    this.#trace(square);
    const length = square.itemCount;
    for (let i = 0; i < length; i++) this.#seen[i] = 0;
    for (let i = 0; i < length; i++) if (this.#seen[i] === 0) this.#traceFace(square, i);
  }

  endRow(isCut: boolean): void {
    const cells = this.#cells;
    for (let i = 0; i < cells.length; i += 2) {
      cells[i] = isCut ? NONE : (cells[i + 1] as number);
      cells[i + 1] = NONE;
    }
    [this.#above, this.#here] = [this.#here, this.#above];
    this.#here.clear();
    if (isCut) {
      this.#above.clear();
      this.cutCount++;
    }
    if (isCut || ++this.#rows >= SWEEP_ROWS || this.#regions.size > SWEEP_REGIONS) this.#sweep();
  }

  finish(): void {
    this.#cells.fill(NONE);
    this.#above.clear();
    this.#sweep();
  }

  #sweep(): void {
    this.#rows = 0;
    const pieces = Int32Array.from(this.#above.values());
    this.#regions.sweep([this.#cells, pieces], (band, rings) => this.#emit({ band, rings }));
    let i = 0;
    for (const key of this.#above.keys()) this.#above.set(key, pieces[i++] as number);
  }

  #joinRegion(region: number, other: number): number {
    if (other === NONE || other === region) return region;
    return region === NONE ? other : this.#regions.unite(region, other);
  }

  #traceFace(square: Square, start: number): void {
    this.#findRegion(square, start);
    this.#band = square.itemRank[start] as number;
    const length = square.itemCount;
    let i = start;
    do {
      const next = i + 1 === length ? 0 : i + 1;
      if (square.isBorder[square.itemEdge[i] as number] === 1) this.#addSegment(square, i, next);
      i = next;
      if ((square.itemLevel[next] as number) === CORNER) continue;
      i = square.itemOther[next] as number;
      this.#addSegment(square, next, i);
    } while (i !== start);
  }

  /** Walks around the face once, and makes all that touches it one region. */
  #findRegion(square: Square, start: number): void {
    this.#faceCells.length = this.#facePieces.length = 0;
    let region = NONE;
    let i = start;
    const length = square.itemCount;
    do {
      this.#seen[i] = 1;
      const next = i + 1 === length ? 0 : i + 1;
      region = this.#joinRegion(region, this.#lookAtPiece(square, i, next));
      i = (square.itemLevel[next] as number) === CORNER ? next : (square.itemOther[next] as number);
    } while (i !== start);
    if (region === NONE) region = this.#regions.add();
    for (const cell of this.#faceCells) this.#cells[cell] = region;
    for (const piece of this.#facePieces) this.#here.set(piece, region);
    this.#region = region;
  }

  /** What a piece of an edge belongs to so far: that of the cell at its end, which all squares around it know, else its own. */
  #lookAtPiece(square: Square, from: number, to: number): number {
    const edge = square.itemEdge[from] as number;
    const [first, second] = [cellOf(square, from), cellOf(square, to)];
    let region = NONE;
    for (const cell of [first, second]) {
      if (cell === NO_CELL) continue;
      this.#faceCells.push(cell);
      region = this.#joinRegion(region, this.#cells[cell] as number);
    }
    if (first !== NO_CELL || second !== NO_CELL) return region;
    const key = nodeKey(square.edgePlaces[edge] as number, square.itemRank[from] as number, 0);
    this.#facePieces.push(key);
    return this.#here.get(key) ?? this.#above.get(key) ?? NONE;
  }

  #addSegment(square: Square, from: number, to: number): void {
    const segment = this.#segment;
    segment.fromKey = this.#keyOf(square, from);
    segment.fromX = square.itemX[from] as number;
    segment.fromY = square.itemY[from] as number;
    segment.toKey = this.#keyOf(square, to);
    segment.toX = square.itemX[to] as number;
    segment.toY = square.itemY[to] as number;
    this.#joiner.add(segment);
  }

  /** Two areas have a crossing in common, and two crossings of an edge an area: the level and its side tell them apart. */
  #keyOf(square: Square, item: number): number {
    const level = square.itemLevel[item] as number;
    const edge = square.itemEdge[item] as number;
    if (level === CORNER) return nodeKey(square.cornerPlaces[edge] as number, this.#band, 0);
    return nodeKey(square.edgePlaces[edge] as number, level, this.#band > level ? 1 : 0);
  }
}

/** Of an item that is a corner: corner `i` is the first item of edge `i`. */
function cellOf(square: Square, item: number): number {
  return (square.itemLevel[item] as number) === CORNER
    ? (square.cells[square.itemEdge[item] as number] as number)
    : NO_CELL;
}

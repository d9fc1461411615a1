import { ChainJoiner, DEAD_END, type Segment } from "./chain_joiner.ts";
import { nodeKey } from "./node_keys.ts";
import { CORNER, type Square } from "./square.ts";
import type { SquareTracer } from "./trace_contours.ts";

/** A line of one level, in cells from the upper left corner of the raster: x0, y0, x1, y1 ... What is higher lies to its right, as in GDAL's. */
export interface LevelLine {
  readonly level: number;
  readonly positions: Float64Array;
}

/** Levels as lines. A line is given when both its ends have come to a border or to each other. */
export class LineTracer implements SquareTracer {
  readonly skipsLevel = true;
  readonly #joiners = new Map<number, ChainJoiner>();
  readonly #emit: (line: LevelLine) => void;
  readonly #maxOpenVertices: number;
  readonly #segment: Segment = { fromKey: 0, fromX: 0, fromY: 0, toKey: 0, toX: 0, toY: 0 };
  readonly #trace: (square: Square) => void;
  /** How often all open lines were cut. */
  cutCount = 0;

  constructor(
    trace: (square: Square) => void,
    { emit, maxOpenVertices }: { emit: (line: LevelLine) => void; maxOpenVertices: number },
  ) {
    this.#trace = trace;
    this.#emit = emit;
    this.#maxOpenVertices = maxOpenVertices;
  }

  beginRow(): boolean {
    return false;
  }

  visitLevel(): void {}

  visit(square: Square): void {
    this.#trace(square);
    for (let i = 0; i < square.itemCount; i++) {
      const other = square.itemOther[i] as number;
      const level = square.itemLevel[i] as number;
      // From where it gets higher on the way round to where it gets lower.
      if (level === CORNER || (square.itemRank[i] as number) !== level + 1) continue;
      this.#addSegment(square, i, other);
    }
  }

  endRow(): void {
    let open = 0;
    for (const [level, joiner] of this.#joiners) {
      open += joiner.vertexCount;
      // Levels come and go over the heights of a large raster.
      if (joiner.vertexCount === 0) this.#joiners.delete(level);
    }
    if (open <= this.#maxOpenVertices) return;
    this.cutCount++;
    for (const joiner of this.#joiners.values()) joiner.cut();
  }

  #addSegment(square: Square, from: number, to: number): void {
    const segment = this.#segment;
    segment.fromKey = this.#keyOf(square, from);
    segment.fromX = square.itemX[from] as number;
    segment.fromY = square.itemY[from] as number;
    segment.toKey = this.#keyOf(square, to);
    segment.toX = square.itemX[to] as number;
    segment.toY = square.itemY[to] as number;
    this.#joinerOf(square.itemLevel[from] as number).add(segment);
  }

  #keyOf(square: Square, item: number): number {
    const edge = square.itemEdge[item] as number;
    if (square.isBorder[edge] === 1) return DEAD_END;
    return nodeKey(square.edgePlaces[edge] as number, square.itemLevel[item] as number, 0);
  }

  #joinerOf(level: number): ChainJoiner {
    let joiner = this.#joiners.get(level);
    if (joiner === undefined) {
      joiner = new ChainJoiner((positions) => this.#emit({ level, positions }));
      this.#joiners.set(level, joiner);
    }
    return joiner;
  }
}

import type { TileCoord, TileMatrix } from "../grid/index.ts";
import type { ControlBlock } from "./control_mesh.ts";
import { blockReach, listFootprint } from "./footprint.ts";
import type { Resampling } from "./resampling.ts";

/** One destination tile: where its pixels lie in the mosaic of source tiles. */
export interface TileWarp {
  readonly tile: TileCoord;
  /** Positions in pixels of the mosaic. */
  readonly blocks: readonly ControlBlock[];
  /** Indices into `WarpPlan.sources`: what this tile is made of. Empty: it lies outside of the source. */
  readonly sources: readonly number[];
  /** Indices into `WarpPlan.placements`: the cells of the mosaic that it reads. */
  readonly cells: readonly number[];
}

/** What is to be done for neighbouring destination tiles, as data. */
export interface WarpPlan {
  readonly tiles: readonly TileWarp[];
  /** Source tiles, each once. */
  readonly sources: readonly TileCoord[];
  /** Where each source tile stands in the mosaic: cells from its upper left corner. A tile may stand twice, a turn of the Earth apart. */
  readonly placements: readonly { readonly source: number; readonly column: number; readonly row: number }[];
  /** Source pixels. */
  readonly mosaicWidth: number;
  readonly mosaicHeight: number;
  /** Source pixels of one cell. */
  readonly cellWidth: number;
  readonly cellHeight: number;
}

/** Positions are 16.16 fixed-point numbers. */
const MAX_MOSAIC_SIDE = 32_767;

interface Draft {
  tile: TileCoord;
  blocks: ControlBlock[];
  /** Keys of the cells it reads. */
  cells: Set<string>;
}

/** Cells of a rectangle, all inclusive. */
interface CellRange {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Gathers the cells (unwrapped columns) that tiles read, then lays out the mosaic. */
export class PlanBuilder {
  readonly #matrix: TileMatrix;
  readonly #z: number;
  readonly #resampling: Resampling;
  readonly #maxPixels: number;
  /** Columns after which the source begins anew; null where it does not. */
  readonly #turnColumns: number | null;
  readonly #drafts: Draft[] = [];
  readonly #cells = new Map<string, { column: number; row: number }>();
  /** Source pixel column next to which all blocks are put. */
  #reference = Number.NaN;
  #tooLarge = false;
  #lastRange: (CellRange & { cells: Set<string> }) | null = null;

  constructor(options: {
    matrix: TileMatrix;
    z: number;
    turn: number | null;
    resampling: Resampling;
    maxPixels: number;
  }) {
    const { matrix, z, turn, resampling, maxPixels } = options;
    this.#matrix = matrix;
    this.#z = z;
    this.#resampling = resampling;
    this.#maxPixels = maxPixels;
    const columns = turn === null ? Number.NaN : turn / (matrix.cellSize * matrix.tileWidth);
    // A matrix that covers a whole turn (and not half a tile more) continues on its other side.
    this.#turnColumns = Math.abs(columns - matrix.matrixWidth) < 1e-6 * matrix.matrixWidth ? matrix.matrixWidth : null;
  }

  add(tile: TileCoord, blocks: readonly ControlBlock[]): void {
    const cells = new Set<string>();
    const placed = blocks.map((block) => this.#putBesideReference(block));
    for (const block of placed) {
      if (this.#tooLarge) return;
      this.#addCells(block, cells);
    }
    this.#drafts.push({ tile, blocks: placed, cells });
  }

  #putBesideReference(block: ControlBlock): ControlBlock {
    if (this.#turnColumns === null) return block;
    const period = this.#turnColumns * this.#matrix.tileWidth;
    const first = block.positions.find((value, i) => i % 2 === 0 && Number.isFinite(value));
    if (first === undefined) return block;
    if (Number.isNaN(this.#reference)) this.#reference = first - period * Math.floor(first / period);
    return shiftBlock(block, period * Math.round((this.#reference - first) / period), 0);
  }

  #addCells(block: ControlBlock, cells: Set<string>): void {
    const { tileWidth, tileHeight, matrixWidth, matrixHeight } = this.#matrix;
    const [reachX, reachY] = blockReach(block, this.#resampling);
    for (const [minX, minY, maxX, maxY] of listFootprint(block, reachX, reachY)) {
      const open = this.#turnColumns !== null;
      const left = Math.max(open ? -matrixWidth : 0, Math.floor(minX / tileWidth));
      const right = Math.min(open ? 2 * matrixWidth : matrixWidth - 1, Math.floor(maxX / tileWidth));
      const top = Math.max(0, Math.floor(minY / tileHeight));
      const bottom = Math.min(matrixHeight - 1, Math.floor(maxY / tileHeight));
      if ((right - left + 1) * (bottom - top + 1) * tileWidth * tileHeight > this.#maxPixels) {
        this.#tooLarge = true;
        return;
      }
      this.#addRange({ left, right, top, bottom }, cells);
    }
  }

  #addRange(range: CellRange, cells: Set<string>): void {
    const { left, right, top, bottom } = range;
    const last = this.#lastRange;
    // Most pieces read what the one before them reads.
    if (last?.cells === cells && last.left <= left && last.right >= right && last.top <= top && last.bottom >= bottom)
      return;
    this.#lastRange = { ...range, cells };
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const key = `${column} ${row}`;
        cells.add(key);
        if (!this.#cells.has(key)) this.#cells.set(key, { column, row });
      }
    }
  }

  finish(): WarpPlan | null {
    const { tileWidth, tileHeight } = this.#matrix;
    const all = [...this.#cells.values()];
    const minColumn = all.reduce((least, { column }) => Math.min(least, column), Infinity);
    const minRow = all.reduce((least, { row }) => Math.min(least, row), Infinity);
    const columns = all.reduce((most, { column }) => Math.max(most, column - minColumn + 1), 0);
    const rows = all.reduce((most, { row }) => Math.max(most, row - minRow + 1), 0);
    const [width, height] = [columns * tileWidth, rows * tileHeight];
    const tooLarge = width * height > this.#maxPixels || Math.max(width, height) > MAX_MOSAIC_SIDE;
    if (this.#tooLarge || tooLarge) return null;
    const sources = new SourceList(this.#z, this.#turnColumns);
    const placements = all.map(({ column, row }) => {
      return { source: sources.indexOf(column, row), column: column - minColumn, row: row - minRow };
    });
    const indexOfCell = new Map([...this.#cells.keys()].map((key, i) => [key, i]));
    const [left, top] = all.length === 0 ? [0, 0] : [minColumn * tileWidth, minRow * tileHeight];
    const tiles = this.#drafts.map((draft) => {
      const cells = [...draft.cells].map((key) => indexOfCell.get(key) as number);
      return {
        tile: draft.tile,
        blocks: draft.blocks.map((block) => shiftBlock(block, -left, -top)),
        sources: [...new Set(cells.map((cell) => placements[cell]?.source as number))],
        cells,
      };
    });
    const shape = { mosaicWidth: width, mosaicHeight: height, cellWidth: tileWidth, cellHeight: tileHeight };
    return { tiles, sources: sources.tiles, placements, ...shape };
  }
}

/** Source tiles by their place on Earth: columns a turn apart are one. */
class SourceList {
  readonly tiles: TileCoord[] = [];
  readonly #z: number;
  readonly #turnColumns: number | null;
  readonly #indices = new Map<string, number>();

  constructor(z: number, turnColumns: number | null) {
    this.#z = z;
    this.#turnColumns = turnColumns;
  }

  indexOf(column: number, row: number): number {
    const turn = this.#turnColumns;
    const x = turn === null ? column : ((column % turn) + turn) % turn;
    const key = `${x} ${row}`;
    const known = this.#indices.get(key);
    if (known !== undefined) return known;
    this.#indices.set(key, this.tiles.length);
    return this.tiles.push({ z: this.#z, x, y: row }) - 1;
  }
}

function shiftBlock(block: ControlBlock, x: number, y: number): ControlBlock {
  if (x === 0 && y === 0) return block;
  const positions = new Float64Array(block.positions);
  for (let i = 0; i < positions.length; i += 2) {
    positions[i] = (positions[i] as number) + x;
    positions[i + 1] = (positions[i + 1] as number) + y;
  }
  return { ...block, positions };
}

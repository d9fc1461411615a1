import { TilthError } from "../core/index.ts";
import type { CrsTransform } from "../crs/index.ts";
import type { TileCoord, TileMatrix, TileMatrixSet } from "../grid/index.ts";
import { buildControlMesh, DEFAULT_MAX_ERROR_PIXELS, type ControlBlock } from "./control_mesh.ts";
import { listFootprint } from "./footprint.ts";
import { createPixelTransform, transformBetween, turnOf, type RasterPlace } from "./raster_place.ts";
import { reachOf, type Resampling } from "./resampling.ts";

export interface WarpPlannerOptions {
  destination: TileMatrixSet;
  source: TileMatrixSet;
  /** Levels that the source serves, inclusive. */
  minZoom: number;
  maxZoom: number;
  /** @default "bilinear" */
  resampling?: Resampling;
  /** @default 0.125 */
  maxErrorPixels?: number;
}

/** One destination tile: where its pixels lie in the mosaic of source tiles. */
export interface TileWarp {
  readonly tile: TileCoord;
  /** Positions in pixels of the mosaic. */
  readonly blocks: readonly ControlBlock[];
  /** Indices into `WarpPlan.sources`: what this tile is made of. Empty: it lies outside of the source. */
  readonly sources: readonly number[];
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

/** Pixels of the destination on a side of a metatile, about. */
const METATILE_PIXELS = 1024;

/** Pixels of a mosaic for several tiles: 16 MB as RGBA, 64 source tiles of 256 px. */
export const MOSAIC_PIXELS = 4_194_304;
/** Pixels of a mosaic for one tile at most: 128 MB as RGBA. One of 256 px needs about 0.4 million. */
const MAX_MOSAIC_PIXELS = 33_554_432;
/** Positions are 16.16 fixed-point numbers. */
const MAX_MOSAIC_SIDE = 32_767;

/** How much a source pixel may be larger than a destination pixel before a finer level is taken. */
const MAX_STRETCH = 1.15;

/** Plans which source tiles make which destination tiles. Pure: the same tile is planned the same way whatever stands beside it. */
export class WarpPlanner {
  readonly metatileSize: number;
  readonly #options: Required<WarpPlannerOptions>;
  readonly #transform: CrsTransform | null;
  readonly #turn: number | null;

  /** @throws `crs.unsupported` when there is no way from the destination's CRS to the source's */
  constructor(options: WarpPlannerOptions) {
    this.#options = { resampling: "bilinear", maxErrorPixels: DEFAULT_MAX_ERROR_PIXELS, ...withoutUndefined(options) };
    const { destination, source } = options;
    this.#transform = transformBetween(destination.crs, source.crs);
    this.#turn = turnOf(source.crs);
    const { tileWidth, tileHeight } = destination.getMatrix(0);
    this.metatileSize = 2 ** Math.max(0, Math.floor(Math.log2(METATILE_PIXELS / Math.max(tileWidth, tileHeight))));
  }

  /** Expected accuracy of the change of datum, metres; null when nobody says. */
  get accuracyM(): number | null {
    return this.#transform === null ? 0 : this.#transform.accuracyM;
  }

  /** Column and row of the metatile that a tile belongs to. */
  metatileOf(tile: TileCoord): TileCoord {
    return { z: tile.z, x: Math.floor(tile.x / this.metatileSize), y: Math.floor(tile.y / this.metatileSize) };
  }

  /**
   * Plans for tiles of one metatile: one plan, or several where the mosaic of all would be too large.
   * @throws `grid.level` for a tile that needs too many source tiles, because the source serves nothing coarser
   */
  plan(tiles: readonly TileCoord[]): WarpPlan[] {
    const [first] = tiles;
    if (first === undefined) return [];
    return this.#planWithin(tiles, this.#chooseZoom(this.metatileOf(first)), this.metatileSize);
  }

  /** @param span columns and rows that the tiles may span */
  #planWithin(tiles: readonly TileCoord[], zoom: number, span: number): WarpPlan[] {
    const [first] = tiles;
    if (first === undefined) return [];
    if (tiles.length === 1) return [this.#planOne(first)];
    const whole = this.#tryPlan(tiles, zoom, MOSAIC_PIXELS);
    if (whole !== null) return [whole];
    const half = span / 2;
    const quarters = Map.groupBy(tiles, ({ x, y }) => `${Math.floor(x / half)} ${Math.floor(y / half)}`);
    return [...quarters.values()].flatMap((quarter) => this.#planWithin(quarter, zoom, half));
  }

  #planOne(tile: TileCoord): WarpPlan {
    const { minZoom, source, destination } = this.#options;
    for (let zoom = this.#chooseZoom(this.metatileOf(tile)); zoom >= minZoom; zoom--) {
      const plan = this.#tryPlan([tile], zoom, MAX_MOSAIC_PIXELS);
      if (plan !== null) return plan;
    }
    throw new TilthError(
      "grid.level",
      `the tile ${tile.z}/${tile.x}/${tile.y} of ${destination.id} needs too many tiles of ${source.id}, which begins at zoom ${minZoom}: seed deeper zooms`,
      { fields: { tile, minZoom } },
    );
  }

  /** Coarsest level whose pixels are small enough in the middle of the metatile, by the geometric mean of both ways. */
  #chooseZoom(metatile: TileCoord): number {
    const { destination, source, minZoom, maxZoom } = this.#options;
    const matrix = destination.getMatrix(metatile.z);
    const span = this.metatileSize;
    const column = Math.min(matrix.matrixWidth, (metatile.x + 0.5) * span) * matrix.tileWidth;
    const row = Math.min(matrix.matrixHeight, (metatile.y + 0.5) * span) * matrix.tileHeight;
    const points = Float64Array.of(column, row, column + 1, row, column, row + 1);
    const reference = placeOf(source.getMatrix(maxZoom), source);
    createPixelTransform(placeOf(matrix, destination), reference, this.#transform).apply(points);
    const [x = 0, y = 0, right = 0, rightY = 0, downX = 0, down = 0] = points;
    const area = Math.abs((right - x) * (down - y) - (rightY - y) * (downX - x));
    if (!(area > 0)) return minZoom;
    const wanted = reference.cellWidth * Math.sqrt(area) * MAX_STRETCH;
    for (let zoom = minZoom; zoom < maxZoom; zoom++)
      if (source.getMatrix(zoom).cellSize <= wanted * (1 + 1e-9)) return zoom;
    return maxZoom;
  }

  /** Null when the mosaic would be too large. */
  #tryPlan(tiles: readonly TileCoord[], sourceZ: number, maxPixels: number): WarpPlan | null {
    const { source, resampling } = this.#options;
    const builder = new PlanBuilder({
      matrix: source.getMatrix(sourceZ),
      z: sourceZ,
      turn: this.#turn,
      resampling,
      maxPixels,
    });
    for (const tile of tiles) builder.add(tile, this.#mesh(tile, sourceZ));
    return builder.finish();
  }

  #mesh(tile: TileCoord, sourceZ: number): ControlBlock[] {
    const { destination, source, maxErrorPixels } = this.#options;
    const matrix = destination.getMatrix(tile.z);
    const place = placeOf(matrix, destination, tile);
    const transform = createPixelTransform(place, placeOf(source.getMatrix(sourceZ), source), this.#transform);
    return buildControlMesh(transform, matrix.tileWidth, matrix.tileHeight, maxErrorPixels);
  }
}

function placeOf(
  matrix: TileMatrix,
  grid: TileMatrixSet,
  tile: { x: number; y: number } = { x: 0, y: 0 },
): RasterPlace {
  const { cellSize, tileWidth, tileHeight, pointOfOrigin } = matrix;
  const origin = [
    pointOfOrigin[0] + tile.x * tileWidth * cellSize,
    pointOfOrigin[1] - tile.y * tileHeight * cellSize,
  ] as const;
  return { crs: grid.crs, origin, cellWidth: cellSize, cellHeight: cellSize };
}

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
class PlanBuilder {
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
    const reach = Math.max(
      reachOf(this.#resampling, 1 / block.scale[0]),
      reachOf(this.#resampling, 1 / block.scale[1]),
    );
    for (const [minX, minY, maxX, maxY] of listFootprint(block, Number.isFinite(reach) ? reach : 1)) {
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
    const indexOfCell = new Map([...this.#cells.keys()].map((key, i) => [key, placements[i]?.source ?? 0]));
    const [left, top] = all.length === 0 ? [0, 0] : [minColumn * tileWidth, minRow * tileHeight];
    const tiles = this.#drafts.map(({ tile, blocks, cells }) => ({
      tile,
      blocks: blocks.map((block) => shiftBlock(block, -left, -top)),
      sources: [...new Set([...cells].map((key) => indexOfCell.get(key) ?? 0))],
    }));
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

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

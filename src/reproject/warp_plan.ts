import { TilthError } from "../core/index.ts";
import type { CrsTransform } from "../crs/index.ts";
import type { TileCoord, TileMatrix, TileMatrixSet } from "../grid/index.ts";
import { PlanBuilder, type WarpPlan } from "./plan_builder.ts";
import { buildControlMesh, DEFAULT_MAX_ERROR_PIXELS, type ControlBlock } from "./control_mesh.ts";
import { createPixelTransform, transformBetween, turnOf, type RasterPlace } from "./raster_place.ts";
import type { Resampling } from "./resampling.ts";

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

/** Pixels of the destination on a side of a metatile, about. */
const METATILE_PIXELS = 1024;

/** Pixels of a mosaic for several tiles: 16 MB as RGBA, 64 source tiles of 256 px. */
export const MOSAIC_PIXELS = 4_194_304;
/** Pixels of a mosaic for one tile at most: 128 MB as RGBA. One of 256 px needs about 0.4 million. */
const MAX_MOSAIC_PIXELS = 33_554_432;
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

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

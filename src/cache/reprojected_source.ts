import { availableParallelism } from "node:os";
import { TilthError, type Clock } from "../core/index.ts";
import type { TileCoord, TileMatrixSet } from "../grid/index.ts";
import { checkTileEncoding, type ElevationEncoding, type TileEncoding } from "../raster/index.ts";
import { DEFAULT_MAX_ERROR_PIXELS, Warper, WarpPlanner, type Resampling } from "../reproject/index.ts";
import {
  fetchTileWithRetry,
  type FetchTileOptions,
  type FetchTilesOptions,
  type SourceInfo,
  type SourceTile,
  type TileSource,
} from "../source/index.ts";
import { SourceFlights } from "./source_flights.ts";
import { SizedCache, type ShelvedTile } from "./tile_shelf.ts";
import { warpId } from "./warp_id.ts";
import { WarpRun, type WarpTools } from "./warp_run.ts";

export interface ReprojectOptions {
  /** The grid that is wanted. */
  grid: TileMatrixSet;
  /** @default "bilinear" */
  resampling?: Resampling;
  /** Source pixels by which a position may be off. @default 0.125 */
  maxErrorPixels?: number;
  /** @default { format: "png" } */
  encoding?: TileEncoding;
  /** Set when the source's tiles are elevation: resampled in metres, written in the same encoding as PNG. @default null */
  elevation?: ElevationEncoding | null;
  /** Worker threads. @default one for each processor, 8 at most */
  threads?: number;
  /** Encoded source tiles kept for neighbours, bytes. @default 33554432 (32 MiB) */
  shelfBytes?: number;
  /** Source tiles that were fetched longer ago are fetched again when they are needed, ms. @default 600_000 */
  sourceMaxAgeMs?: number;
  /** Tells their age. @default the system's */
  clock?: Clock;
}

export interface ReprojectStats {
  /** Source tiles decoded; one that leaves the memory and is needed again counts twice. */
  decodes: number;
}

/** Another source on another grid: its tiles are fetched once, decoded once and warped on worker threads. */
export class ReprojectedSource implements TileSource {
  readonly info: SourceInfo;
  readonly hosts: TileSource["hosts"];
  /** How its tiles are written. */
  readonly encoding: TileEncoding;
  readonly #tools: WarpTools;

  /** @throws `crs.unsupported`, `argument.invalid` */
  constructor(source: TileSource, options: ReprojectOptions) {
    const { grid, resampling = "bilinear", maxErrorPixels, encoding = { format: "png" }, elevation = null } = options;
    checkTileEncoding(encoding);
    this.encoding = elevation === null ? encoding : { ...encoding, format: "png" };
    const { grid: sourceGrid, minZoom, maxZoom } = source.info;
    const planner = new WarpPlanner({
      destination: grid,
      source: sourceGrid,
      minZoom,
      maxZoom,
      resampling,
      // On a slope of 20 m to a pixel a hundredth of a pixel is 0.2 m.
      maxErrorPixels: elevation === null ? maxErrorPixels : (maxErrorPixels ?? DEFAULT_MAX_ERROR_PIXELS) / 10,
    });
    const { tileWidth, tileHeight } = grid.getMatrix(0);
    const threads = options.threads ?? Math.min(8, availableParallelism());
    const shown = elevation === null ? encoding.format : "png";
    this.#tools = {
      source,
      planner,
      warper: new Warper({
        threads,
        resampling,
        encoding,
        elevation,
        tileWidth,
        tileHeight,
        tilesPerPlan: planner.metatileSize ** 2,
      }),
      shelf: new SizedCache<ShelvedTile>(options.shelfBytes ?? 33_554_432),
      flights: new SourceFlights(),
      maxAgeMs: checkAge(options.sourceMaxAgeMs ?? 600_000),
      clock: options.clock,
    };
    this.hosts = source.hosts;
    this.info = {
      ...source.info,
      id: warpId(source.info, { resampling, encoding: this.encoding, elevation }),
      grid,
      minZoom: 0,
      maxZoom: grid.maxZ,
      format: shown === "mixed" ? null : shown,
    };
  }

  /** What was done since the source was opened. */
  get stats(): ReprojectStats {
    return { decodes: this.#tools.warper.decodes };
  }

  /** Expected accuracy of the change of datum, metres; null when nobody says. */
  get accuracyM(): number | null {
    return this.#tools.planner.accuracyM;
  }

  async fetchTile(tile: TileCoord, options: FetchTileOptions = {}): Promise<SourceTile> {
    return fetchTileWithRetry(this, tile, options);
  }

  async makeTiles(options: FetchTilesOptions): Promise<"done" | "dead"> {
    return new WarpRun(this.#tools, options).run();
  }

  async close(): Promise<void> {
    await this.#tools.warper.close();
    await this.#tools.source.close();
  }
}

function checkAge(sourceMaxAgeMs: number): number {
  if (sourceMaxAgeMs >= 0) return sourceMaxAgeMs;
  throw new TilthError("argument.invalid", `expected sourceMaxAgeMs of 0 or more, got ${sourceMaxAgeMs}`, {
    fields: { sourceMaxAgeMs },
  });
}

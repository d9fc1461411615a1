import { availableParallelism } from "node:os";
import type { TilthError } from "../core/index.ts";
import type { TileCoord, TileMatrixSet } from "../grid/index.ts";
import { checkTileEncoding, type DecodedTile, type ElevationEncoding, type TileEncoding } from "../raster/index.ts";
import { Warper, WarpPlanner, type Resampling } from "../reproject/index.ts";
import {
  fetchTileWithRetry,
  type FetchTileOptions,
  type FetchTilesOptions,
  type SourceInfo,
  type SourceTile,
  type TileSource,
} from "../source/index.ts";
import { SizedCache, type ShelvedTile } from "./tile_shelf.ts";
import { WarpRun, type WarpTools } from "./warp_run.ts";

export interface ReprojectOptions {
  /** The grid that is wanted. */
  grid: TileMatrixSet;
  /** @default "bilinear" */
  resampling?: Resampling;
  /** Destination pixels by which a position may be off. @default 0.125 */
  maxErrorPixels?: number;
  /** @default { format: "png" } */
  encoding?: TileEncoding;
  /** Set when the source's tiles are elevation: resampled in metres, written in the same encoding as PNG. @default null */
  elevation?: ElevationEncoding | null;
  /** Worker threads. @default one for each processor, 8 at most */
  threads?: number;
  /** Encoded source tiles kept for neighbours, bytes. @default 100663296 (96 MiB) */
  shelfBytes?: number;
  /** Decoded source tiles kept for neighbours, bytes. @default 50331648 (48 MiB) */
  decodedBytes?: number;
}

/** Numbers of what was done, since the source was opened. */
export interface ReprojectStats {
  decodes: number;
}

/** Another source on another grid: its tiles are fetched once, decoded once and warped on worker threads. */
export class ReprojectedSource implements TileSource {
  readonly info: SourceInfo;
  readonly hosts: TileSource["hosts"];
  readonly stats: ReprojectStats = { decodes: 0 };
  readonly #tools: WarpTools;

  /** @throws `crs.unsupported`, `argument.invalid` */
  constructor(source: TileSource, options: ReprojectOptions) {
    const { grid, resampling = "bilinear", maxErrorPixels, encoding = { format: "png" }, elevation = null } = options;
    checkTileEncoding(encoding);
    const { grid: sourceGrid, minZoom, maxZoom } = source.info;
    const planner = new WarpPlanner({
      destination: grid,
      source: sourceGrid,
      minZoom,
      maxZoom,
      resampling,
      maxErrorPixels,
    });
    const { tileWidth, tileHeight } = grid.getMatrix(0);
    const threads = options.threads ?? Math.min(8, availableParallelism());
    const shown = elevation === null ? encoding.format : "png";
    this.#tools = {
      source,
      planner,
      warper: new Warper({ threads, resampling, encoding, elevation, tileWidth, tileHeight }),
      shelf: new SizedCache<ShelvedTile>(options.shelfBytes ?? 100_663_296),
      decoded: new SizedCache<Promise<DecodedTile | TilthError>>(options.decodedBytes ?? 50_331_648),
      onDecode: (count) => void (this.stats.decodes += count),
    };
    this.hosts = source.hosts;
    this.info = {
      ...source.info,
      // All that makes other tiles is part of the id, so that two of them never share an archive.
      id: `${source.info.id} (${grid.id}, ${resampling})`,
      grid,
      minZoom: 0,
      maxZoom: grid.maxZ,
      format: shown === "mixed" ? null : shown,
    };
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

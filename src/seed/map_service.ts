import { CancelledError, systemClock, throwIfAborted, TilthError, type Clock } from "../core/index.ts";
import { normalizeLonLatBbox, type Bbox, type LonLatBbox } from "../geo/index.ts";
import { bboxCoverage, planTiles, type Coverage, type TileCoord } from "../grid/index.ts";
import {
  MAX_MOSAIC_PIXELS,
  mosaicTiles,
  TileCache,
  type GeoImage,
  type StoredTile,
  type TileSource,
  type TileStore,
} from "../cache/index.ts";
import type { FailedRun } from "./failed_list.ts";
import type { SeedProgress, SeedReport } from "./progress.ts";
import { runSeed } from "./run_seed.ts";

export interface MapServiceOptions {
  store: TileStore;
  /** null: answers from the store alone. */
  source: TileSource | null;
  /** Tiles older than this are renewed when asked for, ms. */
  maxAgeMs?: number;
  clock?: Clock;
}

export interface SeedTilesRequest {
  /** Lon/lat degrees, or polygons. */
  bbox?: LonLatBbox;
  coverage?: Coverage;
  zooms: readonly number[];
  /** Tiles older than this are fetched again, ms. */
  refreshAgeMs?: number;
  retries?: number;
  onFailed?: (run: FailedRun) => void | Promise<void>;
  signal?: AbortSignal;
}

export interface ServiceStatus {
  /** Seeds under way. */
  seeding: SeedProgress[];
  cancelled: boolean;
}

/** The library's face: one source and one store, asked for tiles, images and whole areas. */
export class MapService implements AsyncDisposable {
  readonly cache: TileCache;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #seeds = new Set<() => SeedProgress>();

  /** @throws `store.mismatch` when source and store have different grids */
  constructor(options: MapServiceOptions) {
    const { clock = systemClock, ...rest } = options;
    this.cache = new TileCache({ ...rest, now: () => clock.now() });
    this.#clock = clock;
  }

  /** Fills an area; see `runSeed`. */
  async seedTiles(request: SeedTilesRequest): Promise<SeedReport> {
    throwIfAborted(this.#stop.signal);
    const { bbox, coverage = bbox === undefined ? undefined : bboxCoverage(bbox), zooms } = request;
    if (coverage === undefined) throw new TilthError("argument.invalid", "expected `bbox` or `coverage`, got neither");
    const task = {
      coverage,
      zooms: [...zooms].toSorted((a, b) => a - b),
      sourceId: this.cache.source?.info.id ?? null,
    };
    let entry: (() => SeedProgress) | null = null;
    const onStart = (read: () => SeedProgress): void => {
      entry = read;
      this.#seeds.add(read);
    };
    try {
      const { refreshAgeMs, retries, onFailed } = request;
      const plan = planTiles(this.cache.store.grid, coverage, zooms);
      return await runSeed({
        cache: this.cache,
        plan,
        task,
        refreshAgeMs,
        retries,
        onFailed,
        onStart,
        clock: this.#clock,
        signal: this.#signal(request.signal),
      });
    } finally {
      if (entry !== null) this.#seeds.delete(entry);
    }
  }

  /** @throws `tile.missing` when there is none here */
  async getTile(tile: TileCoord, options: { signal?: AbortSignal } = {}): Promise<StoredTile> {
    return this.cache.getTile(tile, { signal: this.#signal(options.signal) });
  }

  /** Tiles in the order asked; null where there is none. */
  getTiles(
    tiles: Iterable<TileCoord>,
    options: { signal?: AbortSignal } = {},
  ): AsyncIterable<{ tile: TileCoord; stored: StoredTile | null }> {
    return this.cache.getTiles(tiles, { signal: this.#signal(options.signal) });
  }

  /** Mosaic of a lon/lat box on one zoom, with its place on Earth; boxes across the antimeridian are asked for in two parts. */
  async getImage(bbox: LonLatBbox, zoom: number, options: { signal?: AbortSignal } = {}): Promise<GeoImage> {
    return mosaicTiles(this.cache, this.#toGrid(wholeBox(bbox)), zoom, { signal: this.#signal(options.signal) });
  }

  /** An image of about `width` pixels: chooses the zoom whose cells are just fine enough. */
  async bboxRequest(bbox: LonLatBbox, width: number, options: { signal?: AbortSignal } = {}): Promise<GeoImage> {
    if (!(width >= 1 && width <= MAX_MOSAIC_PIXELS))
      throw new TilthError("argument.invalid", `expected a width within 1-${MAX_MOSAIC_PIXELS} pixels, got ${width}`);
    const box = wholeBox(bbox);
    const [minX, , maxX] = this.#toGrid(box);
    const wanted = (maxX - minX) / width;
    const { matrices } = this.cache.store.grid;
    const { minZoom: coarsest, maxZoom: deepest } = this.cache.source?.info ?? { minZoom: 0, maxZoom: Infinity };
    const found = matrices.findIndex((matrix) => matrix.cellSize <= wanted * (1 + 1e-9));
    const zoom = Math.max(coarsest, Math.min(found < 0 ? matrices.length - 1 : found, deepest));
    return this.getImage(box, zoom, options);
  }

  get status(): ServiceStatus {
    return { seeding: [...this.#seeds].map((read) => read()), cancelled: this.#stop.signal.aborted };
  }

  /** Stops everything that is under way; what was fetched is kept. Later calls are refused. */
  cancel(reason = "the service was cancelled"): void {
    this.#stop.abort(new CancelledError(reason));
  }

  async close(): Promise<void> {
    this.cancel("the service was closed");
    await this.cache.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #signal(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]);
  }

  #toGrid([west, south, east, north]: LonLatBbox): Bbox {
    const { crs } = this.cache.store.grid;
    return [...crs.fromLonLat(west, south), ...crs.fromLonLat(east, north)];
  }
}

/** @throws `bbox.invalid` for a box in two parts: its image would have a hole of the whole Earth in the middle */
function wholeBox(bbox: LonLatBbox): LonLatBbox {
  const [box, ...more] = normalizeLonLatBbox(bbox);
  if (box !== undefined && more.length === 0) return box;
  throw new TilthError("bbox.invalid", "expected a box that does not cross the antimeridian; ask for its two parts");
}

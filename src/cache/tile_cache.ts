import { isTilthError, TilthError } from "../core/index.ts";
import type { TileCoord } from "../grid/index.ts";
import { fetchTileWithRetry, type TileSource } from "../source/index.ts";
import type { StoredTile, TileStore, TileWrite } from "../store/index.ts";
import { SharedFlights } from "./shared_flights.ts";

export interface TileCacheOptions {
  store: TileStore;
  /** null for a cache that only answers from its file. */
  source: TileSource | null;
  /** Tiles older than this are fetched again (conditionally) when asked for, ms; never when absent. */
  maxAgeMs?: number;
  /** UTC milliseconds. */
  now?: () => number;
}

/** A source, a grid and a store under one name: what is there is read, what is missing is fetched once and kept. */
export class TileCache implements AsyncDisposable {
  readonly store: TileStore;
  readonly source: TileSource | null;
  readonly #maxAgeMs: number | undefined;
  readonly #now: () => number;
  readonly #flights = new SharedFlights<StoredTile>();

  /** @throws `store.mismatch` when source and store have different grids */
  constructor(options: TileCacheOptions) {
    const { source, store } = options;
    if (source !== null) requireSameGrid(source, store);
    this.store = store;
    this.source = source;
    this.#maxAgeMs = options.maxAgeMs;
    this.#now = options.now ?? Date.now;
  }

  /** Before this time (UTC ms) a tile is stale; undefined when tiles never are. */
  get staleBeforeMs(): number | undefined {
    return this.#maxAgeMs === undefined ? undefined : this.#now() - this.#maxAgeMs;
  }

  /**
   * A tile from the store, else from the source (then kept). However many ask at once, it is fetched once.
   * A stale tile that cannot be renewed is given as it is.
   * @throws `tile.missing` when there is no tile here; the source's error when it cannot be fetched; CancelledError
   */
  async getTile(tile: TileCoord, options: { signal?: AbortSignal } = {}): Promise<StoredTile> {
    const known = await this.store.find(tile, options);
    const fresh = known !== null && known.fetchedAtMs >= (this.staleBeforeMs ?? -Infinity);
    if (this.source === null || fresh) return present(known, tile);
    return present(await this.#renew(tile, known, options.signal), tile);
  }

  async #renew(tile: TileCoord, known: StoredTile | null, signal: AbortSignal | undefined): Promise<StoredTile> {
    try {
      return await this.#flights.join(keyOf(tile), (flight) => this.#fetchAndKeep(tile, known, flight), signal);
    } catch (error) {
      if (known?.status === "present" && !isTilthError(error, "cancelled")) return known;
      throw error;
    }
  }

  /** Tiles in the order asked; null where there is none. At most `concurrency` (8) are under way. */
  async *getTiles(
    tiles: Iterable<TileCoord>,
    options: { signal?: AbortSignal; concurrency?: number } = {},
  ): AsyncGenerator<{ tile: TileCoord; stored: StoredTile | null }> {
    const { concurrency = 8, signal } = options;
    const running: Promise<{ tile: TileCoord; stored: StoredTile | null }>[] = [];
    for (const tile of tiles) {
      const task = this.#findTile(tile, signal);
      // The error is seen when its turn comes; until then it must not count as unhandled.
      task.catch(() => undefined);
      running.push(task);
      const first = running.length >= concurrency ? running.shift() : undefined;
      if (first !== undefined) yield await first;
    }
    for (const task of running) yield await task;
  }

  async close(): Promise<void> {
    await this.source?.close();
    await this.store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #findTile(
    tile: TileCoord,
    signal: AbortSignal | undefined,
  ): Promise<{ tile: TileCoord; stored: StoredTile | null }> {
    try {
      return { tile, stored: await this.getTile(tile, { signal }) };
    } catch (error) {
      if (isTilthError(error, "tile.missing")) return { tile, stored: null };
      throw error;
    }
  }

  async #fetchAndKeep(tile: TileCoord, known: StoredTile | null, signal: AbortSignal): Promise<StoredTile> {
    const source = this.source;
    if (source === null) return present(known, tile);
    const answer = await fetchTileWithRetry(source, tile, {
      signal,
      etag: known?.etag,
      lastModified: known?.lastModified,
    });
    const fetchedAtMs = this.#now();
    const write = toWrite(tile, answer, fetchedAtMs, source.info.id);
    await this.store.putMany([write]);
    return this.store.get(tile).catch((error: unknown) => {
      if (write.kind !== "empty") throw error;
      return {
        tile,
        status: "empty" as const,
        fetchedAtMs,
        sizeBytes: 0,
        etag: null,
        lastModified: null,
        sha256: null,
        sourceId: source.info.id,
        data: null,
      };
    });
  }
}

/** What a source answered, as a write. */
export function toWrite(
  tile: TileCoord,
  answer: Awaited<ReturnType<TileSource["fetchTile"]>>,
  fetchedAtMs: number,
  sourceId: string,
): TileWrite {
  switch (answer.kind) {
    case "tile":
      return {
        kind: "tile",
        tile,
        data: answer.data,
        fetchedAtMs,
        etag: answer.etag,
        lastModified: answer.lastModified,
        sourceId,
      };
    case "notModified":
      return { kind: "renew", tile, fetchedAtMs, etag: answer.etag, lastModified: answer.lastModified };
    case "empty":
      return { kind: "empty", tile, fetchedAtMs, sourceId };
  }
}

function present(known: StoredTile | null, tile: TileCoord): StoredTile {
  if (known !== null && known.status === "present") return known;
  throw new TilthError("tile.missing", `there is no tile ${keyOf(tile)}`, { fields: { tile } });
}

function keyOf(tile: TileCoord): string {
  return `${tile.z}/${tile.x}/${tile.y}`;
}

function requireSameGrid(source: TileSource, store: TileStore): void {
  const [wanted, has] = [source.info.grid, store.grid];
  const same =
    wanted.crs.code === has.crs.code ||
    (wanted.crs.separable && has.crs.unit === "degree" && wanted.crs.unit === "degree");
  const [a, b] = [wanted.matrices[0], has.matrices[0]];
  const aligned =
    a !== undefined && b !== undefined && a.matrixWidth === b.matrixWidth && a.matrixHeight === b.matrixHeight;
  if (same && aligned) return;
  throw new TilthError(
    "store.mismatch",
    `expected a cache in the source's grid ${wanted.id}, got ${has.id} in ${store.location}; choose another file`,
    {
      fields: { sourceGrid: wanted.id, storeGrid: has.id },
    },
  );
}

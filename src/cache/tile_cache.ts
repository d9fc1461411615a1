import { CancelledError, isTilthError, TilthError } from "../core/index.ts";
import { sameGrid, type TileCoord } from "../grid/index.ts";
import { fetchCountedTile, type Priority, type SourceTile, type TileSource } from "../source/index.ts";
import type { StoredTile, TileStore, TileWrite } from "../store/index.ts";
import { SharedFlights } from "./shared_flights.ts";

export interface GetTileOptions {
  signal?: AbortSignal;
  /** "batch" when no person waits for it: when it must be fetched, live requests of its host go first. @default "live" */
  priority?: Priority;
}

export interface TileCacheOptions {
  store: TileStore;
  /** null for a cache that only answers from its file. */
  source: TileSource | null;
  /** Tiles older than this are fetched again (conditionally) when asked for, ms; never when absent. */
  maxAgeMs?: number;
  /**
   * A stale tile is given at once and renewed behind the caller's back, at most so many at a time; beyond that it is only given.
   * When absent, the caller waits for the renewal.
   */
  staleWhileRefresh?: { maxRefreshes: number };
  /** UTC milliseconds. */
  now?: () => number;
}

/** A source, a grid and a store under one name: what is there is read, what is missing is fetched once and kept. */
export class TileCache implements AsyncDisposable {
  readonly store: TileStore;
  readonly source: TileSource | null;
  /** Tiles older than this are stale, ms; undefined when they never are. */
  readonly maxAgeMs: number | undefined;
  readonly #now: () => number;
  readonly #flights = new SharedFlights<StoredTile>();
  readonly #looks = new SharedFlights<SourceTile>();
  /** 0: the caller waits for each renewal. */
  readonly #maxRefreshes: number;
  readonly #refreshes = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();

  /** @throws `store.mismatch` when source and store have different grids; `argument.invalid` */
  constructor(options: TileCacheOptions) {
    const { source, store } = options;
    if (source !== null) requireSameGrid(source, store);
    this.store = store;
    this.source = source;
    this.maxAgeMs = options.maxAgeMs;
    this.#now = options.now ?? Date.now;
    this.#maxRefreshes = checkRefreshes(options.staleWhileRefresh);
  }

  /** Before this time (UTC ms) a tile is stale; undefined when tiles never are. */
  get staleBeforeMs(): number | undefined {
    return this.maxAgeMs === undefined ? undefined : this.#now() - this.maxAgeMs;
  }

  /**
   * A tile from the store, else from the source (then kept). However many ask at once, it is fetched once.
   * A stale tile that cannot be renewed is given as it is; with `staleWhileRefresh` it is given before that is tried.
   * @throws `tile.missing` when there is no tile here; the source's error when it cannot be fetched; CancelledError
   */
  async getTile(tile: TileCoord, options: GetTileOptions = {}): Promise<StoredTile> {
    const known = await this.store.find(tile, options);
    const fresh = known !== null && known.fetchedAtMs >= (this.staleBeforeMs ?? -Infinity);
    if (this.source === null || fresh) return present(known, tile);
    if (known !== null && this.#maxRefreshes > 0) {
      this.#refresh(tile, known);
      return present(known, tile);
    }
    return present(await this.#renew(tile, known, options), tile);
  }

  /**
   * The source's tile as it is now, past the store: nothing is read there and nothing is kept. However many ask at once, it is fetched once.
   * @throws `tile.missing` where the source has none, or there is no source; the source's error; CancelledError
   */
  async fetchUnkept(tile: TileCoord, { signal, priority = "live" }: GetTileOptions = {}): Promise<Uint8Array> {
    const { source } = this;
    if (source === null) throw missing(tile);
    const fetchNow = async (flight: AbortSignal): Promise<SourceTile> =>
      (await fetchCountedTile(source, tile, { signal: flight, priority })).answer;
    const answer = await this.#looks.join(keyOf(tile), fetchNow, signal);
    if (answer.kind === "tile") return answer.data;
    throw missing(tile);
  }

  async #renew(tile: TileCoord, known: StoredTile | null, options: GetTileOptions): Promise<StoredTile> {
    const { signal, priority = "live" } = options;
    try {
      return await this.#flights.join(
        keyOf(tile),
        (flight) => this.#fetchAndKeep(tile, known, flight, priority),
        signal,
      );
    } catch (error) {
      if (known?.status === "present" && !isTilthError(error, "cancelled")) return known;
      throw error;
    }
  }

  /** Renews in the background, where nobody waits. What fails is asked for again by the next caller, who gets the stale tile as well. */
  #refresh(tile: TileCoord, known: StoredTile): void {
    const key = keyOf(tile);
    const { signal } = this.#stop;
    if (signal.aborted || this.#refreshes.has(key) || this.#refreshes.size >= this.#maxRefreshes) return;
    const forget = (): void => void this.#refreshes.delete(key);
    let work: Promise<unknown> = Promise.resolve();
    const joined = this.#flights.join(
      key,
      (flight) => {
        const fetching = this.#fetchAndKeep(tile, known, flight, "batch");
        work = fetching;
        return fetching;
      },
      signal,
    );
    // Who is aborted leaves at once; the store must not be closed before the work itself has ended.
    this.#refreshes.set(key, Promise.allSettled([joined, work]).then(forget));
  }

  /** Tiles in the order asked; null where there is none. At most `concurrency` (8) are under way. */
  async *getTiles(
    tiles: Iterable<TileCoord>,
    options: GetTileOptions & { concurrency?: number } = {},
  ): AsyncGenerator<{ tile: TileCoord; stored: StoredTile | null }> {
    const { concurrency = 8 } = options;
    const running: Promise<{ tile: TileCoord; stored: StoredTile | null }>[] = [];
    for (const tile of tiles) {
      const task = this.#findTile(tile, options);
      // The error is seen when its turn comes; until then it must not count as unhandled.
      task.catch(() => undefined);
      running.push(task);
      const first = running.length >= concurrency ? running.shift() : undefined;
      if (first !== undefined) yield await first;
    }
    for (const task of running) yield await task;
  }

  /** Background renewals are broken off and waited for. */
  async close(): Promise<void> {
    this.#stop.abort(new CancelledError());
    await Promise.all(this.#refreshes.values());
    await this.source?.close();
    await this.store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #findTile(
    tile: TileCoord,
    { signal, priority }: GetTileOptions,
  ): Promise<{ tile: TileCoord; stored: StoredTile | null }> {
    try {
      return { tile, stored: await this.getTile(tile, { signal, priority }) };
    } catch (error) {
      if (isTilthError(error, "tile.missing")) return { tile, stored: null };
      throw error;
    }
  }

  async #fetchAndKeep(
    tile: TileCoord,
    known: StoredTile | null,
    signal: AbortSignal,
    priority: Priority,
  ): Promise<StoredTile> {
    const source = this.source;
    if (source === null) return present(known, tile);
    const { answer, attempts } = await fetchCountedTile(source, tile, {
      signal,
      priority,
      etag: known?.etag,
      lastModified: known?.lastModified,
    });
    const fetchedAtMs = this.#now();
    const write = toWrite(tile, answer, { fetchedAtMs, sourceId: source.info.id, attempts });
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
        attempts,
        data: null,
      };
    });
  }
}

/** What a source answered, as a write. `attempts` of 0 are unknown: none was made for this tile. */
export function toWrite(
  tile: TileCoord,
  answer: SourceTile,
  fetched: { fetchedAtMs: number; sourceId: string; attempts: number | null },
): TileWrite {
  const { fetchedAtMs, sourceId } = fetched;
  const attempts = fetched.attempts === 0 ? null : fetched.attempts;
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
        attempts,
      };
    case "notModified":
      return { kind: "renew", tile, fetchedAtMs, etag: answer.etag, lastModified: answer.lastModified, attempts };
    case "empty":
      return { kind: "empty", tile, fetchedAtMs, sourceId, attempts };
  }
}

function present(known: StoredTile | null, tile: TileCoord): StoredTile {
  if (known !== null && known.status === "present") return known;
  throw missing(tile);
}

function missing(tile: TileCoord): TilthError {
  return new TilthError("tile.missing", `there is no tile ${keyOf(tile)}`, { fields: { tile } });
}

function keyOf(tile: TileCoord): string {
  return `${tile.z}/${tile.x}/${tile.y}`;
}

function checkRefreshes(options: TileCacheOptions["staleWhileRefresh"]): number {
  if (options === undefined) return 0;
  const { maxRefreshes } = options;
  if (Number.isInteger(maxRefreshes) && maxRefreshes >= 1) return maxRefreshes;
  throw new TilthError("argument.invalid", `expected a whole number of refreshes from 1, got ${maxRefreshes}`, {
    fields: { maxRefreshes },
  });
}

/** One may have more levels than the other: an address that both have must mean the same tile. */
function requireSameGrid(source: TileSource, store: TileStore): void {
  const [wanted, has] = [source.info.grid, store.grid];
  if (sameGrid(wanted, has)) return;
  throw new TilthError(
    "store.mismatch",
    `expected a cache in the source's grid ${wanted.id}, got ${has.id} in ${store.location}; choose another file`,
    {
      fields: { sourceGrid: wanted.id, storeGrid: has.id },
    },
  );
}

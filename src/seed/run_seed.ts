import {
  isCancelled,
  isTilthError,
  silentLogger,
  systemClock,
  TilthError,
  type Clock,
  type Logger,
} from "../core/index.ts";
import type { PlanBlock, TileCoord, TilePlan } from "../grid/index.ts";
import {
  fetchTiles,
  toWrite,
  type SettledTile,
  type TileRequest,
  type TileSource,
  type TileStore,
} from "../cache/index.ts";
import { failedTile, type FailedRun } from "./failed_list.ts";
import { listMissingBatches } from "./missing_batches.ts";
import type { SeedProgress, SeedReport } from "./progress.ts";
import { requireServedZooms } from "./served_zooms.ts";
import { SeedBooks } from "./seed_books.ts";
import { StoreWriter } from "./store_writer.ts";
import { saveTask, type SeedTask } from "./seed_task.ts";
import { countPlan, type PlanCount } from "./verify_plan.ts";

/** What a seed needs of a store. */
export type SeedStore = Pick<TileStore, "location" | "readPresence" | "readRecords" | "putMany" | "putTask">;

export interface SeedOptions {
  /** A `TileCache`, or whatever else stands for one. */
  cache: { readonly store: SeedStore; readonly source: TileSource | null };
  plan: TilePlan;
  /** Kept in the file with the report; null for work that is part of another task (retry, repair). */
  task: SeedTask | null;
  /** Tiles older than this are fetched again, conditionally, ms. */
  refreshAgeMs?: number;
  /** The same as a fixed moment, UTC ms; goes before `refreshAgeMs`. */
  staleBeforeMs?: number;
  /** How long a fetched tile may wait for its commit, how many tiles one has, and the wait for a store that is away. @default 1000 ms, 500, 2000 ms */
  commit?: { readonly maxDelayMs: number; readonly batchCount: number; readonly retryMs: number };
  /** Further attempts for each tile. @default 5 */
  retries?: number;
  /** Told of every failed tile, or run of tiles, as it fails; waited for. */
  onFailed?: (run: FailedRun) => void | Promise<void>;
  /** Receives a function that gives the progress at any time, before anything is fetched. */
  onStart?: (readProgress: () => SeedProgress) => void;
  signal?: AbortSignal;
  clock?: Clock;
  logger?: Logger;
  random?: () => number;
}

/**
 * Fills a cache: plan -> missing -> fetch -> check -> bounded queue -> batched writes. Memory does not depend on the size of the plan.
 * Resolves to the report also when it was cancelled (`stopped: "cancelled"`) or the host was given up; everything fetched is committed.
 * @throws `grid.level` for a zoom that the source does not serve, `store.*` when the store refuses, `seed.incomplete` when the store does not hold what was counted
 */
export async function runSeed(options: SeedOptions): Promise<SeedReport> {
  return new SeedRun(options).run();
}

class SeedRun {
  readonly #options: SeedOptions;
  readonly #source: TileSource;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #books: SeedBooks;
  readonly #writer: StoreWriter;
  readonly #abort = new AbortController();
  readonly #blocks: AsyncGenerator<Iterable<TileRequest>>;
  #isStoreAway = false;

  constructor(options: SeedOptions) {
    const { cache, plan, clock = systemClock, logger = silentLogger } = options;
    if (cache.source === null)
      throw new TilthError("source.invalid", "expected a cache with a source to seed from, got none");
    requireServedZooms(
      cache.source.info,
      plan.levels.map(({ z }) => z),
    );
    this.#options = options;
    this.#source = cache.source;
    this.#clock = clock;
    this.#logger = logger;
    this.#books = new SeedBooks(plan.count, cache.source, clock);
    this.#writer = new StoreWriter({
      store: cache.store,
      clock,
      ...options.commit,
      onCommitted: (writes, sizeBytes) => this.#books.addCommitted(writes, sizeBytes),
      onDiskFull: (full) => this.#onDiskFull(full),
      onStoreAway: (away) => this.#onStoreAway(away),
    });
    this.#blocks = listMissingBatches({
      store: cache.store,
      plan,
      staleBeforeMs: staleBeforeOf(options, clock),
      onBlock: (block, scan) => this.#onBlock(block, scan),
      signal: this.#abort.signal,
    });
  }

  async run(): Promise<SeedReport> {
    const { onStart, signal } = this.#options;
    await this.#saveTask(null);
    onStart?.(() => this.#books.progress);
    const onAbort = (): void => {
      this.#abort.abort(signal?.reason);
      this.#writer.giveUpWaiting();
    };
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      return await this.#fetchAndFinish();
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.#abort.abort();
    }
  }

  async #fetchAndFinish(): Promise<SeedReport> {
    const { failed } = this.#writer.start();
    let stopped: SeedReport["stopped"] = null;
    try {
      const how = await Promise.race([this.#fetchAll(), failed]);
      if (how === "dead") {
        await this.#failRest();
        stopped = "hostDead";
      }
    } catch (error) {
      if (!isCancelled(error)) {
        await this.#breakOff(error);
        throw error;
      }
      stopped = "cancelled";
    }
    this.#books.state = "finishing";
    await this.#writer.finish().catch((error: unknown) => {
      // A cancel on a full disk: what could not be written counts as cancelled, not as lost.
      if (!isCancelled(error)) throw error;
      stopped = "cancelled";
    });
    const report = await this.#closeBooks(stopped);
    this.#books.state = "ended";
    return report;
  }

  /** Nothing is left running, and what was fetched is kept where the store still takes it; `error` is the one that is told. */
  async #breakOff(error: unknown): Promise<void> {
    this.#abort.abort(error);
    this.#writer.giveUpWaiting();
    await this.#writer.finish().catch(() => undefined);
  }

  async #fetchAll(): Promise<"done" | "dead"> {
    const { retries, random } = this.#options;
    return fetchTiles(this.#source, {
      batches: this.#blocks,
      settle: (request, settled) => this.#settle(request.tile, settled),
      onRetry: (_request, error) => this.#books.addAttemptError(error),
      signal: this.#abort.signal,
      retry: retries === undefined ? {} : { maxRetries: retries },
      clock: this.#clock,
      random,
    });
  }

  #settle(tile: TileCoord, settled: SettledTile): void | Promise<void> {
    if ("result" in settled) {
      const { result, attempts } = settled;
      const sourceId = this.#source.info.id;
      const write = toWrite(tile, result, { fetchedAtMs: this.#clock.now(), sourceId, attempts });
      return this.#writer.put(write, this.#abort.signal);
    }
    this.#books.addAttemptError(settled.error);
    return this.#fail(failedTile(tile, settled.error), settled.error);
  }

  #fail(run: FailedRun, error: unknown): void | Promise<void> {
    this.#books.addFailed(error, run.maxX - run.minX + 1);
    return this.#options.onFailed?.(run);
  }

  #onBlock(block: PlanBlock, scan: { present: number; empty: number }): void {
    this.#books.zoom = block.range.z;
    this.#books.counts.present += scan.present;
    this.#books.counts.empty += scan.empty;
  }

  #onDiskFull(full: boolean): void {
    this.#books.state = full ? "pausedDiskFull" : "running";
    this.#logger.warn(full ? "Disk:Full" : "Disk:Space", { location: this.#options.cache.store.location });
  }

  #onStoreAway(away: boolean): void {
    this.#isStoreAway = away;
    this.#logger.warn(away ? "Store:Away" : "Store:Back", { location: this.#options.cache.store.location });
  }

  /** The host was given up: the rest of the plan is counted, tile runs by tile runs, without a request. */
  async #failRest(): Promise<void> {
    const error = new TilthError(
      "http.breakerOpen",
      `${this.#source.hosts.map((host) => host.host).join(", ")} does not answer; not asked`,
    );
    for await (const batch of this.#blocks) {
      for (const run of listRuns(batch)) await this.#fail({ ...run, code: error.code, message: error.message }, error);
    }
  }

  async #closeBooks(stopped: SeedReport["stopped"]): Promise<SeedReport> {
    const books = this.#books;
    const held = stopped === "cancelled" ? null : await this.#countHeld();
    if (held === null) {
      books.closeAsCancelled();
      const report = books.makeReport(false, "cancelled");
      // Who cancels while the store is away does not wait for it.
      if (this.#isStoreAway) return report;
      await this.#saveTask(report).catch((error: unknown) => {
        // Who cancels on a full disk wants out; the task was written when the seed began.
        if (!isTilthError(error, "store.full")) throw error;
      });
      return report;
    }
    requireBalance(books, held.missing);
    const report = books.makeReport(held.missing === 0 && books.counts.failed === 0, stopped);
    await this.#saveTask(report);
    return report;
  }

  /** null when it was cancelled. */
  async #countHeld(): Promise<PlanCount | null> {
    const { cache, plan } = this.#options;
    try {
      return await countPlan(cache.store, plan, { signal: this.#abort.signal });
    } catch (error) {
      if (isCancelled(error)) return null;
      throw error;
    }
  }

  async #saveTask(report: SeedReport | null): Promise<void> {
    const { task, cache } = this.#options;
    if (task !== null) await saveTask(cache.store, task, report, this.#clock.now());
  }
}

function staleBeforeOf({ staleBeforeMs, refreshAgeMs }: SeedOptions, clock: Clock): number | undefined {
  if (staleBeforeMs !== undefined) return staleBeforeMs;
  return refreshAgeMs === undefined ? undefined : clock.now() - refreshAgeMs;
}

/** Neighbours in a row as one run. */
function* listRuns(batch: Iterable<TileRequest>): Generator<{ z: number; y: number; minX: number; maxX: number }> {
  let run: { z: number; y: number; minX: number; maxX: number } | null = null;
  for (const { tile } of batch) {
    if (run !== null && tile.y === run.y && tile.z === run.z && tile.x === run.maxX + 1) run.maxX = tile.x;
    else {
      if (run !== null) yield run;
      run = { z: tile.z, y: tile.y, minX: tile.x, maxX: tile.x };
    }
  }
  if (run !== null) yield run;
}

/** @throws `seed.incomplete` when tiles have no outcome, or the store lacks tiles that no failure explains */
function requireBalance(books: SeedBooks, missing: number): void {
  const { planned, present, stored, empty, failed } = books.counts;
  const open = planned - present - stored - empty - failed;
  if (open === 0 && missing <= failed) return;
  const message = `expected an outcome for each of ${planned} tiles and at most ${failed} missing in the file, got ${open} without and ${missing} missing; run the seed again`;
  throw new TilthError("seed.incomplete", message, { fields: { planned, open, missing, failed } });
}

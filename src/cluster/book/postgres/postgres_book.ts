import { silentLogger, type Clock, type Logger } from "../../../core/index.ts";
import {
  openPostgres,
  withReconnect,
  type PostgresDatabase,
  type PostgresTransaction,
} from "../../../postgres/index.ts";
import { openPostgresStore, type PostgresTileStore } from "../../../store/index.ts";
import type { BlockLease, ClusterBook, CutBlocks } from "../cluster_book.ts";
import { claimBlock } from "./claim_block.ts";
import { buryDead, retrySeed, setSeedState } from "./control_seed.ts";
import { cutBlocks, LIST_HUNGRY } from "./cut_blocks.ts";
import { listenToAll } from "./events.ts";
import { JobQueue } from "./job_queue.ts";
import { reportWorker } from "./report_worker.ts";
import { getStatus, listDead, listFailed, listStatus } from "./seed_status.ts";
import { getSeed, submitSeed } from "./seeds.ts";
import { migrateBook } from "./tables.ts";
import { commitBatch, completeBlock, failBlock, giveBackBlock, noteScan } from "./write_block.ts";

export interface OpenPostgresBookOptions {
  readonly signal?: AbortSignal;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** @default 6 */
  readonly maxConnections?: number;
}

/** Stores open at a time; far more than a worker has blocks of different seeds. */
const MAX_STORES = 64;
/** Transactions in each other's way are over at once. */
const CONFLICT_WAIT_MS = 30_000;

/**
 * The books in a PostgreSQL database: tables `tilth.*`, jobs in `tilth_jobs.*` by pg-boss. Made where they are missing.
 * @throws `postgres.*`
 */
export async function openPostgresBook(url: string, options: OpenPostgresBookOptions = {}): Promise<ClusterBook> {
  const { signal, logger = silentLogger, clock, maxConnections = 6 } = options;
  const database = await openPostgres(url, { signal, clock, maxConnections });
  try {
    await migrateBook(database, signal);
    return new PostgresBook(database, await JobQueue.open(database, logger));
  } catch (error) {
    await database.close();
    throw error;
  }
}

type BookMethod<Name extends keyof ClusterBook> = ClusterBook[Name];

class PostgresBook implements ClusterBook {
  readonly location: string;
  readonly #database: PostgresDatabase;
  readonly #queue: JobQueue;
  /** Caches that blocks are written to; by seed. */
  readonly #stores = new Map<string, Promise<PostgresTileStore>>();

  constructor(database: PostgresDatabase, queue: JobQueue) {
    this.location = database.location;
    this.#database = database;
    this.#queue = queue;
  }

  submit: BookMethod<"submit"> = (definition, planned, signal) =>
    this.#transaction((transaction) => submitSeed(transaction, this.#queue, definition, planned), signal);

  getSeed: BookMethod<"getSeed"> = (id, signal) => getSeed(this.#database, id, signal);
  getStatus: BookMethod<"getStatus"> = (id, signal) => getStatus(this.#database, id, signal);
  listSeeds: BookMethod<"listSeeds"> = (signal) => listStatus(this.#database, signal);
  listDead: BookMethod<"listDead"> = (id, signal) => listDead(this.#database, id, signal);
  listFailed: BookMethod<"listFailed"> = (id, signal) => listFailed(this.#database, id, signal);

  async listHungry(signal?: AbortSignal): Promise<string[]> {
    const rows = await this.#database.query<{ id: string }>(LIST_HUNGRY, [], { signal });
    return rows.map(({ id }) => id);
  }

  cut(seedId: string, cut: CutBlocks): Promise<number> {
    return this.#transaction((transaction) => cutBlocks(transaction, this.#queue, seedId, cut));
  }

  async claim(worker: string, withoutSeeds: readonly string[] = []): Promise<BlockLease | null> {
    for (;;) {
      const claimed = await this.#transaction((transaction) =>
        claimBlock(transaction, this.#queue, worker, withoutSeeds),
      );
      if (claimed !== "again") return claimed;
    }
  }

  noteScan: BookMethod<"noteScan"> = (lease, scan) =>
    this.#transaction((transaction) => noteScan(transaction, lease, scan));

  commit: BookMethod<"commit"> = async (lease, batch) => {
    const store = await this.#storeOf(lease.seedId);
    await this.#transaction((transaction) => commitBatch(transaction, store, lease, batch));
  };

  complete: BookMethod<"complete"> = async (lease, end) => {
    const store = await this.#storeOf(lease.seedId);
    await this.#transaction((transaction) => completeBlock(transaction, this.#queue, store, lease, end));
  };

  giveBack: BookMethod<"giveBack"> = (lease) =>
    this.#transaction((transaction) => giveBackBlock(transaction, this.#queue, lease));

  fail: BookMethod<"fail"> = (lease, error) =>
    this.#transaction((transaction) => failBlock(transaction, this.#queue, lease, error));

  report: BookMethod<"report"> = (report) =>
    this.#transaction((transaction) => reportWorker(transaction, this.#queue, report));

  async tidy(): Promise<void> {
    await this.#queue.tidy();
    await this.#transaction((transaction) => buryDead(transaction, this.#queue));
  }

  setState: BookMethod<"setState"> = (id, state) =>
    this.#transaction((transaction) => setSeedState(transaction, id, state));

  retry: BookMethod<"retry"> = (id) => this.#transaction((transaction) => retrySeed(transaction, this.#queue, id));

  listen: BookMethod<"listen"> = (onEvent) => listenToAll(this.#database, onEvent);

  openTiles(cache: string, signal?: AbortSignal): Promise<PostgresTileStore> {
    return openPostgresStore(this.#database, { mode: "write", layer: cache, signal });
  }

  async close(): Promise<void> {
    await this.#queue.close();
    const stores = await Promise.allSettled(this.#stores.values());
    for (const store of stores) if (store.status === "fulfilled") await store.value.close();
    await this.#database.close();
  }

  /** Again and again while another transaction is in the way; while the server is away it is for the caller to wait. */
  #transaction<T>(run: (transaction: PostgresTransaction) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const once = (): Promise<T> => this.#database.transaction(run, { signal });
    return withReconnect(once, { signal, only: "postgres.conflict", maxWaitMs: CONFLICT_WAIT_MS });
  }

  #storeOf(seedId: string): Promise<PostgresTileStore> {
    const known = this.#stores.get(seedId);
    if (known !== undefined) return known;
    const opening = this.getSeed(seedId).then(({ definition }) => this.openTiles(definition.cache));
    for (const [oldest, store] of this.#stores) {
      if (this.#stores.size < MAX_STORES) break;
      this.#stores.delete(oldest);
      void store.then((opened) => opened.close()).catch(() => undefined);
    }
    this.#stores.set(seedId, opening);
    // Asked for again by the next one.
    opening.catch(() => this.#stores.delete(seedId));
    return opening;
  }
}

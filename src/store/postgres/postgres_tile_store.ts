import { abortable, throwIfAborted } from "../../core/index.ts";
import { withReconnect, type PostgresDatabase, type PostgresTransaction } from "../../postgres/index.ts";
import type { TileCoord, TileMatrixSet, TileRange } from "../../grid/index.ts";
import { checkAnswerSize, checkRange, checkWrites, closedStore, missingTile, readOnlyStore } from "../checks.ts";
import { sniffFormat } from "../sniff_format.ts";
import type {
  DeleteFilter,
  PresenceOptions,
  ReadOptions,
  StoreCounts,
  StoredTile,
  StoreMetadata,
  StoreTask,
  TileRecord,
  TileStore,
  TileWrite,
} from "../tile_store.ts";
import { writeMetadata } from "./caches.ts";
import { checkIntegrity } from "./check_integrity.ts";
import { deleteTiles, removeReleased } from "./delete_tiles.ts";
import { asStoreError, storeErrorOf } from "./errors.ts";
import { finalWrites, splitByBytes } from "./final_writes.ts";
import { listTiles } from "./list_tiles.ts";
import { putTiles } from "./put_tiles.ts";
import {
  countTiles,
  findTile,
  listLevels,
  readExtents,
  readPresence,
  readRecords,
  type CacheTables,
} from "./read_tiles.ts";
import { listTasks, putTask } from "./tasks.ts";

export interface PostgresTileStoreOptions {
  readonly database: PostgresDatabase;
  readonly cacheId: number;
  readonly location: string;
  readonly grid: TileMatrixSet;
  readonly metadata: StoreMetadata;
  readonly readOnly: boolean;
  /** Closes the database with the store. */
  readonly ownsDatabase: boolean;
}

/** Bytes of one statement. */
const PART_BYTES = 16_777_216;
/** Deadlocks and the like are over at once; writes to a server that is away are for the caller to wait for. */
const CONFLICT_WAIT_MS = 30_000;
/** Statements that read, and those that may be done twice, wait for a server that restarts. */
const AWAY_WAIT_MS = 60_000;

/**
 * A cache in a PostgreSQL database. Any number of processes write at once: of two writes to an address the one that is committed last
 * counts, as in every store. Equal contents are kept once for the whole database. Errors of the server are `postgres.*`.
 */
export class PostgresTileStore implements TileStore {
  readonly kind = "postgres";
  readonly location: string;
  readonly grid: TileMatrixSet;
  readonly readOnly: boolean;
  readonly #database: PostgresDatabase;
  readonly #tables: CacheTables;
  readonly #ownsDatabase: boolean;
  #metadata: StoreMetadata;
  /** Writes of this object are done in the order in which they were asked for. */
  #lastWrite: Promise<unknown> = Promise.resolve();
  readonly #stop = new AbortController();
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor(options: PostgresTileStoreOptions) {
    this.location = options.location;
    this.grid = options.grid;
    this.readOnly = options.readOnly;
    this.#database = options.database;
    this.#tables = { database: patient(options.database, this.#stop.signal), cacheId: options.cacheId };
    this.#ownsDatabase = options.ownsDatabase;
    this.#metadata = options.metadata;
  }

  get metadata(): StoreMetadata {
    return this.#metadata;
  }

  async has(tile: TileCoord, options: ReadOptions = {}): Promise<boolean> {
    return (await this.#find(tile, false, options))?.status === "present";
  }

  async readPresence(range: TileRange, options: PresenceOptions = {}): Promise<Uint8Array> {
    this.#checkOpen(options);
    checkAnswerSize(this.grid, range);
    return readPresence(this.#tables, range, options);
  }

  async find(tile: TileCoord, options: ReadOptions = {}): Promise<StoredTile | null> {
    return this.#find(tile, true, options);
  }

  async get(tile: TileCoord, options: ReadOptions = {}): Promise<StoredTile> {
    const found = await this.#find(tile, true, options);
    if (found === null || found.data === null) throw missingTile(this.location, tile);
    return found;
  }

  async readRecords(range: TileRange, options: ReadOptions = {}): Promise<TileRecord[]> {
    this.#checkOpen(options);
    checkAnswerSize(this.grid, range);
    return readRecords(this.#tables, range, options);
  }

  async putMany(writes: readonly TileWrite[]): Promise<void> {
    this.#checkWritable();
    checkWrites(this.grid, writes);
    if (writes.length === 0) return;
    const { cacheId } = this.#tables;
    const parts = splitByBytes(finalWrites(writes), PART_BYTES);
    const format = this.#formatOf(writes);
    await this.#inOrder(() =>
      withoutConflict(() =>
        this.#database.transaction(async (transaction) => {
          for (const part of parts) await putTiles(transaction, cacheId, part);
          if (format !== null) await noteFormat(transaction, cacheId, format);
        }),
      ),
    );
    if (format !== null) this.#metadata = { ...this.#metadata, format };
  }

  /**
   * The same within a transaction of the caller on the same database, who commits it together with other work. Writes are not put in order
   * with those of `putMany`. After a `postgres.conflict` the caller begins its transaction again.
   */
  async putManyWithin(transaction: PostgresTransaction, writes: readonly TileWrite[]): Promise<void> {
    this.#checkWritable();
    checkWrites(this.grid, writes);
    const format = this.#formatOf(writes);
    const { cacheId } = this.#tables;
    try {
      for (const part of splitByBytes(finalWrites(writes), PART_BYTES)) await putTiles(transaction, cacheId, part);
      if (format !== null) await noteFormat(transaction, cacheId, format);
    } catch (error) {
      throw storeErrorOf(error, this.location);
    }
  }

  /** As `readPresence`, as a transaction of the caller on the same database sees it. */
  async readPresenceWithin(transaction: PostgresTransaction, range: TileRange): Promise<Uint8Array> {
    this.#checkOpen();
    checkAnswerSize(this.grid, range);
    return readPresence({ database: transaction, cacheId: this.#tables.cacheId }, range, {});
  }

  /** Contents that no tile has any more are removed as well, but for those that another process holds at the moment. */
  async delete(filter: DeleteFilter, options: ReadOptions = {}): Promise<number> {
    this.#checkWritable(options);
    if (filter.range !== undefined) checkRange(this.grid, filter.range);
    return this.#inOrder(async () => {
      const deleted = await withoutConflict(() => deleteTiles(this.#tables, filter, options), options);
      if (deleted > 0) await this.removeUnused(options);
      return deleted;
    }, options);
  }

  /** Removes contents that no tile has any more, of all caches of the database. `delete` and `close` do it by themselves. */
  async removeUnused(options: ReadOptions = {}): Promise<void> {
    this.#checkWritable(options);
    await withoutConflict(() => removeReleased(this.#database, options), options);
  }

  async *list(options: ReadOptions & { range?: TileRange; withData?: boolean } = {}): AsyncGenerator<StoredTile> {
    const { range, withData = true, signal } = options;
    this.#checkOpen(options);
    if (range !== undefined) checkRange(this.grid, range);
    const levels = range === undefined ? await this.listLevels({ signal }) : [range.z];
    for (const z of levels) yield* listTiles(this.#tables, range ?? this.grid.levelRange(z), { withData, signal });
  }

  async count(options: ReadOptions & { z?: number } = {}): Promise<StoreCounts> {
    this.#checkOpen(options);
    return countTiles(this.#tables, options);
  }

  async listLevels(options: ReadOptions = {}): Promise<number[]> {
    this.#checkOpen(options);
    return listLevels(this.#tables, options);
  }

  async readExtents(options: ReadOptions = {}): Promise<TileRange[]> {
    this.#checkOpen(options);
    return readExtents(this.#tables, options);
  }

  async listTasks(options: ReadOptions = {}): Promise<StoreTask[]> {
    this.#checkOpen(options);
    return listTasks(this.#tables, options);
  }

  async putTask(task: StoreTask): Promise<void> {
    this.#checkWritable();
    await this.#inOrder(() => putTask(this.#tables, task));
  }

  async updateMetadata(changes: Partial<StoreMetadata>): Promise<void> {
    this.#checkWritable();
    await this.#inOrder(async () => {
      const metadata = { ...this.#metadata, ...changes };
      await writeMetadata(this.#tables.database, this.#tables.cacheId, metadata);
      this.#metadata = metadata;
    });
  }

  async checkIntegrity(options: ReadOptions = {}): Promise<string[]> {
    this.#checkOpen(options);
    return checkIntegrity(this.#tables, options);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    this.#stop.abort(closedStore(this.location));
    await this.#lastWrite;
    if (!this.readOnly) {
      // What is left now goes with the next close: nothing depends on it.
      await removeReleased(this.#database).catch(() => undefined);
    }
    if (this.#ownsDatabase) await this.#database.close();
  }

  async #find(tile: TileCoord, withData: boolean, options: ReadOptions): Promise<StoredTile | null> {
    this.#checkOpen(options);
    if (!this.grid.hasTile(tile)) return null;
    return findTile(this.#tables, tile, { ...options, withData });
  }

  /** One write after another; who gives up while it waits is not written. */
  async #inOrder<T>(write: () => Promise<T>, { signal }: ReadOptions = {}): Promise<T> {
    const before = this.#lastWrite;
    const turn = before.then(async () => {
      throwIfAborted(signal);
      return asStoreError(write(), this.location);
    });
    this.#lastWrite = turn.catch(() => undefined);
    return abortable(turn, signal);
  }

  /** The first tile says what the store holds, unless somebody has said it already. */
  #formatOf(writes: readonly TileWrite[]): StoreMetadata["format"] {
    if (this.#metadata.format !== null) return null;
    const first = writes.find((write) => write.kind === "tile");
    return first?.kind === "tile" ? sniffFormat(first.data) : null;
  }

  #checkOpen({ signal }: ReadOptions = {}): void {
    throwIfAborted(signal);
    if (this.#isClosed) throw closedStore(this.location);
  }

  #checkWritable(options?: ReadOptions): void {
    this.#checkOpen(options);
    if (this.readOnly) throw readOnlyStore(this.location);
  }
}

/** Again and again while another transaction is in the way, but not while the server is away. */
async function withoutConflict<T>(run: () => Promise<T>, { signal }: ReadOptions = {}): Promise<T> {
  return withReconnect(run, { signal, maxWaitMs: CONFLICT_WAIT_MS, only: "postgres.conflict" });
}

/** The same database, with statements that are given again while the server is away, until the store is closed. */
function patient(database: PostgresDatabase, closed: AbortSignal): CacheTables["database"] {
  return {
    query: async (text, values, options) => {
      const asked = options?.signal;
      const signal = asked === undefined ? closed : AbortSignal.any([asked, closed]);
      return withReconnect(() => database.query(text, values, options), { signal, maxWaitMs: AWAY_WAIT_MS });
    },
  };
}

async function noteFormat(transaction: PostgresTransaction, cacheId: number, format: string): Promise<void> {
  await transaction.query("UPDATE tilth.cache SET format = $2 WHERE id = $1 AND format IS NULL", [cacheId, format]);
}

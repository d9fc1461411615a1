import { isTilthError, throwIfAborted } from "../../core/index.ts";
import {
  openSqliteHere,
  storeErrorFrom,
  type ReadTurn,
  type SqliteBatch,
  type SqliteConnection,
} from "../../geopackage/index.ts";
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
import { tasks } from "./tasks.ts";
import type { ListPage, PageStart } from "./thread/list_tiles.ts";
import { findHere } from "./find_here.ts";
import { LEDGER_TABLE } from "./table_names.ts";
import { ledgerKey, type TileSchema } from "./tile_schema.ts";
import { packBatch, totalBytes } from "./write_batch.ts";

export interface SqliteTileStoreOptions {
  kind: string;
  location: string;
  grid: TileMatrixSet;
  metadata: StoreMetadata;
  readOnly: boolean;
  connection: SqliteConnection;
  schema: TileSchema;
  /** How this container keeps its metadata. */
  writeMetadata: (metadata: StoreMetadata) => SqliteBatch[];
}

const LIST_START: PageStart = { part: "tiles", column: -1, row: -1 };
/** Bigger buffers are given back to the system after their batch. */
const MAX_KEPT_BYTES = 33_554_432;

/** The stores whose tiles are found through an SQLite file: one implementation, told by a `TileSchema` where everything lies. */
export class SqliteTileStore implements TileStore {
  readonly kind: string;
  readonly location: string;
  readonly grid: TileMatrixSet;
  readonly readOnly: boolean;
  readonly #connection: SqliteConnection;
  readonly #schema: TileSchema;
  readonly #writeMetadata: SqliteTileStoreOptions["writeMetadata"];
  #metadata: StoreMetadata;
  #spareBuffer: ArrayBuffer | null = null;
  #hasWritten = false;
  #closing: Promise<void> | undefined;
  /** Opened by the first `findNow`. */
  #here: ReadTurn | null = null;

  constructor(options: SqliteTileStoreOptions) {
    this.kind = options.kind;
    this.location = options.location;
    this.grid = options.grid;
    this.readOnly = options.readOnly;
    this.#metadata = options.metadata;
    this.#connection = options.connection;
    this.#schema = options.schema;
    this.#writeMetadata = options.writeMetadata;
    if (options.schema.filesRoot === null && options.connection.path !== ":memory:")
      this.findNow = (tile) => this.#findHere(tile);
  }

  get metadata(): StoreMetadata {
    return this.#metadata;
  }

  async has(tile: TileCoord, options?: ReadOptions): Promise<boolean> {
    return (await this.#find(tile, false, options))?.status === "present";
  }

  async readPresence(range: TileRange, options: PresenceOptions = {}): Promise<Uint8Array> {
    checkAnswerSize(this.grid, range);
    return this.#connection.run(tasks.readPresence, [this.#schema, range, options.staleBeforeMs ?? null], options);
  }

  find(tile: TileCoord, options?: ReadOptions): Promise<StoredTile | null> {
    return this.#find(tile, true, options);
  }

  /** @see TileStore.findNow; not for folders, where a tile is a file of its own. */
  readonly findNow: TileStore["findNow"];

  async get(tile: TileCoord, options?: ReadOptions): Promise<StoredTile> {
    const found = await this.#find(tile, true, options);
    if (found === null || found.data === null) throw missingTile(this.location, tile);
    return found;
  }

  async readRecords(range: TileRange, options?: ReadOptions): Promise<TileRecord[]> {
    checkAnswerSize(this.grid, range);
    return this.#connection.run(tasks.readRecords, [this.#schema, range], options);
  }

  async putMany(writes: readonly TileWrite[]): Promise<void> {
    this.#checkWritable();
    if (writes.length === 0) return;
    checkWrites(this.grid, writes);
    const buffer = this.#takeBuffer(totalBytes(writes));
    const batch = packBatch(writes, buffer);
    this.#hasWritten = true;
    const transfer = [buffer, batch.numbers.buffer as ArrayBuffer];
    // Both are posted before the first wait: calls of putMany are done in the order in which they were made.
    const [back] = await Promise.all([
      this.#connection.run(tasks.putTiles, [this.#schema, batch], { transfer }),
      this.#noteFormat(writes),
    ]);
    this.#here?.end();
    if (back.byteLength <= MAX_KEPT_BYTES) this.#spareBuffer = back;
  }

  async delete(filter: DeleteFilter, options?: ReadOptions): Promise<number> {
    this.#checkWritable();
    if (filter.range !== undefined) checkRange(this.grid, filter.range);
    const deleted = await this.#connection.run(tasks.deleteTiles, [this.#schema, filter], options);
    this.#here?.end();
    return deleted;
  }

  async *list(options: ReadOptions & { range?: TileRange; withData?: boolean } = {}): AsyncGenerator<StoredTile> {
    const { range, withData = true, signal } = options;
    if (range !== undefined) checkRange(this.grid, range);
    const levels = range === undefined ? await this.listLevels({ signal }) : [range.z];
    for (const z of levels) {
      let start: PageStart | null = LIST_START;
      while (start !== null) {
        const within: TileRange = range ?? this.grid.levelRange(z);
        const page: ListPage = await this.#connection.run(tasks.listPage, [this.#schema, within, start, withData], {
          signal,
        });
        for (const tile of page.tiles) {
          throwIfAborted(signal);
          yield tile;
        }
        start = page.next;
      }
    }
  }

  async count(options: ReadOptions & { z?: number } = {}): Promise<StoreCounts> {
    return this.#connection.run(tasks.countTiles, [this.#schema, options.z ?? null], options);
  }

  async listLevels(options?: ReadOptions): Promise<number[]> {
    return this.#connection.run(tasks.listLevels, [this.#schema, { withEmpty: true }], options);
  }

  async readExtents(options?: ReadOptions): Promise<TileRange[]> {
    return this.#connection.run(tasks.readExtents, [this.#schema], options);
  }

  async listTasks(options?: ReadOptions): Promise<StoreTask[]> {
    return this.#connection.run(tasks.listTasks, [this.#schema], options);
  }

  async putTask(task: StoreTask): Promise<void> {
    this.#checkWritable();
    await this.#connection.run(tasks.putTask, [this.#schema, task]);
  }

  async updateMetadata(changes: Partial<StoreMetadata>): Promise<void> {
    this.#checkWritable();
    const metadata = { ...this.#metadata, ...changes };
    await this.#connection.transaction([...this.#keepSource(metadata.sourceId), ...this.#writeMetadata(metadata)]);
    this.#metadata = metadata;
  }

  /** Tiles of the file's source keep theirs by name when the file gets another. */
  #keepSource(next: string | null): SqliteBatch[] {
    const { sourceId } = this.#metadata;
    if (sourceId === null || sourceId === next || !this.#schema.hasLedger) return [];
    const sql = `UPDATE ${LEDGER_TABLE} SET source_id = ? WHERE table_name = ${ledgerKey(this.#schema)} AND source_id = ''`;
    return [{ sql, rows: [[sourceId]] }];
  }

  #findHere(tile: TileCoord): StoredTile | null {
    if (this.#closing !== undefined) throw closedStore(this.location);
    try {
      this.#here ??= openSqliteHere(this.#connection.path);
      return this.#here.read((db) => findHere(db, this.#schema, tile, this.#metadata.sourceId));
    } catch (error) {
      throw storeErrorFrom(error, this.location);
    }
  }

  async checkIntegrity(options?: ReadOptions): Promise<string[]> {
    return this.#connection.run(tasks.checkIntegrity, [this.#schema], options);
  }

  close(): Promise<void> {
    this.#here?.close();
    this.#here = null;
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      if (this.#hasWritten) await this.#connection.run(tasks.settle, [this.#schema]);
    } catch (error) {
      // What the file says of its extent is true without it, only wider; the next close makes it exact.
      if (!isTilthError(error, "store.full")) throw error;
    } finally {
      await this.#connection.close();
    }
  }

  async #find(tile: TileCoord, withData: boolean, options?: ReadOptions): Promise<StoredTile | null> {
    if (!this.grid.hasTile(tile)) return null;
    return this.#connection.run(tasks.findTile, [this.#schema, tile, withData], options);
  }

  #checkWritable(): void {
    if (this.readOnly) throw readOnlyStore(this.location);
  }

  /** The first tile says what the store holds, unless somebody has said it already. */
  async #noteFormat(writes: readonly TileWrite[]): Promise<void> {
    if (this.#metadata.format !== null) return;
    const first = writes.find((write) => write.kind === "tile");
    if (first?.kind === "tile") await this.updateMetadata({ format: sniffFormat(first.data) });
  }

  /** One buffer goes round and round, so that its pages are not asked of the system anew for each batch. */
  #takeBuffer(sizeBytes: number): ArrayBuffer {
    const spare = this.#spareBuffer;
    this.#spareBuffer = null;
    return spare !== null && spare.byteLength >= sizeBytes ? spare : new ArrayBuffer(sizeBytes);
  }
}

import { hash } from "node:crypto";
import { throwIfAborted, TilthError } from "../../core/index.ts";
import {
  rangeContains,
  rangeCount,
  rangeIndex,
  tileToText,
  type TileCoord,
  type TileMatrixSet,
  type TileRange,
} from "../../grid/index.ts";
import { checkAnswerSize, checkRange, checkWrites, closedStore, missingTile } from "../checks.ts";
import { gridForNew, newMetadata } from "../new_metadata.ts";
import { sniffFormat } from "../sniff_format.ts";
import {
  PRESENCE,
  type DeleteFilter,
  type OpenStoreOptions,
  type PresenceOptions,
  type ReadOptions,
  type StoreCounts,
  type StoredTile,
  type StoreMetadata,
  type StoreTask,
  type TileRecord,
  type TileStore,
  type TileWrite,
} from "../tile_store.ts";

export interface MemoryStoreOptions extends Omit<OpenStoreOptions, "mode"> {
  /** Bytes of all tiles together; a write beyond it is a `store.full`. @default no limit */
  maxBytes?: number;
}

/** Tiles in the memory of the process, for tests and small use. Ends with its close. */
export class MemoryStore implements TileStore {
  readonly kind = "memory";
  readonly location = "memory:";
  readonly readOnly = false;
  readonly grid: TileMatrixSet;
  readonly #maxBytes: number;
  readonly #tasks = new Map<string, StoreTask>();
  #metadata: StoreMetadata;
  #tiles = new Map<string, StoredTile>();
  #isClosed = false;

  constructor(options: MemoryStoreOptions) {
    this.grid = gridForNew(this.location, { ...options, mode: "write" });
    this.#metadata = newMetadata("tiles", options.metadata);
    this.#maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY;
  }

  get metadata(): StoreMetadata {
    return this.#metadata;
  }

  async has(tile: TileCoord, options?: ReadOptions): Promise<boolean> {
    return (await this.find(tile, options))?.status === "present";
  }

  async readPresence(range: TileRange, options: PresenceOptions = {}): Promise<Uint8Array> {
    this.#check(options);
    checkAnswerSize(this.grid, range);
    const answer = new Uint8Array(rangeCount(range));
    for (const { tile, status, fetchedAtMs } of this.#within(range)) {
      if (fetchedAtMs >= (options.staleBeforeMs ?? Number.NEGATIVE_INFINITY)) {
        answer[rangeIndex(range, tile.x, tile.y)] = PRESENCE[status];
      }
    }
    return answer;
  }

  async find(tile: TileCoord, options?: ReadOptions): Promise<StoredTile | null> {
    this.#check(options);
    const found = this.#tiles.get(tileToText(tile));
    return found === undefined ? null : copyOf(found, true);
  }

  async get(tile: TileCoord, options?: ReadOptions): Promise<StoredTile> {
    const found = await this.find(tile, options);
    if (found === null || found.data === null) throw missingTile(this.location, tile);
    return found;
  }

  async readRecords(range: TileRange, options?: ReadOptions): Promise<TileRecord[]> {
    this.#check(options);
    checkAnswerSize(this.grid, range);
    return [...this.#within(range)].map(({ data: _data, ...record }) => record);
  }

  async putMany(writes: readonly TileWrite[]): Promise<void> {
    this.#check();
    checkWrites(this.grid, writes);
    const tiles = new Map(this.#tiles);
    for (const write of writes) applyWrite(tiles, write);
    const bytes = [...tiles.values()].reduce((sum, tile) => sum + (tile.data?.byteLength ?? 0), 0);
    if (bytes > this.#maxBytes) {
      throw new TilthError("store.full", `expected at most ${this.#maxBytes} bytes in memory, got ${bytes}`, {
        fields: { maxBytes: this.#maxBytes, sizeBytes: bytes },
      });
    }
    this.#tiles = tiles;
    const first = writes.find((write) => write.kind === "tile");
    if (this.#metadata.format === null && first?.kind === "tile") {
      this.#metadata = { ...this.#metadata, format: sniffFormat(first.data) };
    }
  }

  async delete(filter: DeleteFilter, options?: ReadOptions): Promise<number> {
    this.#check(options);
    const { range, fetchedBeforeMs = Number.POSITIVE_INFINITY } = filter;
    if (range !== undefined) checkRange(this.grid, range);
    const wanted = filter.tiles === undefined ? null : new Set(filter.tiles.map(tileToText));
    let count = 0;
    for (const [key, tile] of this.#tiles) {
      const inRange = range === undefined || rangeContains(range, tile.tile);
      if (!inRange || tile.fetchedAtMs >= fetchedBeforeMs || wanted?.has(key) === false) continue;
      this.#tiles.delete(key);
      count += 1;
    }
    return count;
  }

  async *list(options: ReadOptions & { range?: TileRange; withData?: boolean } = {}): AsyncGenerator<StoredTile> {
    const { range, withData = true } = options;
    this.#check(options);
    if (range !== undefined) checkRange(this.grid, range);
    for (const z of range === undefined ? await this.listLevels() : [range.z]) {
      for (const tile of this.#within(range ?? this.grid.levelRange(z))) {
        throwIfAborted(options.signal);
        yield copyOf(tile, withData);
      }
    }
  }

  async count(options: ReadOptions & { z?: number } = {}): Promise<StoreCounts> {
    this.#check(options);
    const counts = { present: 0, empty: 0, sizeBytes: 0 };
    for (const { tile, status, sizeBytes } of this.#tiles.values()) {
      if (options.z !== undefined && tile.z !== options.z) continue;
      counts[status] += 1;
      counts.sizeBytes += sizeBytes;
    }
    return counts;
  }

  async listLevels(options?: ReadOptions): Promise<number[]> {
    this.#check(options);
    return [...new Set([...this.#tiles.values()].map(({ tile }) => tile.z))].toSorted((a, b) => a - b);
  }

  async readExtents(options?: ReadOptions): Promise<TileRange[]> {
    this.#check(options);
    const levels = new Map<number, TileRange>();
    for (const { tile, status } of this.#tiles.values()) {
      const { z, x, y } = tile;
      const { minX, minY, maxX, maxY } = levels.get(z) ?? { minX: x, minY: y, maxX: x, maxY: y };
      const [left, top, right, bottom] = [Math.min(minX, x), Math.min(minY, y), Math.max(maxX, x), Math.max(maxY, y)];
      if (status === "present") levels.set(z, { z, minX: left, minY: top, maxX: right, maxY: bottom });
    }
    return [...levels.values()].toSorted((a, b) => a.z - b.z);
  }

  async listTasks(options?: ReadOptions): Promise<StoreTask[]> {
    this.#check(options);
    return [...this.#tasks.values()].toSorted((a, b) => a.updatedAtMs - b.updatedAtMs);
  }

  async putTask(task: StoreTask): Promise<void> {
    this.#check();
    this.#tasks.set(task.id, { ...task });
  }

  async updateMetadata(changes: Partial<StoreMetadata>): Promise<void> {
    this.#check();
    this.#metadata = { ...this.#metadata, ...changes };
  }

  async checkIntegrity(options?: ReadOptions): Promise<string[]> {
    this.#check(options);
    return [];
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #check(options: ReadOptions = {}): void {
    throwIfAborted(options.signal);
    if (this.#isClosed) throw closedStore(this.location);
  }

  *#within(range: TileRange): Generator<StoredTile> {
    for (const tile of this.#tiles.values()) if (rangeContains(range, tile.tile)) yield tile;
  }
}

/** A caller that changes its bytes must not change the store's. */
function copyOf(tile: StoredTile, withData: boolean): StoredTile {
  return { ...tile, data: withData && tile.data !== null ? new Uint8Array(tile.data) : null };
}

function applyWrite(tiles: Map<string, StoredTile>, write: TileWrite): void {
  const { tile, fetchedAtMs } = write;
  const key = tileToText(tile);
  const none = { etag: null, lastModified: null, sha256: null };
  if (write.kind === "renew") {
    const old = tiles.get(key);
    if (old?.status !== "present") return;
    const lastModified = write.lastModified ?? old.lastModified;
    const attempts = write.attempts ?? old.attempts;
    tiles.set(key, { ...old, fetchedAtMs, etag: write.etag ?? old.etag, lastModified, attempts });
    return;
  }
  const { sourceId = null, attempts = null } = write;
  if (write.kind === "empty") {
    tiles.set(key, { ...none, tile, status: "empty", fetchedAtMs, sizeBytes: 0, sourceId, attempts, data: null });
    return;
  }
  tiles.set(key, {
    tile,
    status: "present",
    fetchedAtMs,
    sizeBytes: write.data.byteLength,
    etag: write.etag ?? null,
    lastModified: write.lastModified ?? null,
    sha256: hash("sha256", write.data, "hex"),
    sourceId,
    attempts,
    data: new Uint8Array(write.data),
  });
}

/** An empty store in memory. @throws `argument.invalid` without a grid */
export function openMemoryStore(options: MemoryStoreOptions): TileStore {
  return new MemoryStore(options);
}

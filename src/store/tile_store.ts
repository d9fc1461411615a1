import type { TileCoord, TileMatrixSet, TileRange } from "../grid/index.ts";

/** What a store knows of one address; the numbers are the bytes of `readPresence`. */
export const PRESENCE = {
  /** Nothing known: to be fetched. */
  missing: 0,
  /** Bytes are there. */
  present: 1,
  /** The service said that it has nothing here; not asked again until a refresh. */
  empty: 2,
} as const;

/** What is kept beside a tile's bytes. */
export interface TileRecord {
  readonly tile: TileCoord;
  readonly status: "present" | "empty";
  /** Milliseconds since 1970, UTC: when the tile was fetched or last confirmed. */
  readonly fetchedAtMs: number;
  readonly sizeBytes: number;
  readonly etag: string | null;
  /** HTTP date as the server wrote it. */
  readonly lastModified: string | null;
  /** Lower-case hex SHA-256 of the bytes; null for an empty tile and for one that another program wrote. */
  readonly sha256: string | null;
  /** Id of the source that gave it; null when unknown. */
  readonly sourceId: string | null;
  /** Attempts that its last fetch took, from 1; null when unknown (an earlier version or another program wrote it). */
  readonly attempts: number | null;
}

export interface StoredTile extends TileRecord {
  /** null when `status` is `empty`. */
  readonly data: Uint8Array | null;
}

/** One write. */
export type TileWrite =
  | {
      readonly kind: "tile";
      readonly tile: TileCoord;
      readonly data: Uint8Array;
      readonly fetchedAtMs: number;
      readonly etag?: string | null;
      readonly lastModified?: string | null;
      readonly sourceId?: string | null;
      /** From 1; null or absent: unknown. */
      readonly attempts?: number | null;
    }
  /** The service has nothing here; removes bytes that were there before. */
  | {
      readonly kind: "empty";
      readonly tile: TileCoord;
      readonly fetchedAtMs: number;
      readonly sourceId?: string | null;
      readonly attempts?: number | null;
    }
  /** Not modified: renews the time of a tile that is there, and its validators and attempts where given. */
  | {
      readonly kind: "renew";
      readonly tile: TileCoord;
      readonly fetchedAtMs: number;
      readonly etag?: string | null;
      readonly lastModified?: string | null;
      readonly attempts?: number | null;
    };

/** Format of the tiles inside, by their magic bytes. */
export type TileFormat = "png" | "jpeg" | "webp" | "gif" | "avif" | "tiff" | "mvt";

/** What a cache says of itself; kept in the file. */
export interface StoreMetadata {
  /** Layer or table name, shown to people. */
  readonly title: string;
  readonly description: string;
  readonly attribution: string;
  /** Dominant format; null when not known yet. */
  readonly format: TileFormat | null;
  /** Id of the source that fills it, secrets cut; null when none is known. */
  readonly sourceId: string | null;
}

/** A seed that was asked of this file, so that completeness can be proved later from the file alone. */
export interface StoreTask {
  /** Stable id: the same coverage and zooms give the same id. */
  readonly id: string;
  /** The task as JSON (coverage, zooms); its shape is the seed room's. */
  readonly definition: string;
  /** Last report as JSON; null until one ended. */
  readonly report: string | null;
  readonly updatedAtMs: number;
}

export interface ReadOptions {
  signal?: AbortSignal;
}

export interface PresenceOptions extends ReadOptions {
  /** Tiles and empties fetched before this time (ms, UTC) count as missing. */
  staleBeforeMs?: number;
}

export interface DeleteFilter {
  /** Only tiles within this range; all when absent. */
  range?: TileRange;
  /** Only tiles fetched before this time, ms UTC. */
  fetchedBeforeMs?: number;
  /** Only these. */
  tiles?: readonly TileCoord[];
}

export interface StoreCounts {
  present: number;
  empty: number;
  sizeBytes: number;
}

/**
 * Keeps bytes by tile address. One process writes a file at a time; a database (PostgreSQL) takes many writers at once, and of two writes to
 * an address the one that is committed last counts. Reading goes on beside them.
 * Every implementation passes `test/conformance/tile_store.ts`.
 */
export interface TileStore {
  readonly kind: string;
  /** Path or name for people. */
  readonly location: string;
  readonly grid: TileMatrixSet;
  readonly metadata: StoreMetadata;
  readonly readOnly: boolean;

  has(tile: TileCoord, options?: ReadOptions): Promise<boolean>;
  /**
   * One byte (of PRESENCE) for each tile of the range, row-major from the top left. Reads indexes only, never bytes of tiles.
   * The range may have at most `MAX_PRESENCE_TILES` tiles.
   */
  readPresence(range: TileRange, options?: PresenceOptions): Promise<Uint8Array>;
  /** null when nothing is known of the tile. */
  find(tile: TileCoord, options?: ReadOptions): Promise<StoredTile | null>;
  /**
   * As `find`, but on the calling thread and at once: for a server, to which the way to another thread is most of a tile's cost. Only where
   * that is short; absent elsewhere.
   * @throws `store.*` when the file cannot be read right now; `find` may
   */
  readonly findNow?: (tile: TileCoord) => StoredTile | null;
  /** @throws `tile.missing` when there are no bytes */
  get(tile: TileCoord, options?: ReadOptions): Promise<StoredTile>;
  /** Records of a range without their bytes (validators for a refresh), in no promised order. At most `MAX_PRESENCE_TILES` tiles. */
  readRecords(range: TileRange, options?: ReadOptions): Promise<TileRecord[]>;
  /**
   * Writes all or nothing (one transaction) and resolves when it is committed. `data` is copied before this returns:
   * the caller keeps its buffers, and a rejected batch can be given again as it is (after a `store.full`, say).
   * @throws `store.full`, `store.readOnly`, `store.io`
   */
  putMany(writes: readonly TileWrite[]): Promise<void>;
  /** Number of addresses forgotten (bytes and known-empty marks). */
  delete(filter: DeleteFilter, options?: ReadOptions): Promise<number>;
  /**
   * Every known address once (with bytes when `withData`, which is the default), level by level; bounded memory. Writes and
   * deletions may be made meanwhile: what they touch is listed as it was or as it is, all else as if they had not been made.
   */
  list(options?: ReadOptions & { range?: TileRange; withData?: boolean }): AsyncIterable<StoredTile>;
  /** Whole store, or one level. */
  count(options?: ReadOptions & { z?: number }): Promise<StoreCounts>;
  /** Levels that hold at least one tile or known-empty mark, ascending. */
  listLevels(options?: ReadOptions): Promise<number[]>;
  /** The smallest range around the tiles of each level that has any (known-empty marks do not count), ascending. Reads indexes only. */
  readExtents(options?: ReadOptions): Promise<TileRange[]>;

  listTasks(options?: ReadOptions): Promise<StoreTask[]>;
  putTask(task: StoreTask): Promise<void>;
  updateMetadata(changes: Partial<StoreMetadata>): Promise<void>;
  /** Structure checks of the container itself (SQLite integrity, tables, extents); findings as plain sentences. */
  checkIntegrity(options?: ReadOptions): Promise<string[]>;
  /** Commits, makes a single portable file, releases the lock. Safe to call twice. */
  close(): Promise<void>;
}

/** Largest range for `readPresence` and `readRecords`: 1 MiB of answer. */
export const MAX_PRESENCE_TILES = 1_048_576;

export interface OpenStoreOptions {
  /** `write` creates what is not there; `read` never changes a byte. */
  mode: "read" | "write";
  /** Needed to create; when the file exists it must match, else `store.mismatch`. */
  grid?: TileMatrixSet;
  /** For a new file; on an existing one a different non-null `sourceId` is a `store.mismatch`. */
  metadata?: Partial<StoreMetadata>;
  /** A new file is for tiles of less than 16 kB, mostly: it is laid out to be small. @default whether `metadata.format` is JPEG or WebP */
  smallTiles?: boolean;
  /** Tile table or layer inside a container with several; the first (or only) one when absent. */
  layer?: string;
  /** How long to wait for another process's write lock, ms; 0 (default) gives `store.locked` at once. */
  lockTimeoutMs?: number;
  signal?: AbortSignal;
}

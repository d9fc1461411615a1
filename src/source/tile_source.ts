import type { Clock } from "../core/index.ts";
import type { LonLatBbox } from "../geo/index.ts";
import type { TileCoord, TileMatrixSet } from "../grid/index.ts";
import type { HostState, Priority, RetryPolicy, SettledItem } from "../net/index.ts";
import type { TileImageFormat } from "../raster/index.ts";

export type { Priority } from "../net/index.ts";

/** May a whole area be fetched? `ownKey`: only with the user's own contract or key. */
export type BulkPolicy = "allowed" | "forbidden" | "ownKey" | "unknown";

/** What a source says of itself. */
export interface SourceInfo {
  /** Stable and safe to show and to store: secrets are cut out or never put in. */
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly attribution: string;
  readonly grid: TileMatrixSet;
  /** True when it makes images of whatever grid it is opened with (WMS, ArcGIS export). */
  readonly anyGrid?: boolean;
  /** Levels of the grid that the source serves, inclusive. */
  readonly minZoom: number;
  readonly maxZoom: number;
  /** Where it has tiles, lon/lat; null = not said, so everywhere. */
  readonly bounds: LonLatBbox | null;
  /** null when only a tile tells. */
  readonly format: TileImageFormat | null;
  readonly bulk: BulkPolicy;
  /** Terms of use; null when not known. */
  readonly termsUrl: string | null;
}

/** Answer of a source for one tile. */
export type SourceTile =
  | {
      readonly kind: "tile";
      /** Checked to be a whole tile. The caller's to write to; not to transfer, for it may be a window of a buffer (of at most 4 KiB more). */
      readonly data: Uint8Array<ArrayBuffer>;
      readonly format: TileImageFormat;
      readonly etag: string | null;
      readonly lastModified: string | null;
    }
  /** The service has nothing here and says so (404, 410, 204). */
  | { readonly kind: "empty" }
  /** Unchanged since the validators that were sent (304). */
  | { readonly kind: "notModified"; readonly etag: string | null; readonly lastModified: string | null };

export interface FetchTileOptions {
  signal?: AbortSignal;
  /** Index into `hosts`: which mirror to ask. @default 0 */
  host?: number;
  /** Validators of the tile at hand: the answer may then be `notModified`. */
  etag?: string | null;
  lastModified?: string | null;
  /** For a source that makes tiles of others: how it asks for those. @default "live" */
  priority?: Priority;
}

/** Can produce a tile of its grid. Every implementation passes `test/conformance/tile_source.ts`. */
export interface TileSource {
  readonly info: SourceInfo;
  /** Mirrors that serve the same tiles; empty for a local source. Their limits are kept by the caller. */
  readonly hosts: readonly HostState[];
  /**
   * One attempt for one tile; no retry, no waiting for the host's leave.
   * @throws `http.*`, `tile.*`, `source.exception` (see `isRetryable`), CancelledError
   */
  fetchTile(tile: TileCoord, options?: FetchTileOptions): Promise<SourceTile>;
  /**
   * Only where tiles are made of other tiles: many at once, with retries, each host asked within its limits.
   * Whoever fetches calls `fetchTiles(source, ...)`, which knows.
   */
  makeTiles?(options: FetchTilesOptions): Promise<"done" | "dead">;
  close(): Promise<void>;
}

/** A tile to be fetched; with validators when it is to be renewed. */
export interface TileRequest {
  readonly tile: TileCoord;
  readonly etag?: string | null;
  readonly lastModified?: string | null;
}

export type SettledTile = SettledItem<SourceTile>;

export interface FetchTilesOptions {
  /** The next batch is asked for when the one before is used up. */
  batches: AsyncIterator<Iterable<TileRequest>>;
  /** Called once for each tile that came to an end; a promise holds its slot (back-pressure). */
  settle: (request: TileRequest, settled: SettledTile) => void | Promise<void>;
  /** An attempt failed and the tile waits for another. */
  onRetry?: (request: TileRequest, error: unknown) => void;
  signal: AbortSignal;
  retry?: Partial<RetryPolicy>;
  /** Live tiles of a host go before the others. @default "batch" */
  priority?: Priority;
  clock?: Clock;
  /** 0..1 */
  random?: () => number;
}

import type { Clock } from "../core/index.ts";
import type { TileCoord } from "../grid/index.ts";
import { DEFAULT_RETRY, FetchPump, type RetryPolicy, type SettledItem } from "../net/index.ts";
import type { SourceTile, TileSource } from "./tile_source.ts";

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
  clock?: Clock;
  /** 0..1 */
  random?: () => number;
}

/** Fetches many tiles of one source with everything that its hosts ask for; see `FetchPump` for what it resolves to. */
export async function fetchTiles(source: TileSource, options: FetchTilesOptions): Promise<"done" | "dead"> {
  if (source.makeTiles !== undefined) return source.makeTiles(options);
  const { retry, onRetry, ...rest } = options;
  const pump = new FetchPump<TileRequest, SourceTile>({
    ...rest,
    hosts: source.hosts,
    retry: { ...DEFAULT_RETRY, ...retry },
    attempt: (request, { host, signal }) =>
      source.fetchTile(request.tile, { signal, host, etag: request.etag, lastModified: request.lastModified }),
    onRetry,
  });
  return pump.run();
}

import { DEFAULT_RETRY, FetchPump } from "../net/index.ts";
import type { FetchTilesOptions, SourceTile, TileRequest, TileSource } from "./tile_source.ts";

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

import type { TileCoord } from "../grid/index.ts";
import { withRetry, type RetryOptions } from "../net/index.ts";
import type { FetchTileOptions, SourceTile, TileSource } from "./tile_source.ts";

/**
 * One tile with retries, each after the host's leave; mirrors take turns by the tile's address.
 * @throws what the last attempt threw; `http.breakerOpen`; CancelledError
 */
export async function fetchTileWithRetry(
  source: TileSource,
  tile: TileCoord,
  options: FetchTileOptions & Omit<RetryOptions, "signal"> = {},
): Promise<SourceTile> {
  const index = source.hosts.length === 0 ? -1 : (tile.x + tile.y) % source.hosts.length;
  const host = source.hosts[index] ?? null;
  return withRetry(host, () => source.fetchTile(tile, { ...options, host: index }), options);
}

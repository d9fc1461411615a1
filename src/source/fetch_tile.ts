import { TilthError } from "../core/index.ts";
import type { TileCoord } from "../grid/index.ts";
import { withRetry, type RetryOptions } from "../net/index.ts";
import { fetchTiles } from "./fetch_tiles.ts";
import type { FetchTileOptions, SettledTile, SourceTile, TileSource } from "./tile_source.ts";

/**
 * One tile with retries, each after the host's leave; mirrors take turns by the tile's address.
 * A person waits for it (`priority` "live") unless something else is said.
 * @throws what the last attempt threw; `http.breakerOpen`; CancelledError
 */
export async function fetchTileWithRetry(
  source: TileSource,
  tile: TileCoord,
  options: FetchTileOptions & Omit<RetryOptions, "signal"> = {},
): Promise<SourceTile> {
  if (source.makeTiles !== undefined) return makeOne(source, tile, options);
  const index = source.hosts.length === 0 ? -1 : (tile.x + tile.y) % source.hosts.length;
  const host = source.hosts[index] ?? null;
  const attempt = (): Promise<SourceTile> => source.fetchTile(tile, { ...options, host: index });
  return withRetry(host, attempt, { ...options, priority: options.priority ?? "live" });
}

/** A tile that is made of others: those are asked for within the hosts' limits. */
async function makeOne(
  source: TileSource,
  tile: TileCoord,
  options: FetchTileOptions & RetryOptions,
): Promise<SourceTile> {
  const { signal = new AbortController().signal, policy, clock, random, priority = "live" } = options;
  const made: SettledTile[] = [];
  const batches = (async function* () {
    yield [{ tile }];
  })();
  const settle = (_request: unknown, settled: SettledTile): void => void made.push(settled);
  await fetchTiles(source, { batches, settle, signal, retry: policy, clock, random, priority });
  const [settled] = made;
  if (settled !== undefined && "result" in settled) return settled.result;
  const names = source.hosts.map(({ host }) => host).join(", ");
  throw settled?.error ?? new TilthError("http.breakerOpen", `${names} does not answer; not asked`);
}

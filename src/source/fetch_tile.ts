import { TilthError } from "../core/index.ts";
import type { TileCoord } from "../grid/index.ts";
import { withRetry, type RetryOptions } from "../net/index.ts";
import { fetchTiles } from "./fetch_tiles.ts";
import type { FetchTileOptions, SettledTile, SourceTile, TileSource } from "./tile_source.ts";

/**
 * One tile with retries, each after the host's leave; mirrors take turns by the tile's address.
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
  return withRetry(host, () => source.fetchTile(tile, { ...options, host: index }), options);
}

/** A tile that is made of others: those are asked for within the hosts' limits. */
async function makeOne(
  source: TileSource,
  tile: TileCoord,
  { signal = new AbortController().signal, policy, clock, random }: FetchTileOptions & RetryOptions,
): Promise<SourceTile> {
  const made: SettledTile[] = [];
  const batches = (async function* () {
    yield [{ tile }];
  })();
  const settle = (_request: unknown, settled: SettledTile): void => void made.push(settled);
  await fetchTiles(source, { batches, settle, signal, retry: policy, clock, random });
  const [settled] = made;
  if (settled !== undefined && "result" in settled) return settled.result;
  const names = source.hosts.map(({ host }) => host).join(", ");
  throw settled?.error ?? new TilthError("http.breakerOpen", `${names} does not answer; not asked`);
}

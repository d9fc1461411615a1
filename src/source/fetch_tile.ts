import { TilthError } from "../core/index.ts";
import type { TileCoord } from "../grid/index.ts";
import { withRetry, type RetryOptions } from "../net/index.ts";
import { fetchTiles } from "./fetch_tiles.ts";
import type { FetchTileOptions, SettledTile, SourceTile, TileSource } from "./tile_source.ts";

export type FetchOneOptions = FetchTileOptions & Omit<RetryOptions, "signal">;

/** What came, and after how many attempts; null when not known. Of a tile that is made of others: the most that one of those took. */
export interface CountedTile {
  readonly answer: SourceTile;
  readonly attempts: number | null;
}

/**
 * One tile with retries, each after the host's leave; mirrors take turns by the tile's address.
 * A person waits for it (`priority` "live") unless something else is said.
 * @throws what the last attempt threw; `http.breakerOpen`; CancelledError
 */
export async function fetchTileWithRetry(
  source: TileSource,
  tile: TileCoord,
  options: FetchOneOptions = {},
): Promise<SourceTile> {
  return (await fetchCountedTile(source, tile, options)).answer;
}

/** As `fetchTileWithRetry`, with the number of attempts. */
export async function fetchCountedTile(
  source: TileSource,
  tile: TileCoord,
  options: FetchOneOptions = {},
): Promise<CountedTile> {
  if (source.makeTiles !== undefined) return makeOne(source, tile, options);
  const index = source.hosts.length === 0 ? -1 : (tile.x + tile.y) % source.hosts.length;
  const host = source.hosts[index] ?? null;
  let attempts = 0;
  const attempt = (): Promise<SourceTile> => {
    attempts += 1;
    return source.fetchTile(tile, { ...options, host: index });
  };
  const answer = await withRetry(host, attempt, { ...options, priority: options.priority ?? "live" });
  return { answer, attempts };
}

/** A tile that is made of others: those are asked for within the hosts' limits. */
async function makeOne(source: TileSource, tile: TileCoord, options: FetchOneOptions): Promise<CountedTile> {
  const { signal = new AbortController().signal, policy, clock, random, priority = "live" } = options;
  const made: SettledTile[] = [];
  const batches = (async function* () {
    yield [{ tile }];
  })();
  const settle = (_request: unknown, settled: SettledTile): void => void made.push(settled);
  await fetchTiles(source, { batches, settle, signal, retry: policy, clock, random, priority });
  const [settled] = made;
  if (settled !== undefined && "result" in settled) return { answer: settled.result, attempts: settled.attempts };
  const names = source.hosts.map(({ host }) => host).join(", ");
  throw settled?.error ?? new TilthError("http.breakerOpen", `${names} does not answer; not asked`);
}

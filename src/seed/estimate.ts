import { isTilthError, systemClock, throwIfAborted, type Clock } from "../core/index.ts";
import { listBlockTiles, type TileCoord, type TilePlan } from "../grid/index.ts";
import { fetchTiles, type SettledTile, type TileRequest, type TileSource } from "../cache/index.ts";

export interface SeedEstimate {
  planned: number;
  levels: { z: number; count: number }[];
  /** Tiles fetched to estimate from. */
  sampled: number;
  sampledEmpty: number;
  /** Of all planned tiles; null when no sample answered. */
  bytes: number | null;
  seconds: number | null;
  tilesPerSecond: number | null;
}

/** Tiles fetched for an estimate: enough for the mean within about 25 %, few enough to be polite. */
const SAMPLE_TILES = 12;

export interface EstimateSeedOptions {
  /** The sample is what has come by then; nothing by then is 'unknown'. @default 700, because `--dry-run` has to be quick */
  readonly sampleTimeMs?: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/**
 * Exact count, and bytes and time from a sample of the deepest levels, where nearly all tiles are.
 * @throws `cancelled`
 */
export async function estimateSeed(
  source: TileSource,
  plan: TilePlan,
  options: EstimateSeedOptions = {},
): Promise<SeedEstimate> {
  const { clock = systemClock, sampleTimeMs = 700, signal } = options;
  throwIfAborted(signal);
  const startedMs = clock.monotonicMs();
  const sample = await fetchSample(source, pickSample(plan), { clock, sampleTimeMs, signal });
  const seconds = (clock.monotonicMs() - startedMs) / 1000;
  const answered = sample.tiles + sample.empty;
  const known = answered > 0;
  const rate = known && seconds > 0 ? answered / seconds : null;
  return {
    planned: plan.count,
    levels: [...plan.levels],
    sampled: answered,
    sampledEmpty: sample.empty,
    bytes: known ? Math.round((sample.bytes / answered) * plan.count) : null,
    seconds: rate === null ? null : plan.count / rate,
    tilesPerSecond: rate === null ? null : Math.round(rate),
  };
}

/** Evenly spread tiles of the first blocks of the deepest level that are cheap to reach. */
function pickSample(plan: TilePlan): TileCoord[] {
  const tiles: TileCoord[] = [];
  for (const block of plan.listBlocks()) {
    const step = Math.max(1, Math.floor(block.count / SAMPLE_TILES));
    let index = 0;
    for (const tile of listBlockTiles(block)) if (index++ % step === 0) tiles.push(tile);
    // Deeper blocks replace coarser ones until the level is large enough to speak for the rest.
    if (tiles.length > SAMPLE_TILES) tiles.splice(0, tiles.length - SAMPLE_TILES);
    if (block.count >= 16 * SAMPLE_TILES) break;
  }
  return tiles;
}

async function fetchSample(
  source: TileSource,
  tiles: readonly TileCoord[],
  { clock, sampleTimeMs, signal }: { clock: Clock; sampleTimeMs: number; signal: AbortSignal | undefined },
): Promise<{ tiles: number; empty: number; bytes: number }> {
  const sample = { tiles: 0, empty: 0, bytes: 0 };
  const limit = new AbortController();
  const stopTimer = clock.setTimer(() => limit.abort(), sampleTimeMs);
  const settle = (_request: TileRequest, settled: SettledTile): void => {
    if (!("result" in settled)) return;
    if (settled.result.kind === "empty") sample.empty += 1;
    if (settled.result.kind !== "tile") return;
    sample.tiles += 1;
    sample.bytes += settled.result.data.byteLength;
  };
  async function* batches(): AsyncGenerator<TileRequest[]> {
    yield tiles.map((tile) => ({ tile }));
  }
  try {
    await fetchTiles(source, {
      batches: batches(),
      settle,
      signal: signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal]),
      clock,
      retry: { maxRetries: 0 },
    });
  } catch (error) {
    // Time is up: what has come by now is the sample. A cancel by the user is passed on.
    throwIfAborted(signal);
    if (!isTilthError(error, "cancelled")) throw error;
  } finally {
    stopTimer();
  }
  return sample;
}

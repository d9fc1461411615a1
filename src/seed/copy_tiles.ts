import {
  isCancelled,
  openCount,
  systemClock,
  throwIfAborted,
  zeroCounts,
  type Clock,
  type OutcomeCounts,
} from "../core/index.ts";
import { listBlockTiles, rangeIndex, type PlanBlock, type TilePlan } from "../grid/index.ts";
import { PRESENCE, type StoredTile, type TileStore, type TileWrite } from "../cache/index.ts";
import type { SeedReport } from "./progress.ts";

export interface CopyCounts extends OutcomeCounts {
  /** Of the tiles that were copied. */
  bytes: number;
}

export interface CopyOptions {
  from: TileStore;
  to: TileStore;
  onProgress?: (counts: CopyCounts) => void;
  signal?: AbortSignal;
  clock?: Clock;
}

/** Tiles of one transaction. */
const BATCH_COUNT = 500;
const BATCH_BYTES = 6_291_456;

/**
 * Copies the tiles of a plan with all that is known of them, in the order of the plan; what `to` has already is left alone, so that a copy
 * that was broken off goes on. `from` may be written to meanwhile; tiles that it does not have are counted as failed. Resolves to the
 * report also when it was cancelled. @throws `store.*`
 */
export async function copyPlan(options: CopyOptions & { plan: TilePlan }): Promise<SeedReport> {
  const { plan, signal, onProgress } = options;
  return copied(plan.count, options, async (counts) => {
    for (const block of plan.listBlocks()) {
      throwIfAborted(signal);
      await copyBlock(options, block, counts);
      onProgress?.(counts);
    }
  });
}

/** Copies all that a store knows, level by level; an address that both have is as in `from` afterwards. @throws as `copyPlan` */
export async function copyStore(options: CopyOptions): Promise<SeedReport> {
  const { from, to, onProgress, signal } = options;
  const { present, empty } = await from.count({ signal });
  return copied(present + empty, options, async (counts) => {
    const writer = new CopyWriter(to, counts, onProgress);
    for await (const stored of from.list({ signal })) await writer.add(stored);
    await writer.flush();
    // It may have been written to while it was read.
    counts.planned = counts.stored + counts.empty;
  });
}

async function copied(
  planned: number,
  { clock = systemClock }: CopyOptions,
  copy: (counts: CopyCounts) => Promise<void>,
): Promise<SeedReport> {
  const counts: CopyCounts = { ...zeroCounts(planned), bytes: 0 };
  const startedMs = clock.monotonicMs();
  let stopped: SeedReport["stopped"] = null;
  try {
    await copy(counts);
  } catch (error) {
    if (!isCancelled(error)) throw error;
    stopped = "cancelled";
    counts.cancelled = openCount(counts);
  }
  const seconds = (clock.monotonicMs() - startedMs) / 1000;
  const failures: Record<string, number> = counts.failed > 0 ? { "tile.missing": counts.failed } : {};
  const tilesPerSecond = Math.round((counts.stored + counts.empty) / Math.max(0.001, seconds));
  const complete = stopped === null && counts.failed === 0;
  return { ...counts, seconds, tilesPerSecond, requests: 0, retries: 0, complete, failures, stopped };
}

async function copyBlock({ from, to, signal }: CopyOptions, block: PlanBlock, counts: CopyCounts): Promise<void> {
  const { range } = block;
  const there = await to.readPresence(range, { signal });
  const wanted = new Set<number>();
  for (const tile of listBlockTiles(block)) {
    const index = rangeIndex(range, tile.x, tile.y);
    if (there[index] === PRESENCE.present) counts.present += 1;
    else if (there[index] === PRESENCE.empty) counts.empty += 1;
    else wanted.add(index);
  }
  if (wanted.size === 0) return;
  const writer = new CopyWriter(to, counts);
  for await (const stored of from.list({ range, signal }))
    if (wanted.delete(rangeIndex(range, stored.tile.x, stored.tile.y))) await writer.add(stored);
  await writer.flush();
  counts.failed += wanted.size;
}

/** Batches by count and bytes; counts what was committed. */
class CopyWriter {
  readonly #to: TileStore;
  readonly #counts: CopyCounts;
  readonly #onProgress: CopyOptions["onProgress"];
  #writes: TileWrite[] = [];
  #sizeBytes = 0;

  constructor(to: TileStore, counts: CopyCounts, onProgress?: CopyOptions["onProgress"]) {
    this.#to = to;
    this.#counts = counts;
    this.#onProgress = onProgress;
  }

  async add(stored: StoredTile): Promise<void> {
    this.#writes.push(asWrite(stored));
    this.#sizeBytes += stored.sizeBytes;
    if (this.#writes.length >= BATCH_COUNT || this.#sizeBytes >= BATCH_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    const [writes, sizeBytes] = [this.#writes, this.#sizeBytes];
    if (writes.length === 0) return;
    [this.#writes, this.#sizeBytes] = [[], 0];
    const empty = writes.filter(({ kind }) => kind === "empty").length;
    await this.#to.putMany(writes);
    this.#counts.empty += empty;
    this.#counts.stored += writes.length - empty;
    this.#counts.bytes += sizeBytes;
    this.#onProgress?.(this.#counts);
  }
}

/** Time, validators, source and attempts go with it. */
function asWrite(stored: StoredTile): TileWrite {
  const { tile, data, fetchedAtMs, etag, lastModified, sourceId, attempts } = stored;
  if (data === null) return { kind: "empty", tile, fetchedAtMs, sourceId, attempts };
  return { kind: "tile", tile, data, fetchedAtMs, etag, lastModified, sourceId, attempts };
}

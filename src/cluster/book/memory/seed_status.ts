import type { Clock } from "../../../core/index.ts";
import type { FailedRun } from "../../../seed/index.ts";
import type { ClusterSeed, DeadBlock, SeedStatus, WorkerStatus } from "../cluster_book.ts";
import { countWorkers, type MemoryBlock, type MemorySeed } from "./memory_seed.ts";

/** Waiting blocks below which more are cut, besides two for each worker. */
const FEW_WAITING = 4;
const SEEN_MS = 15_000;

export function isHungry(seed: MemorySeed, nowMs: number): boolean {
  if (seed.state !== "running" || seed.cursor === null) return false;
  return countBlocks(seed, "waiting") < FEW_WAITING + 2 * countWorkers(seed, nowMs);
}

export function toSeed(seed: MemorySeed): ClusterSeed {
  const { id, definition, state, planned, cursor, staleBeforeMs, submittedAtMs, endedAtMs } = seed;
  return { id, definition, state, planned, cursor, staleBeforeMs, submittedAtMs, endedAtMs };
}

/** Sums of what is done, and of the blocks in flight; what a dead block has no outcome for has failed. */
export function toStatus(seed: MemorySeed, clock: Clock): SeedStatus {
  const counts = { present: 0, stored: 0, empty: 0, failed: 0, rejected: 0, bytes: 0, requests: 0, retries: 0 };
  let done = 0;
  for (const total of seed.totals.values()) {
    for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] += total.counts[name];
    done += total.blocks;
  }
  const failures = countFailures(seed);
  for (const block of seed.blocks.values()) {
    counts.present += block.present ?? 0;
    counts.stored += block.stored;
    counts.empty += block.empty + (block.knownEmpty ?? 0);
    counts.bytes += block.bytes;
    if (block.state !== "dead") continue;
    const open = countOpen(block);
    counts.failed += open;
    if (open > 0) failures["cluster.deadBlock"] = (failures["cluster.deadBlock"] ?? 0) + open;
  }
  const [queued, leased, dead] = (["waiting", "leased", "dead"] as const).map((state) => countBlocks(seed, state));
  const blocks = { queued: queued ?? 0, leased: leased ?? 0, dead: dead ?? 0, done };
  const elapsedMs = (seed.endedAtMs ?? clock.now()) - seed.submittedAtMs;
  return { ...toSeed(seed), counts, failures, blocks, workers: listWorkers(seed, clock.monotonicMs()), elapsedMs };
}

export function listDead(seed: MemorySeed): DeadBlock[] {
  const dead = [...seed.blocks.values()].filter(({ state }) => state === "dead");
  return dead.map(({ number, range, job, error }) => ({ number, range, attempts: job.begun, error: error ?? "" }));
}

export function listFailedRuns(seed: MemorySeed): FailedRun[] {
  const blocks = [...seed.failed].toSorted(([a], [b]) => a - b);
  return blocks.flatMap(([, runs]) => runs.toSorted((a, b) => a.y - b.y || a.minX - b.minX));
}

function countOpen({ count, stored, empty, present, knownEmpty }: MemoryBlock): number {
  return count - stored - empty - (present ?? 0) - (knownEmpty ?? 0);
}

function countBlocks(seed: MemorySeed, state: MemoryBlock["state"]): number {
  let count = 0;
  for (const block of seed.blocks.values()) if (block.state === state) count += 1;
  return count;
}

function countFailures(seed: MemorySeed): Record<string, number> {
  const failures: Record<string, number> = {};
  for (const runs of seed.failed.values())
    for (const { code, minX, maxX } of runs) failures[code] = (failures[code] ?? 0) + maxX - minX + 1;
  return failures;
}

function listWorkers(seed: MemorySeed, nowMs: number): WorkerStatus[] {
  const names = [...seed.totals].filter(([worker]) => worker !== "").toSorted(([a], [b]) => (a < b ? -1 : 1));
  return names.map(([worker, { counts, tilesPerSecond, seenAtMs }]) => {
    const own = [...seed.blocks.values()].filter((block) => block.state === "leased" && block.worker === worker);
    return {
      worker,
      blocks: own.length,
      stored: own.reduce((sum, { stored }) => sum + stored, counts.stored),
      tilesPerSecond: seenAtMs > nowMs - SEEN_MS ? tilesPerSecond : 0,
      silentMs: nowMs - seenAtMs,
    };
  });
}

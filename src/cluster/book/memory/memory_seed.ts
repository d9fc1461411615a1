import type { PlanBlock, TileRange } from "../../../grid/index.ts";
import type { FailedRun } from "../../../seed/index.ts";
import type { PlanCursor } from "../../blocks/plan_cutter.ts";
import type { SeedDefinition } from "../../definition.ts";
import type { ClusterCounts, SeedState } from "../cluster_book.ts";

/** A block's turn in the queue; a fresh one when it is given back. */
export interface MemoryJob {
  readonly id: string;
  /** Place in the queue: the lowest that is ready goes first. */
  readonly order: number;
  /** Attempts that have begun. */
  begun: number;
  /** In a worker's hands, and heard of. */
  isActive: boolean;
  readyAtMs: number;
  heardAtMs: number;
}

/** What is cut and not yet done. */
export interface MemoryBlock {
  readonly number: number;
  readonly range: TileRange;
  readonly count: number;
  /** Only of tiles that have failed before. */
  readonly isRetry: boolean;
  job: MemoryJob;
  state: "waiting" | "leased" | "dead";
  /** The attempt whose writes count; null when there is none. It stays that of a silent worker until another claims the block. */
  attempt: number | null;
  worker: string | null;
  batches: number;
  present: number | null;
  knownEmpty: number | null;
  stored: number;
  empty: number;
  bytes: number;
  error: string | null;
}

/** Sums of what one worker has done. */
export interface MemoryTotal {
  counts: { -readonly [Name in keyof ClusterCounts]: number };
  blocks: number;
  busyMs: number;
  tilesPerSecond: number;
  seenAtMs: number;
}

export interface MemorySeed {
  readonly id: string;
  readonly definition: SeedDefinition;
  readonly planned: number;
  readonly staleBeforeMs: number | null;
  readonly submittedAtMs: number;
  state: SeedState;
  cursor: PlanCursor | null;
  endedAtMs: number | null;
  nextBlock: number;
  cutTiles: number;
  readonly blocks: Map<number, MemoryBlock>;
  /** By worker; '' for what nobody did. */
  readonly totals: Map<string, MemoryTotal>;
  /** By block. */
  readonly failed: Map<number, readonly FailedRun[]>;
}

export function newBlock(
  part: Pick<PlanBlock, "range" | "count"> & { number: number; isRetry: boolean },
  job: MemoryJob,
): MemoryBlock {
  const { number, range, count, isRetry } = part;
  const lease = { job, state: "waiting" as const, attempt: null, worker: null, error: null };
  const sums = { batches: 0, present: null, knownEmpty: null, stored: 0, empty: 0, bytes: 0 };
  return { number, range, count, isRetry, ...lease, ...sums };
}

export function totalOf(seed: MemorySeed, worker: string, nowMs: number): MemoryTotal {
  const known = seed.totals.get(worker);
  if (known !== undefined) return known;
  const counts = { present: 0, stored: 0, empty: 0, failed: 0, rejected: 0, bytes: 0, requests: 0, retries: 0 };
  const made = { counts, blocks: 0, busyMs: 0, tilesPerSecond: 0, seenAtMs: nowMs };
  seed.totals.set(worker, made);
  return made;
}

/** A worker that was heard of within this time counts, ms. */
const SEEN_MS = 15_000;

/** Workers of a seed. */
export function countWorkers(seed: MemorySeed, nowMs: number): number {
  return [...seed.totals.values()].filter(({ seenAtMs }) => seenAtMs > nowMs - SEEN_MS).length;
}

/** Workers of the cluster. @param seenAtMs when each was heard of last */
export function countSeen(seenAtMs: ReadonlyMap<string, number>, nowMs: number): number {
  return seenAtMs
    .values()
    .filter((atMs) => atMs > nowMs - SEEN_MS)
    .toArray().length;
}

export function countTiles(runs: readonly FailedRun[]): number {
  return runs.reduce((sum, { minX, maxX }) => sum + maxX - minX + 1, 0);
}

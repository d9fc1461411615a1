import type { TileStore, TileWrite } from "../../cache/index.ts";
import type { PlanBlock, TileRange } from "../../grid/index.ts";
import type { BlockScan, FailedRun } from "../../seed/index.ts";
import type { Speed } from "../blocks/block_size.ts";
import type { PlanCursor } from "../blocks/plan_cutter.ts";
import type { SeedDefinition } from "../definition.ts";

/** `ended`: every block is done or was given up. */
export type SeedState = "running" | "paused" | "cancelled" | "ended";

export interface ClusterSeed {
  readonly id: string;
  readonly definition: SeedDefinition;
  readonly state: SeedState;
  readonly planned: number;
  /** Where the next block is cut; null when the whole plan is. */
  readonly cursor: PlanCursor | null;
  /** Tiles fetched before are fetched again, UTC ms by the clock of the cluster. */
  readonly staleBeforeMs: number | null;
  readonly submittedAtMs: number;
  readonly endedAtMs: number | null;
}

/** A block in the hands of one worker. What it writes counts only as long as nobody else has it. */
export interface BlockLease {
  readonly seedId: string;
  /** From 0, in the order of cutting. */
  readonly number: number;
  readonly range: TileRange;
  /** Tiles that this block has to account for. */
  readonly count: number;
  /** Job of the engine and which of its attempts this is. */
  readonly jobId: string;
  readonly attempt: number;
  /** Batches that earlier attempts have committed. */
  readonly batches: number;
}

export interface BlockBatch {
  /** From 1, over all attempts: one that is given twice, because an answer was lost, counts once. */
  readonly number: number;
  readonly writes: readonly TileWrite[];
}

export interface BlockEnd {
  /** The last tiles, committed together with the end; null when all are written. */
  readonly lastBatch: BlockBatch | null;
  readonly failed: readonly FailedRun[];
  /** Time that the worker spent on it, ms. */
  readonly busyMs: number;
  /** The part of the plan, so that the end can be proved. */
  readonly block: PlanBlock;
}

/** What a worker says of itself; figures count from the last time. */
export interface WorkerReport {
  readonly worker: string;
  readonly leases: readonly BlockLease[];
  readonly seeds: readonly WorkerFigures[];
}

export interface WorkerFigures {
  readonly seedId: string;
  readonly requests: number;
  readonly retries: number;
  readonly rejected: number;
  /** Over the last seconds. */
  readonly tilesPerSecond: number;
}

export interface WorkerOrders {
  /** No longer this worker's. */
  readonly lost: readonly BlockLease[];
  /** Seeds of the leases that are not to be worked on now. */
  readonly stopped: readonly string[];
  /** Clock of the cluster, UTC ms. */
  readonly nowMs: number;
}

/** Something has changed that workers want to know of. */
export interface ClusterEvent {
  /** `work`: blocks were cut or sent again; `state`: a seed was paused, resumed, cancelled or has ended. */
  readonly kind: "work" | "state";
  readonly seedId: string;
}

/** Outcomes so far, over all workers; exact: each was written together with the tiles that it speaks of. */
export interface ClusterCounts {
  readonly present: number;
  readonly stored: number;
  readonly empty: number;
  readonly failed: number;
  readonly rejected: number;
  readonly bytes: number;
  readonly requests: number;
  readonly retries: number;
}

export interface SeedStatus extends ClusterSeed {
  readonly counts: ClusterCounts;
  /** Failed tiles by error code. */
  readonly failures: Readonly<Record<string, number>>;
  readonly blocks: { readonly queued: number; readonly leased: number; readonly dead: number; readonly done: number };
  readonly workers: readonly WorkerStatus[];
  /** Since it was submitted, until its end. */
  readonly elapsedMs: number;
}

export interface WorkerStatus {
  readonly worker: string;
  /** Blocks in its hands. */
  readonly blocks: number;
  readonly stored: number;
  readonly tilesPerSecond: number;
  /** Since it was last heard of, ms. */
  readonly silentMs: number;
}

/** A block that failed too often. */
export interface DeadBlock {
  readonly number: number;
  readonly range: TileRange;
  readonly attempts: number;
  readonly error: string;
}

/**
 * The books of a cluster: what is submitted, cut, in whose hands, done. Each call is one transaction. A worker whose lease is lost cannot
 * write: `commit` and `complete` throw `cluster.leaseLost`. Every implementation passes `test/conformance/cluster_book.ts`.
 */
export interface ClusterBook {
  /** For people; never a password. */
  readonly location: string;
  /**
   * A seed that is running or paused already is left as it is (`isNew` false); one that has ended or was cancelled begins again, with what
   * its cache holds.
   */
  submit(definition: SeedDefinition, planned: number, signal?: AbortSignal): Promise<{ id: string; isNew: boolean }>;
  /** @throws `cluster.unknownSeed` */
  getSeed(id: string, signal?: AbortSignal): Promise<ClusterSeed>;
  /** Newest first. */
  listSeeds(signal?: AbortSignal): Promise<SeedStatus[]>;
  /** @throws `cluster.unknownSeed` */
  getStatus(id: string, signal?: AbortSignal): Promise<SeedStatus>;
  listDead(id: string, signal?: AbortSignal): Promise<DeadBlock[]>;
  listFailed(id: string, signal?: AbortSignal): AsyncIterable<FailedRun>;
  /** Seeds that need further blocks: running, not cut to the end, and few blocks are waiting. */
  listHungry(signal?: AbortSignal): Promise<string[]>;
  /** Cuts further blocks unless somebody else does it at the moment. @returns how many */
  cut(seedId: string, cutBlocks: CutBlocks): Promise<number>;
  /** The next block of any running seed but these; null when none is ready. */
  claim(worker: string, withoutSeeds?: readonly string[]): Promise<BlockLease | null>;
  /** What the store knew before the first attempt; later attempts do not change it. */
  noteScan(lease: BlockLease, scan: BlockScan): Promise<void>;
  commit(lease: BlockLease, batch: BlockBatch): Promise<void>;
  /** @throws also `seed.incomplete` when the store lacks tiles that no failure explains */
  complete(lease: BlockLease, end: BlockEnd): Promise<void>;
  /** Gives a block back undone: somebody else takes it at once; of a cancelled seed it is closed. */
  giveBack(lease: BlockLease): Promise<void>;
  /** The block is tried again later, or, after too many attempts, put aside as dead. */
  fail(lease: BlockLease, error: unknown): Promise<void>;
  /** Keeps the leases alive. */
  report(report: WorkerReport): Promise<WorkerOrders>;
  /** Puts the blocks of lost workers back in the queue. Every worker does it now and then. */
  tidy(): Promise<void>;
  /** @throws `cluster.unknownSeed`, `cluster.state` */
  setState(id: string, state: "running" | "paused" | "cancelled"): Promise<void>;
  /** Sends dead blocks, and those with failed tiles, again. @returns blocks */
  retry(id: string): Promise<number>;
  /** Calls back for every event, and with null when some may have been missed. */
  listen(onEvent: (event: ClusterEvent | null) => void): Promise<AsyncDisposable>;
  /** The tiles of a seed. */
  openTiles(cache: string, signal?: AbortSignal): Promise<TileStore>;
  close(): Promise<void>;
}

/** Cuts the next blocks; called within the transaction that notes them. */
export type CutBlocks = (seed: ClusterSeed, speed: Speed) => CutResult;

export interface CutResult {
  readonly blocks: readonly PlanBlock[];
  readonly cursor: PlanCursor | null;
}

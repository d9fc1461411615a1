import { isCancelled, isTilthError, sleep, throwIfAborted, TilthError, type Clock } from "../../core/index.ts";
import type { TileSource, TileStore } from "../../cache/index.ts";
import type { AreaPlan, PlanBlock } from "../../grid/index.ts";
import { runSeed, type FailedRun, type SeedProgress, type SeedReport } from "../../seed/index.ts";
import type { BlockLease, ClusterBook, ClusterSeed } from "../book/cluster_book.ts";
import { BlockStore, planOfBlock } from "./block_store.ts";

/** What a seed needs on this machine: opened once for all of its blocks. */
export interface OpenSeed {
  readonly seed: ClusterSeed;
  readonly source: TileSource;
  readonly plan: AreaPlan;
  readonly tiles: TileStore;
}

export interface RunBlockOptions {
  readonly book: ClusterBook;
  readonly lease: BlockLease;
  readonly open: OpenSeed;
  readonly offsetMs: () => number;
  /** Aborted when the seed stops, the lease is lost or the worker ends. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random?: () => number;
  /** Receives a function that gives the progress at any time. */
  readonly onStart?: (readProgress: () => SeedProgress) => void;
}

/** How a block ended: done, given back (the seed stopped or the worker ends), to be tried again, or somebody else has it. */
export type BlockOutcome = "done" | "givenBack" | "failed" | "lost";

export interface EndedBlock {
  readonly outcome: BlockOutcome;
  /** Why it was not finished. */
  readonly error: unknown;
}

/** What a killed worker has fetched for nothing: the time between two commits, or, where the database was away before, two batches a block. */
const COMMIT = { maxDelayMs: 150, batchCount: 150, retryMs: 500 };
/** Time between attempts to tell the books while the database is away, ms. */
const AWAY_RETRY_MS = 1000;

/** Fetches the missing tiles of one block. Never throws: whatever happens, the block is done, back in the queue, or another worker's. */
export async function runBlock(options: RunBlockOptions): Promise<EndedBlock> {
  const { book, lease, open, clock } = options;
  const startedMs = clock.monotonicMs();
  const block = open.plan.clip(lease.range);
  const store = new BlockStore({ book, tiles: open.tiles, lease, block, offsetMs: options.offsetMs });
  const failed: FailedRun[] = [];
  try {
    const report = await fetchBlock(options, store, block, failed);
    if (report.stopped === null) {
      const end = { lastBatch: store.held, failed, busyMs: clock.monotonicMs() - startedMs, block };
      await untilTold(options, () => book.complete(lease, end));
      return { outcome: "done", error: null };
    }
    await store.flush();
    if (report.stopped === "hostDead") throw hostDead(open.source, failed);
    await book.giveBack(lease);
    return { outcome: "givenBack", error: null };
  } catch (error) {
    return { outcome: await letGo(options, error), error };
  }
}

async function fetchBlock(
  { open, signal, clock, random, onStart }: RunBlockOptions,
  store: BlockStore,
  block: PlanBlock,
  failed: FailedRun[],
): Promise<SeedReport> {
  const { seed, source } = open;
  return runSeed({
    cache: { store, source },
    plan: planOfBlock(block),
    task: null,
    staleBeforeMs: seed.staleBeforeMs ?? undefined,
    retries: seed.definition.retries,
    commit: COMMIT,
    onFailed: (run) => {
      failed.push(run);
      store.noteFailed(run.maxX - run.minX + 1);
    },
    signal,
    clock,
    random,
    onStart,
  });
}

function hostDead(source: TileSource, failed: readonly FailedRun[]): TilthError {
  const hosts = source.hosts.map(({ host }) => host).join(", ");
  const reason = failed.at(-1)?.message ?? "nothing answered";
  return new TilthError(
    "http.breakerOpen",
    `${hosts} does not answer; the block is tried again later (last: ${reason})`,
  );
}

/** What is to become of a block that could not be finished. */
async function letGo({ book, lease }: RunBlockOptions, error: unknown): Promise<BlockOutcome> {
  if (isTilthError(error, "cluster.leaseLost")) return "lost";
  try {
    if (isCancelled(error)) {
      await book.giveBack(lease);
      return "givenBack";
    }
    await book.fail(lease, error);
    return "failed";
  } catch {
    // Nobody can be told: the lease ends by itself when nothing is heard of it.
    return "lost";
  }
}

/** Again while the database is away; who has done it already, and lost the answer, is told that the lease is gone. */
async function untilTold({ signal, clock }: RunBlockOptions, tell: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await tell();
    } catch (error) {
      if (!isTilthError(error, "postgres.unreachable") || error.fields["retryable"] === false) throw error;
      throwIfAborted(signal);
      await sleep(AWAY_RETRY_MS, { clock, signal });
    }
  }
}

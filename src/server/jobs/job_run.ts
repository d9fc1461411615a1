import { rename, rm } from "node:fs/promises";
import { messageOf, throwIfAborted, TilthError, type Clock, type Logger } from "../../core/index.ts";
import { FailedListWriter, runSeed, type SeedProgress, type SeedReport } from "../../seed/index.ts";
import type { JobRequest, OpenedJob, OpenJob } from "./job.ts";

export interface JobRunOptions {
  readonly request: JobRequest;
  readonly openJob: OpenJob;
  /** The job's list of failed tiles. */
  readonly failedPath: string;
  /** Where this run writes its own list. */
  readonly failingPath: string;
  /** Only the tiles of `failedPath`. */
  readonly retry: boolean;
  readonly signal: AbortSignal;
  readonly onStart: (planned: number, readProgress: () => SeedProgress) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * One run of a job from open to closed: when this settles, everything fetched is committed and the store is free.
 * @throws `cancelled` when it was stopped before its seed began, and whatever `openJob` and `runSeed` throw
 */
export async function runJob(options: JobRunOptions): Promise<SeedReport> {
  const { openJob, request, retry, failedPath, signal } = options;
  throwIfAborted(signal);
  // Awaited also when it is slow to heed the signal: a store that opens late must not meet the next job.
  await using opened = await openJob(request, { signal, failed: retry ? failedPath : null });
  throwIfAborted(signal);
  const list = await FailedListWriter.open(options.failingPath);
  let report: SeedReport | null = null;
  try {
    report = await seed(options, opened, list);
    return report;
  } finally {
    await list.close();
    await keepList(options, report);
  }
}

async function seed(options: JobRunOptions, opened: OpenedJob, list: FailedListWriter): Promise<SeedReport> {
  const { refreshAgeMs, retries } = options.request;
  const { cache, plan, task } = opened;
  return runSeed({
    cache,
    plan,
    task,
    ...(refreshAgeMs === undefined ? {} : { refreshAgeMs }),
    ...(retries === undefined ? {} : { retries }),
    onFailed: (run) => list.write(run),
    onStart: (readProgress) => options.onStart(plan.count, readProgress),
    signal: options.signal,
    clock: options.clock,
    logger: options.logger,
  });
}

/** A retry that was stopped has not asked for all of the old list's tiles: that list stays. */
async function keepList(options: JobRunOptions, report: SeedReport | null): Promise<void> {
  const whole = report !== null && report.stopped !== "cancelled";
  try {
    if (whole || !options.retry) await rename(options.failingPath, options.failedPath);
    else await rm(options.failingPath, { force: true });
  } catch (cause) {
    throw new TilthError("store.io", `the list of failed tiles cannot be kept: ${messageOf(cause)}`, { cause });
  }
}

import type { JobManager } from "../jobs/job_manager.ts";
import type { JobView } from "../jobs/job.ts";

/** What is counted over all jobs. */
export const COUNTED = ["stored", "empty", "failed", "rejected", "bytes", "requests", "retries"] as const;

export type JobCounts = Record<(typeof COUNTED)[number], number>;

const zero = (): JobCounts => ({ stored: 0, empty: 0, failed: 0, rejected: 0, bytes: 0, requests: 0, retries: 0 });

/** Sums over the jobs of a server's life that never go back: a run that begins again counts on from nothing. */
export class JobTotals {
  readonly #ended = zero();
  /** Of the run that each job is in. */
  readonly #running = new Map<string, JobCounts>();

  constructor(manager: JobManager) {
    manager.subscribe(({ job }) => this.#take(job));
  }

  read(): JobCounts {
    const totals = { ...this.#ended };
    for (const counts of this.#running.values()) add(totals, counts);
    return totals;
  }

  #take({ id, state, progress, report }: JobView): void {
    const last = this.#running.get(id);
    if (state === "running") this.#running.set(id, progress === null ? (last ?? zero()) : pick(progress));
    if (state === "running" || last === undefined) return;
    // The report of the run that has just come to rest; one that could not go on leaves what it was last seen with.
    add(this.#ended, state === "failed" || report === null ? last : pick(report));
    this.#running.delete(id);
  }
}

function pick(counts: JobCounts): JobCounts {
  return Object.fromEntries(COUNTED.map((name) => [name, counts[name]])) as JobCounts;
}

function add(totals: JobCounts, counts: JobCounts): void {
  for (const name of COUNTED) totals[name] += counts[name];
}

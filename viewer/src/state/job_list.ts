import type { ServerEvent } from "../api/event_stream.ts";
import type { Job, Outcomes } from "../api/job_types.ts";

/** Jobs that the page keeps; the server lists no more either. */
const MAX_JOBS = 100;

/** The list after an event, newest first. The same list when the event does not concern it. */
export function applyEvent(jobs: readonly Job[], event: ServerEvent): readonly Job[] {
  if (event.kind === "removed")
    return jobs.some(({ id }) => id === event.id) ? jobs.filter(({ id }) => id !== event.id) : jobs;
  return event.kind === "job" ? putJob(jobs, event.job) : jobs;
}

/** Puts a job in its place. */
export function putJob(jobs: readonly Job[], job: Job): readonly Job[] {
  const index = jobs.findIndex(({ id }) => id === job.id);
  if (index >= 0) return jobs.with(index, job);
  return [...jobs, job].toSorted((a, b) => b.createdAtMs - a.createdAtMs).slice(0, MAX_JOBS);
}

export function isUnderWay({ state }: Job): boolean {
  return state === "queued" || state === "running";
}

const NONE: Outcomes = {
  planned: 0,
  present: 0,
  stored: 0,
  empty: 0,
  rejected: 0,
  failed: 0,
  cancelled: 0,
  bytes: 0,
};

/** What became of the tiles so far: of the run under way, else of the last one. */
export function outcomesOf({ progress, report, planned }: Job): Outcomes {
  return { ...NONE, planned: planned ?? 0, ...report, ...progress };
}

/** Share of the planned tiles that are settled, 0..1; null before they are counted. */
export function shareDone(job: Job): number | null {
  const { planned, present, stored, empty, failed } = outcomesOf(job);
  if (planned === 0) return job.state === "done" ? 1 : null;
  return Math.min(1, (present + stored + empty + failed) / planned);
}

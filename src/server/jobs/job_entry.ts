import { isCancelled, isTilthError, redactUrl, TilthError } from "../../core/index.ts";
import type { SeedReport } from "../../seed/index.ts";
import type { JobRequest, JobView } from "./job.ts";
import type { JobRecord } from "./job_record.ts";
import type { LiveRun } from "./live_run.ts";

/** A job in memory: its record, how its request is shown, and its run while it runs. */
export interface JobEntry {
  record: JobRecord;
  /** Made once: a thousand kept events share it. */
  readonly shown: JobRequest;
  live: LiveRun | null;
}

export function makeEntry(record: JobRecord): JobEntry {
  const { request } = record;
  return { record, shown: { ...request, source: redactUrl(request.source) }, live: null };
}

export function viewOf({ record, shown, live }: JobEntry): JobView {
  const { id, state, createdAtMs, startedAtMs, endedAtMs, planned, report, error } = record;
  const progress = live?.readProgress?.() ?? null;
  return { id, request: shown, state, createdAtMs, startedAtMs, endedAtMs, planned, progress, report, error };
}

export type RunEnd = { readonly report: SeedReport } | { readonly error: unknown };

/** How a job stands after its run: a run that came to its end before it could be stopped counts as ended. */
export function afterRun(record: JobRecord, end: RunEnd, nowMs: number): JobRecord {
  const rested = { ...record, intent: null, ...("report" in end ? { report: end.report } : {}) };
  const stopped = "report" in end ? end.report.stopped === "cancelled" : isCancelled(end.error);
  if (stopped && record.intent === "pause") return { ...rested, state: "paused" };
  // An error of a server that ends may come of that alone: what is wrong with the job itself is met again after the restart.
  if (record.intent === "close" && (stopped || "error" in end)) return { ...rested, state: "queued" };
  const ended = { ...rested, endedAtMs: nowMs };
  if (stopped && record.intent === "cancel") return { ...ended, state: "cancelled" };
  if ("report" in end && !stopped) return { ...ended, state: end.report.complete ? "done" : "incomplete" };
  return { ...ended, state: "failed", error: shownError("error" in end ? end.error : undefined) };
}

/** Messages of ours hold no secrets; what others throw goes to the log only. */
function shownError(error: unknown): { code: string; message: string } {
  if (isTilthError(error)) return { code: error.code, message: error.message };
  return new TilthError("internal", "a mistake of Tilth's own; see its log").toJSON();
}

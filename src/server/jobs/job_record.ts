import { z } from "zod";
import { messageOf, TilthError } from "../../core/index.ts";
import type { SeedReport } from "../../seed/index.ts";
import type { JobRequest, JobState } from "./job.ts";
import { JOB_STATES } from "./job_states.ts";

/** Why a run is being stopped; `close`: the server ends, the job goes on after a restart. */
export type StopIntent = "pause" | "cancel" | "close";

/** A job as its file holds it. */
export interface JobRecord {
  readonly version: 1;
  readonly id: string;
  /** Order of creation; 1 for the first job of a data folder. */
  readonly sequence: number;
  /** Place in the queue: lower goes first. */
  readonly turn: number;
  readonly request: JobRequest;
  readonly state: JobState;
  /** Its run works only the list of failed tiles. */
  readonly retry: boolean;
  /** Asked for while it ran; a restart carries it out. */
  readonly intent: StopIntent | null;
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly planned: number | null;
  readonly report: SeedReport | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

const time = z.number().finite();
const count = z.number().int().nonnegative();

/** Request and report are checked only as far as this room reads them; whoever opens the job checks the rest. */
const recordSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  sequence: count,
  turn: count,
  request: z.looseObject({ source: z.string(), store: z.string(), zooms: z.array(z.number()) }),
  state: z.enum(JOB_STATES),
  retry: z.boolean(),
  intent: z.enum(["pause", "cancel", "close"]).nullable(),
  createdAtMs: time,
  startedAtMs: time.nullable(),
  endedAtMs: time.nullable(),
  planned: count.nullable(),
  report: z.looseObject({ complete: z.boolean() }).nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});

/** @throws `store.corrupt` for a text that is no job of this `id` */
export function parseRecord(id: string, text: string): JobRecord {
  try {
    const record = recordSchema.parse(JSON.parse(text));
    if (record.id === id) return record as unknown as JobRecord;
  } catch (cause) {
    throw new TilthError("store.corrupt", `expected a job in ${id}.json: ${messageOf(cause).slice(0, 200)}`, { cause });
  }
  throw new TilthError("store.corrupt", `expected the job of id ${id} in ${id}.json, got another one`);
}

/** How a job stands after its server ended, by a kill too: what was asked for is carried out, the rest waits. */
export function afterRestart(record: JobRecord, onRestart: "resume" | "pause", nowMs: number): JobRecord {
  if (record.state !== "queued" && record.state !== "running") return record;
  const rested = { ...record, intent: null };
  if (record.intent === "cancel") return { ...rested, state: "cancelled", endedAtMs: nowMs };
  return { ...rested, state: record.intent === "pause" || onRestart === "pause" ? "paused" : "queued" };
}

import { TilthError } from "../../core/index.ts";
import type { JobState } from "./job.ts";

export type JobAction = "pause" | "resume" | "cancel" | "retryFailed" | "remove";

/** What can be done in which state. One that failed or was cancelled can be resumed: what it has stored is not fetched again. */
const ACTIONS: Readonly<Record<JobState, readonly JobAction[]>> = {
  queued: ["pause", "cancel"],
  running: ["pause", "cancel"],
  paused: ["resume", "cancel"],
  done: ["remove"],
  incomplete: ["retryFailed", "remove"],
  failed: ["resume", "remove"],
  cancelled: ["resume", "remove"],
};

export const JOB_STATES = Object.keys(ACTIONS) as [JobState, ...JobState[]];

/** True when nothing goes on by itself or on its user's word alone: such a job may be removed. */
export function isEnded(state: JobState): boolean {
  return ACTIONS[state].includes("remove");
}

/** What can be done now. */
export function actionsOf(state: JobState): readonly JobAction[] {
  return ACTIONS[state];
}

/** @throws `job.state`, saying the state and what can be done in it */
export function requireAction(id: string, state: JobState, action: JobAction): void {
  const allowed = ACTIONS[state];
  if (allowed.includes(action)) return;
  throw new TilthError("job.state", `job ${id} is ${state}: expected ${allowed.join(" or ")}, got ${action}`, {
    fields: { id, state, action, allowed },
  });
}

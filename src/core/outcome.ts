/** What became of one planned tile. `rejected` bodies (not a tile) end as `failed` when no attempt succeeds. */
export type Outcome = "present" | "stored" | "empty" | "failed" | "cancelled";

/** Counts of a task; `planned = present + stored + empty + failed + cancelled` holds at its end. */
export interface OutcomeCounts {
  planned: number;
  /** Already in the store, not asked for. */
  present: number;
  /** Fetched and committed. */
  stored: number;
  /** The service has nothing there (404, 410, 204), known now or from before. */
  empty: number;
  failed: number;
  cancelled: number;
  /** Answers that were not a tile, over all attempts (retried, so not part of the sum). */
  rejected: number;
}

export function zeroCounts(planned = 0): OutcomeCounts {
  return { planned, present: 0, stored: 0, empty: 0, failed: 0, cancelled: 0, rejected: 0 };
}

/** Tiles without an outcome yet; 0 when the books are closed. */
export function openCount(counts: OutcomeCounts): number {
  return counts.planned - counts.present - counts.stored - counts.empty - counts.failed - counts.cancelled;
}

/** What `/api/status` says of the places that this address has. */
export interface SlotStatus {
  /** Null: no limit. */
  readonly limit: number | null;
  readonly free: number;
  /** Until the next place is free, ms; 0 when one is. Null when none is free and nothing says when. */
  readonly waitMs: number | null;
}

/** Null when the text is no such answer. */
export function parseSlotStatus(text: string): SlotStatus | null {
  const limit = /^Rate limit: (\d+)/m.exec(text)?.[1];
  if (limit === undefined) return null;
  const free = Number(/^(\d+) slots? available now/m.exec(text)?.[1] ?? 0);
  const waits = [...text.matchAll(/^Slot available after: [^,]+, in (-?\d+) seconds?/gm)].map(
    ([, s]) => Number(s) * 1000,
  );
  // 0 stands for: no limit.
  if (limit === "0" || free > 0) return { limit: limit === "0" ? null : Number(limit), free, waitMs: 0 };
  return { limit: Number(limit), free, waitMs: waits.length === 0 ? null : Math.max(0, Math.min(...waits)) };
}

import type { PermitLease } from "./budget_book.ts";

/** A permit that was not used so long after it was due is lost: a worker that was held up must not come with all of them at once. */
const LATE_MS = 250;
/** Sums of fractions leave such rests. */
const NO_WAIT_MS = 1e-3;

/** Permits that this worker has leased, each with its due time on the worker's own monotonic clock. */
export class PermitLine {
  #dueMs: number[] = [];
  #lost = 0;

  get size(): number {
    return this.#dueMs.length;
  }

  add({ count, inMs, intervalMs }: PermitLease, nowMs: number): void {
    for (let i = 0; i < count; i++) this.#dueMs.push(nowMs + inMs + i * intervalMs);
  }

  clear(): void {
    this.#dueMs = [];
  }

  /** Ms until the next is due; 0 = now, null = there is none. */
  delayMs(nowMs: number): number | null {
    while ((this.#dueMs[0] ?? Infinity) < nowMs - LATE_MS) {
      this.#dueMs.shift();
      this.#lost += 1;
    }
    const [next] = this.#dueMs;
    if (next === undefined) return null;
    return next - nowMs > NO_WAIT_MS ? next - nowMs : 0;
  }

  take(): void {
    this.#dueMs.shift();
  }

  /** Permits that were lost since this was asked last. */
  countLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }
}

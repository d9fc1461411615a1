import type { PermitLease } from "./budget_book.ts";

/** A permit that was not used so long after it was due is lost: a worker that was held up must not come with all of them at once. */
const LATE_MS = 250;
/** A database may be so far away that an answer takes this long. */
const AHEAD_MS = 200;
/** Sums of fractions leave such rests. */
const NO_WAIT_MS = 1e-3;

/** Permits that this worker has leased, each with its due time on the worker's own monotonic clock. */
export class PermitLine {
  #dueMs: number[] = [];
  #lost = 0;
  /** Permits to ask for: first 1, then twice as many as before while none are lost. */
  #batch = 1;

  /** Half of what was leased last is used, or the last is due before the next ones could be here. */
  isShort(nowMs: number): boolean {
    return this.#dueMs.length <= this.#batch / 2 || (this.#dueMs.at(-1) ?? nowMs) < nowMs + AHEAD_MS;
  }

  /** Permits to ask for now. While some were lost fewer are: others could have used them. */
  countWanted(nowMs: number): number {
    if (this.#lost > 0) this.#batch = Math.max(1, Math.floor(this.#batch / 2));
    this.#lost = 0;
    return this.isShort(nowMs) ? this.#batch : 0;
  }

  /** @param asked permits that were asked for; @param leaseSize as many as there may be in one lease */
  add({ count, inMs, intervalMs }: PermitLease, asked: number, leaseSize: number, nowMs: number): void {
    for (let i = 0; i < count; i++) this.#dueMs.push(nowMs + inMs + i * intervalMs);
    this.#batch = Math.min(asked * 2, leaseSize);
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
}

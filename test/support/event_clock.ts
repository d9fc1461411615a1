import type { Clock } from "../../src/core/index.ts";
import { flush } from "./fake_clock.ts";

type Timer = (() => void) | null;

/**
 * A fake clock for many thousand timers: whole milliseconds (rounded up), and promises settle once for all that fall due in the same one.
 * Within it timers fire as they were set.
 */
export class EventClock implements Clock {
  readonly #startMs: number;
  #elapsedMs = 0;
  /** What is due at each of `#times`; null where it was cancelled. */
  readonly #due = new Map<number, { fn: Timer }[]>();
  /** A heap, the soonest first. */
  readonly #times: number[] = [];

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#startMs = startMs;
  }

  now(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  setTimer(fn: () => void, delayMs: number): () => void {
    const dueMs = Math.ceil(this.#elapsedMs + Math.max(0, delayMs));
    const timer: { fn: Timer } = { fn };
    const same = this.#due.get(dueMs);
    if (same === undefined) {
      this.#due.set(dueMs, [timer]);
      pushTime(this.#times, dueMs);
    } else same.push(timer);
    return () => void (timer.fn = null);
  }

  /** Lets time pass until `isOver` says so, looked at after each event. @returns false when the time came first, or nothing is left to happen */
  async runUntil(isOver: () => boolean, untilMs: number): Promise<boolean> {
    await flush();
    while (!isOver()) {
      const dueMs = this.#times[0];
      if (dueMs === undefined || dueMs > untilMs) return false;
      await this.#fire(dueMs);
    }
    return true;
  }

  async #fire(dueMs: number): Promise<void> {
    popTime(this.#times);
    const timers = this.#due.get(dueMs) ?? [];
    this.#due.delete(dueMs);
    this.#elapsedMs = dueMs;
    let hasFired = false;
    for (const timer of timers) {
      const { fn } = timer;
      timer.fn = null;
      fn?.();
      hasFired ||= fn !== null;
    }
    if (hasFired) await flush();
  }
}

function pushTime(heap: number[], time: number): void {
  let at = heap.push(time) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if ((heap[parent] as number) <= time) break;
    heap[at] = heap[parent] as number;
    at = parent;
  }
  heap[at] = time;
}

function popTime(heap: number[]): void {
  const last = heap.pop() as number;
  if (heap.length === 0) return;
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child += 1;
    if ((heap[child] as number) >= last) break;
    heap[at] = heap[child] as number;
    at = child;
  }
  heap[at] = last;
}

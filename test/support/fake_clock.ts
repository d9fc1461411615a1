import type { Clock } from "../../src/core/index.ts";

interface Timer {
  dueMs: number;
  fn: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  readonly #startMs: number;
  readonly #timers = new Set<Timer>();
  #elapsedMs = 0;

  /** `startMs`: what `now()` says at first (UTC, ms since 1970). */
  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#startMs = startMs;
  }

  /** Timers that are set and have neither fired nor been cancelled; 0 when nothing leaks. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  setTimer(fn: () => void, delayMs: number): () => void {
    const timer: Timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), fn };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets `ms` pass: fires what falls due in order (ties: as they were set), promises settling in between; new timers may fire too. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    await flush();
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#timers.delete(next);
      this.#elapsedMs = next.dueMs;
      next.fn();
      await flush();
    }
    this.#elapsedMs = untilMs;
    await flush();
  }

  #next(untilMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs <= untilMs && (first === undefined || timer.dueMs < first.dueMs)) first = timer;
    }
    return first;
  }
}

/** Lets every promise that can settle without time passing do so: an immediate runs only when no microtask is left. */
export function flush(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

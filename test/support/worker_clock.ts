import type { Clock } from "../../src/core/index.ts";

/** Of a worker whose time is wrong by `skewMs`, and stands still once it is killed. */
export class WorkerClock implements Clock {
  readonly #clock: Clock;
  readonly #skewMs: number;
  isKilled = false;

  constructor(clock: Clock, skewMs: number) {
    this.#clock = clock;
    this.#skewMs = skewMs;
  }

  now(): number {
    return this.#clock.now() + this.#skewMs;
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs() + Math.abs(this.#skewMs);
  }

  setTimer(fn: () => void, delayMs: number): () => void {
    return this.#clock.setTimer(() => (this.isKilled ? undefined : fn()), delayMs);
  }
}

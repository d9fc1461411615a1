import type { Clock } from "../../core/index.ts";

/** Calls `tick` at a fixed interval between `start` and `stop`. */
export class Ticker {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #tick: () => void;
  #stopTimer: (() => void) | null = null;

  constructor(clock: Clock, everyMs: number, tick: () => void) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#tick = tick;
  }

  /** Does nothing while it ticks already. */
  start(): void {
    this.#stopTimer ??= this.#clock.setTimer(() => {
      this.#stopTimer = null;
      this.start();
      this.#tick();
    }, this.#everyMs);
  }

  stop(): void {
    this.#stopTimer?.();
    this.#stopTimer = null;
  }
}

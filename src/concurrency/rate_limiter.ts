import { systemClock, type Clock } from "../core/index.ts";
import { expectInteger, expectPositive } from "./arguments.ts";

/** Waits shorter than this are none: sums of fractions leave such rests. */
const NO_WAIT_MS = 1e-3;

export interface RateLimiterOptions {
  /** Permits per second in the long run; may be below 1. */
  ratePerSecond: number;
  /** Permits that may go at one instant after a rest. @default 1 (evenly spaced) */
  burst?: number;
  clock?: Clock;
}

/**
 * GCRA: one number is the whole state, the instant at which the permits given so far are 'paid off'.
 * In any span of t seconds at most `burst + ratePerSecond * t` permits go. Nothing waits in here and no timer is set.
 */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  #paidOffAtMs = -Infinity;

  constructor({ ratePerSecond, burst = 1, clock = systemClock }: RateLimiterOptions) {
    expectPositive("ratePerSecond", ratePerSecond);
    expectInteger("burst", burst, 1);
    this.#clock = clock;
    this.#intervalMs = 1_000 / ratePerSecond;
    this.#toleranceMs = (burst - 1) * this.#intervalMs;
  }

  /** Takes a permit for certain and returns how many ms to wait before using it (0 = now). It cannot be given back. */
  reserve(): number {
    const delayMs = this.delayMs();
    this.#paidOffAtMs = Math.max(this.#paidOffAtMs, this.#clock.monotonicMs()) + this.#intervalMs;
    return delayMs;
  }

  /** Milliseconds until a permit is free (0 = now); takes nothing. */
  delayMs(): number {
    const delayMs = this.#paidOffAtMs - this.#toleranceMs - this.#clock.monotonicMs();
    return delayMs > NO_WAIT_MS ? delayMs : 0;
  }

  /** Takes a permit if one is free now. */
  tryTake(): boolean {
    if (this.delayMs() > 0) return false;
    this.reserve();
    return true;
  }
}

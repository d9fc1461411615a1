import { systemClock, TilthError, type Clock } from "../core/index.ts";
import { expectInteger } from "./arguments.ts";

/** How many requests may run at once, now. Whoever starts requests asks before each start and reports after each end. */
export interface ConcurrencyLimit {
  /** An integer from 1 up; may change with every report. */
  readonly limit: number;
  /** A request was answered. `inFlight` counts those running when it ended, itself included. */
  onSuccess(latencyMs: number, inFlight: number): void;
  /** The host asks for less: 429, 503, or a timeout. Not for errors of one tile. */
  onOverload(): void;
}

/** A limit that no report changes. */
export function fixedLimit(limit: number): ConcurrencyLimit {
  expectInteger("limit", limit, 1);
  return { limit, onSuccess: () => undefined, onOverload: () => undefined };
}

export interface AdaptiveLimitOptions {
  /** @default 1 */
  min?: number;
  max: number;
  /** Where it starts. @default 4, kept between min and max */
  initial?: number;
  clock?: Clock;
}

/** Latency over the host's unloaded latency: below the first the limit grows, above the second it shrinks towards the aim. */
const GROW_BELOW = 1.25;
const SHRINK_ABOVE = 1.6;
const AIM = 1.4;
/** Differences of this size are the noise of timers and of our own event loop. */
const NOISE_MS = 2;
/** A limit counts as used when this share of it was in flight; else there is nothing to learn for growing. */
const USED_SHARE = 0.75;
/** Fewer answers say little: latencies of tiles differ. At first a quick start matters more. */
const SAMPLES_AT_FIRST = 4;
const SAMPLES_LATER = 10;
/** Answers to requests of the same overload come in bunches: one decrease for each bunch. */
const SAME_OVERLOAD_MS = 100;
/** The unloaded latency is measured anew after this time, at half the limit, because a host changes over hours. */
const REMEASURE_AFTER_MS = 30_000;

/** Answers to requests that were started after the limit changed last. */
interface Window {
  sinceMs: number;
  samples: number;
  /** Geometric mean: a few slow tiles are not congestion. */
  sumOfLogs: number;
  maxInFlight: number;
}

/**
 * `--concurrency auto`. Doubles from round trip to round trip until latency first rises or the host complains (slow start);
 * then additive growth (by its square root), halving on overload, and a latency gradient: `n` requests on a host that works on `c` at
 * once take `n / c` times the unloaded latency, so the limit settles at 1.25 to 1.6 times `c`. It never grows while it is not used.
 */
export class AdaptiveLimit implements ConcurrencyLimit {
  readonly #min: number;
  readonly #max: number;
  readonly #clock: Clock;
  #limit: number;
  #slowStart = true;
  #latencyMs = 0;
  #unloadedMs = Infinity;
  #unloadedAtMs: number;
  #decreasedAtMs = -Infinity;
  /** While the unloaded latency is measured anew: the limit to go back to. */
  #limitBefore: number | undefined;
  #window: Window;

  constructor({ min = 1, max, initial = Math.min(Math.max(4, min), max), clock = systemClock }: AdaptiveLimitOptions) {
    expectInteger("min", min, 1);
    expectInteger("max", max, min);
    expectInteger("initial", initial, min);
    if (initial > max)
      throw new TilthError("argument.invalid", `expected \`initial\` to be at most max (${max}), got ${initial}`);
    this.#min = min;
    this.#max = max;
    this.#limit = initial;
    this.#clock = clock;
    this.#unloadedAtMs = clock.monotonicMs();
    this.#window = newWindow(this.#unloadedAtMs);
  }

  get limit(): number {
    return this.#limit;
  }

  onSuccess(latencyMs: number, inFlight: number): void {
    const nowMs = this.#clock.monotonicMs();
    const window = this.#window;
    // Half a ms of grace: clocks of callers are rounded.
    if (!(latencyMs >= 0) || nowMs - latencyMs < window.sinceMs - 0.5) return;
    window.samples += 1;
    window.sumOfLogs += Math.log(latencyMs + NOISE_MS);
    window.maxInFlight = Math.max(window.maxInFlight, inFlight);
    const enough = Math.max(window.maxInFlight, this.#slowStart ? SAMPLES_AT_FIRST : SAMPLES_LATER);
    if (window.samples >= enough) this.#closeWindow(window, nowMs);
  }

  onOverload(): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#decreasedAtMs < Math.max(this.#latencyMs, SAME_OVERLOAD_MS)) return;
    this.#decreasedAtMs = nowMs;
    this.#slowStart = false;
    this.#limitBefore = undefined;
    this.#setLimit(this.#limit / 2, nowMs);
  }

  #closeWindow(window: Window, nowMs: number): void {
    this.#latencyMs = Math.exp(window.sumOfLogs / window.samples);
    if (this.#limitBefore !== undefined) return this.#endRemeasuring(this.#limitBefore, nowMs);
    if (this.#latencyMs <= this.#unloadedMs * 1.05) {
      this.#unloadedMs = Math.min(this.#unloadedMs, this.#latencyMs);
      this.#unloadedAtMs = nowMs;
    } else if (nowMs - this.#unloadedAtMs > REMEASURE_AFTER_MS) {
      this.#limitBefore = this.#limit;
      return this.#setLimit(this.#limit / 2, nowMs);
    }
    this.#setLimit(this.#nextLimit(window.maxInFlight >= this.limit * USED_SHARE), nowMs);
  }

  #nextLimit(used: boolean): number {
    const ratio = this.#latencyMs / this.#unloadedMs;
    if (ratio >= GROW_BELOW) this.#slowStart = false;
    if (!used) return this.#limit;
    if (ratio > SHRINK_ABOVE) return this.#limit * Math.max(0.5, AIM / ratio);
    if (ratio >= GROW_BELOW) return this.#limit;
    return this.#slowStart ? this.#limit * 2 : this.#limit + Math.floor(Math.sqrt(this.#limit));
  }

  #endRemeasuring(limitBefore: number, nowMs: number): void {
    this.#unloadedMs = this.#latencyMs;
    this.#unloadedAtMs = nowMs;
    this.#limitBefore = undefined;
    this.#setLimit(limitBefore, nowMs);
  }

  #setLimit(limit: number, nowMs: number): void {
    // Whole numbers only: kept fractions would add up to a step that no measurement asked for.
    this.#limit = Math.min(this.#max, Math.max(this.#min, Math.floor(limit)));
    // Queues take a round trip to build up; only slow start is in too much of a hurry to wait for that.
    this.#window = newWindow(this.#slowStart ? nowMs : nowMs + this.#latencyMs);
  }
}

function newWindow(sinceMs: number): Window {
  return { sinceMs, samples: 0, sumOfLogs: 0, maxInFlight: 0 };
}

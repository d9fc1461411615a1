import { CircuitState, CountBreaker } from "cockatiel";
import type { Clock } from "../core/index.ts";

export type BreakerState = "closed" | "open" | "halfOpen";

export interface BreakerOptions {
  /** Share of failures in the window that is still borne; one more opens it. @default 0.5 */
  threshold?: number;
  /** Attempts in the window. @default 40 */
  windowSize?: number;
  /** Attempts seen before it may open. @default 10 */
  minAttempts?: number;
  /** First time spent open, ms; doubles with each failed probe. @default 1000 */
  openMs?: number;
  /** Longest time spent open, ms. @default 30000 */
  maxOpenMs?: number;
  /** Probes in a row that may fail before the host counts as dead. @default 5 */
  maxProbes?: number;
  clock: Clock;
}

/** What is told to a breaker and asked of it. */
export interface HostBreaker {
  readonly state: BreakerState;
  /** No sense in waiting any more. */
  readonly dead: boolean;
  /** Milliseconds until an attempt may start: 0 = now, null = when the probe under way has ended. */
  delayMs(): number | null;
  /** An attempt starts (only when `delayMs()` is 0). True when it is the probe. */
  enter(): boolean;
  onSuccess(probe: boolean): void;
  onFailure(probe: boolean): void;
  /** The attempt said nothing about the host. */
  onNeutral(probe: boolean): void;
}

export const DEFAULT_BREAKER: Required<Omit<BreakerOptions, "clock">> = {
  threshold: 0.5,
  windowSize: 40,
  minAttempts: 10,
  openMs: 1000,
  maxOpenMs: 30_000,
  maxProbes: 5,
};

/**
 * Circuit breaker of one host.
 * - closed: everything passes; the share of failures over the last `windowSize` attempts is watched.
 * - open: nothing passes until `openMs` is over.
 * - halfOpen: one probe is under way or may be; its success closes, its failure opens again for twice as long.
 * The window is cockatiel's; the states are our own because the caller must ask 'may I, and if not, when?' without
 * starting anything: cockatiel's policy holds callers waiting inside of `execute` while a probe runs.
 */
export class Breaker implements HostBreaker {
  readonly #clock: Clock;
  readonly #options: Required<Omit<BreakerOptions, "clock">>;
  #window: CountBreaker;
  #state: BreakerState = "closed";
  #openUntilMs = 0;
  #failedProbes = 0;

  constructor(options: BreakerOptions) {
    const { clock, ...rest } = options;
    this.#clock = clock;
    this.#options = { ...DEFAULT_BREAKER, ...rest };
    this.#window = this.#newWindow();
  }

  /** An open one whose time is over waits for somebody to probe: it holds nobody back any more. */
  get state(): BreakerState {
    return this.#state === "open" && this.delayMs() === 0 ? "halfOpen" : this.#state;
  }

  /** Every probe of the last `maxProbes` openings failed: waiting longer is not worth it. */
  get dead(): boolean {
    return this.#failedProbes >= this.#options.maxProbes;
  }

  /** Milliseconds until an attempt may start: 0 = now, null = when the probe under way has ended. */
  delayMs(): number | null {
    if (this.#state === "closed") return 0;
    if (this.#state === "halfOpen") return null;
    return Math.max(0, this.#openUntilMs - this.#clock.monotonicMs());
  }

  /** An attempt starts (only when `delayMs()` is 0). True when it is the probe. */
  enter(): boolean {
    if (this.#state === "closed") return false;
    this.#state = "halfOpen";
    return true;
  }

  onSuccess(probe: boolean): void {
    if (probe) this.#close();
    else if (this.#state === "closed") this.#window.success(CircuitState.Closed);
  }

  onFailure(probe: boolean): void {
    if (probe) {
      this.#failedProbes += 1;
      this.#open();
    } else if (this.#state === "closed" && this.#window.failure(CircuitState.Closed)) this.#open();
  }

  /** The attempt said nothing about the host (the user cancelled it): a probe is given back, the next may be one. */
  onNeutral(probe: boolean): void {
    if (probe) this.#state = "open";
  }

  #open(): void {
    const { openMs, maxOpenMs } = this.#options;
    this.#state = "open";
    this.#openUntilMs = this.#clock.monotonicMs() + Math.min(maxOpenMs, openMs * 2 ** this.#failedProbes);
  }

  #close(): void {
    this.#state = "closed";
    this.#failedProbes = 0;
    this.#window = this.#newWindow();
  }

  #newWindow(): CountBreaker {
    const { threshold, windowSize, minAttempts } = this.#options;
    return new CountBreaker({ threshold, size: windowSize, minimumNumberOfCalls: Math.min(minAttempts, windowSize) });
  }
}

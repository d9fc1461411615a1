import type { BreakerState, ProbeResult } from "../../net/index.ts";
import type { BudgetAsk, HostCondition } from "./budget_book.ts";

type Word = Pick<BudgetAsk, "pauseMs" | "trips" | "probe">;

/**
 * What a worker knows of a host's condition, and what it knows that the book has not heard yet. Times are of the worker's monotonic clock.
 * What is not told yet counts here already.
 */
export class KnownCondition {
  version = 0;
  breakerVersion = 0;
  #pausedUntilMs = -Infinity;
  /** null: closed. */
  #openUntilMs: number | null = null;
  #isSpent = false;
  #untoldPauseUntilMs = -Infinity;
  #trips: number | null = null;
  #probe: ProbeResult | null = null;

  /** @returns false for what is older than what is known */
  learn(condition: HostCondition, nowMs: number): boolean {
    if (condition.version < this.version) return false;
    this.version = condition.version;
    this.breakerVersion = condition.breakerVersion;
    this.#pausedUntilMs = Math.max(nowMs + condition.pausedForMs, this.#untoldPauseUntilMs);
    if (this.#trips !== this.breakerVersion)
      this.#openUntilMs = condition.openForMs === null ? null : nowMs + condition.openForMs;
    this.#isSpent = condition.isSpent;
    return true;
  }

  /** Whatever the book says next is taken as it is. */
  forget(): void {
    this.version = 0;
  }

  pause(ms: number, nowMs: number): void {
    this.#untoldPauseUntilMs = Math.max(this.#untoldPauseUntilMs, nowMs + ms);
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + ms);
  }

  trip(openMs: number, nowMs: number): void {
    this.#trips = this.breakerVersion;
    this.#openUntilMs = nowMs + openMs;
  }

  endProbe(result: ProbeResult): void {
    this.#probe = result;
  }

  /** What the book is to hear. */
  word(nowMs: number): Word {
    return {
      pauseMs: Math.max(0, this.#untoldPauseUntilMs - nowMs),
      trips: this.#trips,
      probe: this.#probe,
    };
  }

  /** The book has heard it; what came up since then it has not. @param sentMs when that was said */
  onHeard({ pauseMs, trips, probe }: Word, sentMs: number): void {
    // Sums of fractions.
    if (this.#untoldPauseUntilMs <= sentMs + pauseMs + 1) this.#untoldPauseUntilMs = -Infinity;
    if (this.#trips === trips) this.#trips = null;
    if (this.#probe === probe) this.#probe = null;
  }

  /** Something that makes permits void is not told yet. */
  isUntold(nowMs: number): boolean {
    return this.#untoldPauseUntilMs > nowMs || this.#trips !== null;
  }

  get hasWord(): boolean {
    return this.#untoldPauseUntilMs > -Infinity || this.#trips !== null || this.#probe !== null;
  }

  pausedMs(nowMs: number): number {
    return Math.max(0, this.#pausedUntilMs - nowMs);
  }

  /** Ms until anything may be asked: the pause, and the time that the breaker is open. */
  delayMs(nowMs: number): number {
    return Math.max(0, this.#pausedUntilMs - nowMs, (this.#openUntilMs ?? -Infinity) - nowMs);
  }

  breaker(nowMs: number): BreakerState {
    if (this.#openUntilMs === null) return "closed";
    return this.#openUntilMs > nowMs ? "open" : "halfOpen";
  }

  isDead(nowMs: number): boolean {
    return this.#isSpent && this.breaker(nowMs) === "open";
  }
}

import { AdaptiveLimit, fixedLimit, RateLimiter, type ConcurrencyLimit } from "../concurrency/index.ts";
import { isCancelled, isTilthError, messageOf, systemClock, type Clock } from "../core/index.ts";
import { Breaker, type BreakerOptions, type BreakerState, type HostBreaker } from "./breaker.ts";
import { isRetryable, isThrottle, retryAfterOf } from "./http_errors.ts";
import { HostMeter, type HostStatistics } from "./host_meter.ts";
import type { HostShare } from "./host_share.ts";
import { LiveFirst, type Priority } from "./live_first.ts";
import { RetryBudget } from "./retry_budget.ts";
import { SharedBreaker } from "./shared_breaker.ts";

/** How hard one host may be pressed. */
export interface HostPolicy {
  /** Requests at a time; `auto` finds the number by latency and errors, within 1 and `maxConcurrency`. @default "auto" */
  concurrency?: number | "auto";
  /** Cap of `auto`. @default 32 */
  maxConcurrency?: number;
  /** Requests a second; unlimited when absent. */
  ratePerSecond?: number;
  /** Share of requests that may be retries. @default 0.25 */
  retryRatio?: number;
  breaker?: Omit<BreakerOptions, "clock">;
}

/** What a person or a metrics page sees of a host. */
export interface HostStatus {
  host: string;
  inFlight: number;
  /** Of those in flight: for people who wait, and for seeds. */
  inFlightLive: number;
  inFlightBatch: number;
  concurrencyLimit: number;
  breaker: BreakerState;
  /** The host asked for a pause of this long, ms; 0 when it did not. */
  pausedMs: number;
  requests: number;
  retries: number;
  failures: number;
  throttled: number;
  lastError: string | null;
}

/** A started attempt; hand it back to `finish`. */
export interface Admission {
  readonly startedMs: number;
  readonly probe: boolean;
  readonly priority: Priority;
}

/** Why those who watch a host are called: a batch attempt has ended, or (a live one has, too) who may go first or what others leave has changed. */
export type HostEvent = "ended" | "turn";

/**
 * Everything that is known and counted of one host: its breaker, rate, concurrency limit, pause, retry budget, and who goes first (`LiveFirst`).
 * All calls return at once.
 */
export class HostState {
  readonly host: string;
  readonly budget: RetryBudget;
  readonly #clock: Clock;
  readonly #breaker: HostBreaker;
  /** null: nobody but this process asks the host. */
  readonly #share: HostShare | null;
  readonly #rate: RateLimiter | null;
  readonly #limit: ConcurrencyLimit;
  /** Requests at a time that are never passed; above the limit only by attempts that hang. */
  readonly #cap: number;
  /** Attempts under way, oldest first. */
  readonly #running = new Set<Admission>();
  readonly #watchers = new Set<(event: HostEvent) => void>();
  #leaveShare: (() => void) | null = null;
  readonly #order = new LiveFirst();
  readonly #meter = new HostMeter();
  #latencyMs = 0;
  /** Share of attempts that timed out, as a moving average over about 20. */
  #timeoutShare = 0;
  #pausedUntilMs = 0;
  #counts = { requests: 0, retries: 0, failures: 0, throttled: 0 };
  #lastError: string | null = null;

  constructor(host: string, policy: HostPolicy = {}, clock: Clock = systemClock, share: HostShare | null = null) {
    this.host = host;
    this.#clock = clock;
    this.#share = share;
    const breaker = { ...policy.breaker, clock };
    this.#breaker = share === null ? new Breaker(breaker) : new SharedBreaker(share, breaker);
    // The permits of a share are the rate.
    this.#rate =
      policy.ratePerSecond === undefined || share !== null
        ? null
        : new RateLimiter({ ratePerSecond: policy.ratePerSecond, burst: 1, clock });
    this.#limit = makeLimit(policy, clock);
    this.#cap =
      policy.concurrency === undefined || policy.concurrency === "auto"
        ? (policy.maxConcurrency ?? DEFAULT_MAX_CONCURRENCY)
        : policy.concurrency;
    this.budget = new RetryBudget(policy.retryRatio === undefined ? {} : { ratio: policy.retryRatio });
  }

  /** No sense in waiting for this host any more. */
  get dead(): boolean {
    return this.#breaker.dead;
  }

  get status(): HostStatus {
    return {
      host: this.host,
      inFlight: this.#running.size,
      inFlightLive: this.#order.inFlightLive,
      inFlightBatch: this.#order.inFlightBatch,
      concurrencyLimit: this.#limit.limit,
      breaker: this.#breaker.state,
      pausedMs: Math.max(0, this.#pausedUntilMs - this.#clock.monotonicMs(), this.#share?.status.pausedMs ?? 0),
      ...this.#counts,
      lastError: this.#lastError,
    };
  }

  /** Computed at each call (up to 512 numbers are sorted): for a page that somebody looks at, not for each tile. */
  readStatistics(): HostStatistics {
    return this.#meter.read(this.#clock.monotonicMs());
  }

  /** A body has come whole. */
  countReceived(bytes: number): void {
    this.#meter.countReceived(bytes);
  }

  /** Milliseconds until an attempt may start: 0 = now, null = when one that is under way has ended, or who may go first has changed; see `watch`. */
  delayMs(priority: Priority = "batch"): number | null {
    const now = this.#clock.monotonicMs();
    const ms = this.#hostDelayMs(now);
    if (priority === "live") return ms === 0 ? this.#order.liveDelayMs(now) : ms;
    if (!this.#order.hasDemand(now)) return ms;
    const orderMs = this.#order.batchDelayMs(now, this.#sharedLimit, this.#countStuckBatch(now));
    return ms === null || orderMs === null ? null : Math.max(ms, orderMs);
  }

  /** As `delayMs`, whoever asks. */
  #hostDelayMs(now: number): number | null {
    const busyMs = this.#busyMs(now);
    const breakerMs = this.#breaker.delayMs();
    if (busyMs === null || breakerMs === null) return null;
    const ownMs = Math.max(0, busyMs, breakerMs, this.#pausedUntilMs - now, this.#rate?.delayMs() ?? 0);
    // Asked last: it gets what is missing, for who would start at once if it were there.
    return ownMs > 0 || this.#share === null ? ownMs : this.#share.delayMs(this.#limit.limit);
  }

  /** Attempts at a time, as far as others leave places for them. */
  get #sharedLimit(): number {
    return Math.max(1, Math.min(this.#limit.limit, this.#share?.status.places ?? Infinity));
  }

  /**
   * Milliseconds until there is a slot. An attempt that takes far longer than usual gives its slot up (while it lives on, within the cap):
   * otherwise a few tiles that hang would stall all others at a small limit.
   */
  #busyMs(now: number): number | null {
    if (this.#running.size < this.#limit.limit) return 0;
    if (this.#running.size >= this.#cap) return null;
    const stuckMs = this.#stuckMs;
    let stuck = 0;
    for (const { startedMs } of this.#running) {
      if (now - startedMs < stuckMs)
        return this.#running.size - stuck < this.#limit.limit ? 0 : stuckMs - (now - startedMs);
      stuck += 1;
    }
    return 0;
  }

  get #stuckMs(): number {
    return Math.max(MIN_STUCK_MS, STUCK_FACTOR * this.#latencyMs);
  }

  #countStuckBatch(now: number): number {
    const stuckMs = this.#stuckMs;
    let stuck = 0;
    for (const { startedMs, priority } of this.#running) {
      if (now - startedMs < stuckMs) break;
      if (priority === "batch") stuck += 1;
    }
    return stuck;
  }

  /** An attempt starts; only when `delayMs(priority)` is 0. */
  begin(kind: "first" | "retry", priority: Priority = "batch"): Admission {
    this.#rate?.reserve();
    this.#counts.requests += 1;
    if (kind === "first") this.budget.countFirst();
    else this.#counts.retries += 1;
    const startedMs = this.#clock.monotonicMs();
    const admission = { startedMs, probe: this.#breaker.enter(), priority };
    this.#running.add(admission);
    this.#meter.countStart(startedMs);
    if (this.#order.begin(priority, startedMs)) this.#tell("turn");
    return admission;
  }

  /** A live request that must wait says so, and batch stands back for it meanwhile. @returns to be called once when it waits no more */
  waitLive(): () => void {
    this.#order.enter(this.#clock.monotonicMs());
    return () => {
      if (this.#order.leave()) this.#tell("turn");
    };
  }

  /**
   * The attempt has ended; `error` undefined for an answer of use (a tile, or 'nothing here'). What our side broke off (a cancel, the guard)
   * says nothing about the host.
   */
  finish(admission: Admission, error?: unknown): void {
    const inFlight = this.#running.size;
    this.#running.delete(admission);
    this.#share?.end();
    this.#order.end(admission.priority);
    this.#timeoutShare += ((isTimeout(error) ? 1 : 0) - this.#timeoutShare) / 20;
    const isOurs = isCancelled(error) || isTilthError(error, "http.forbidden");
    if (isOurs) this.#breaker.onNeutral(admission.probe);
    else this.#onAnswer(admission, inFlight, error);
    this.#tell(admission.priority === "live" || this.#order.isBatchTurn ? "turn" : "ended");
  }

  /**
   * Calls after each `finish`, whoever asked, when live requests have gone before, and when others leave more or less of the host: a place
   * may be free. @returns how to stop
   */
  watch(watcher: (event: HostEvent) => void): () => void {
    this.#watchers.add(watcher);
    this.#leaveShare ??= this.#share?.watch(() => this.#tell("turn")) ?? null;
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size > 0) return;
      // A share outlives states that nobody uses any more.
      this.#leaveShare?.();
      this.#leaveShare = null;
    };
  }

  #tell(event: HostEvent): void {
    for (const watcher of this.#watchers) watcher(event);
  }

  #onAnswer(admission: Admission, inFlight: number, error: unknown): void {
    const latencyMs = this.#clock.monotonicMs() - admission.startedMs;
    this.#meter.countLatency(latencyMs);
    if (error !== undefined) return this.#onError(admission, error);
    this.#latencyMs += (latencyMs - this.#latencyMs) / 20;
    this.#breaker.onSuccess(admission.probe);
    this.#limit.onSuccess(latencyMs, inFlight);
  }

  #onError(admission: Admission, error: unknown): void {
    this.#lastError = messageOf(error);
    this.#meter.countError(error, this.#clock.now());
    this.#counts.failures += 1;
    const asked = retryAfterOf(error);
    if (asked !== null) this.#pause(asked);
    if (isThrottle(error)) {
      // A host that asks for patience is alive: the pause and the smaller limit are the answer, not the breaker.
      this.#counts.throttled += 1;
      this.#limit.onOverload();
      this.#breaker.onNeutral(admission.probe);
    } else if (isRetryable(error)) {
      if (isOverload(error) || (isTimeout(error) && this.#timeoutShare > OVERLOAD_TIMEOUT_SHARE))
        this.#limit.onOverload();
      this.#breaker.onFailure(admission.probe);
    } else this.#breaker.onSuccess(admission.probe);
  }

  #pause(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#clock.monotonicMs() + ms);
    this.#share?.pause(ms);
  }
}

/** An attempt that takes this many times the usual latency hangs; never before `MIN_STUCK_MS`. */
const STUCK_FACTOR = 8;
const MIN_STUCK_MS = 500;

/** Single tiles that hang (1 % of all, say) are no overload; one in ten is. */
const OVERLOAD_TIMEOUT_SHARE = 0.1;

/** Cap of `auto` when nothing is said. */
export const DEFAULT_MAX_CONCURRENCY = 32;

/**
 * Signs of too much load. A plain 500 or a broken body is not one: at 5 % of random 500s, shrinking on each
 * would hold the limit at its minimum; the breaker watches those.
 */
function isOverload(error: unknown): boolean {
  if (!isTilthError(error)) return false;
  if (error.code === "http.status") return error.fields["status"] === 503 || error.fields["status"] === 504;
  return error.code === "http.connect";
}

function isTimeout(error: unknown): boolean {
  return isTilthError(error, "http.timeout") || isTilthError(error, "http.slow");
}

function makeLimit(policy: HostPolicy, clock: Clock): ConcurrencyLimit {
  const { concurrency = "auto", maxConcurrency = DEFAULT_MAX_CONCURRENCY } = policy;
  if (concurrency !== "auto") return fixedLimit(concurrency);
  return new AdaptiveLimit({ min: 1, max: maxConcurrency, initial: Math.min(8, maxConcurrency), clock });
}

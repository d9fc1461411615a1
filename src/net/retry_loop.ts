import { isCancelled, sleep, systemClock, throwIfAborted, TilthError, whenAborted, type Clock } from "../core/index.ts";
import type { Admission, HostState } from "./host_state.ts";
import { isRetryable, isThrottle } from "./http_errors.ts";
import type { Priority } from "./live_first.ts";
import { backoffMs, DEFAULT_RETRY, type RetryPolicy } from "./retry_policy.ts";

/** How an item has fared so far. */
export interface AttemptCounts {
  /** Attempts that failed by themselves. */
  failed: number;
  /** Attempts that the server turned away (429). */
  throttled: number;
}

/**
 * Whether and when a failed item may try again: the wait in ms, or the error that it ends with.
 * Counts the failure in `counts` and takes from the host's retry budget.
 */
export function decideRetry(
  error: unknown,
  counts: AttemptCounts,
  host: HostState | null,
  policy: RetryPolicy,
  random: () => number,
): { waitMs: number } | { give: unknown } {
  if (!isRetryable(error)) return { give: error };
  const throttled = isThrottle(error);
  if (throttled) counts.throttled += 1;
  else counts.failed += 1;
  if (counts.failed > policy.maxRetries || counts.throttled > policy.maxThrottled) return { give: error };
  if (!throttled && host !== null && !host.budget.tryTake()) return { give: budgetError(error, host) };
  return { waitMs: backoffMs(policy, throttled ? counts.throttled : counts.failed, error, random()) };
}

function budgetError(cause: unknown, host: HostState): TilthError {
  const share = Math.round(host.budget.ratio * 100);
  const message = `the retry budget of ${host.host} is used up (retries stay below ${share} % of its requests); try again when it is well`;
  return new TilthError("http.retryBudget", message, { cause, fields: { host: host.host } });
}

export interface RetryOptions {
  policy?: RetryPolicy;
  clock?: Clock;
  random?: () => number;
  signal?: AbortSignal;
  /** Live requests of a host go before the others. @default "batch" */
  priority?: Priority;
}

/**
 * Runs `attempt` until it succeeds, fails for good or `signal` aborts; waits for the host's leave before each attempt.
 * For single requests; many at once go through `FetchPump`, where a wait holds no slot.
 * @throws the last error; `http.breakerOpen` when the host is dead; CancelledError
 */
export async function withRetry<T>(
  host: HostState | null,
  attempt: () => Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  const { policy = DEFAULT_RETRY, clock = systemClock, random = Math.random, signal, priority = "batch" } = options;
  const counts: AttemptCounts = { failed: 0, throttled: 0 };
  for (let kind: "first" | "retry" = "first"; ; kind = "retry") {
    const admission = host === null ? null : await admit(host, kind, { priority, clock, signal });
    try {
      const result = await attempt();
      if (admission !== null) host?.finish(admission);
      return result;
    } catch (error) {
      if (admission !== null) host?.finish(admission, error);
      if (isCancelled(error)) throw error;
      const next = decideRetry(error, counts, host, policy, random);
      if ("give" in next) throw next.give;
      await sleep(next.waitMs, { clock, signal });
    }
  }
}

interface AdmitOptions {
  priority: Priority;
  clock: Clock;
  signal: AbortSignal | undefined;
}

/** Starts an attempt as soon as the host lets it. */
async function admit(host: HostState, kind: "first" | "retry", options: AdmitOptions): Promise<Admission> {
  const { priority, signal } = options;
  let leave: (() => void) | null = null;
  try {
    for (;;) {
      throwIfAborted(signal);
      const delay = host.delayMs(priority);
      // Asked before 'dead': once its time is over even a dead host gets a probe, or a long-lived process would give it up for ever.
      if (delay === 0) return host.begin(kind, priority);
      if (host.dead) throw breakerError(host);
      if (priority === "live") leave ??= host.waitLive();
      await placeOrTime(host, delay, options);
    }
  } finally {
    leave?.();
  }
}

/** Ends when `delayMs` are over (null: never) or a place may have become free, whichever comes first. */
function placeOrTime(host: HostState, delayMs: number | null, { clock, signal }: AdmitOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      stopTimer?.();
      unwatch();
      stopListening();
    };
    const look = (): void => {
      stop();
      resolve();
    };
    const stopTimer = delayMs === null ? null : clock.setTimer(look, delayMs);
    const unwatch = host.watch(look);
    const stopListening = whenAborted(signal, (error) => {
      stop();
      reject(error);
    });
  });
}

export function breakerError(host: HostState): TilthError {
  const { lastError } = host.status;
  const message = `${host.host} does not answer (last: ${lastError ?? "nothing"}); the circuit breaker stays open, try again later`;
  return new TilthError("http.breakerOpen", message, { fields: { host: host.host } });
}

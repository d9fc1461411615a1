import { isCancelled, sleep, systemClock, TilthError, throwIfAborted, type Clock } from "../core/index.ts";
import type { HostState } from "./host_state.ts";
import { isRetryable, isThrottle } from "./http_errors.ts";
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
  const { policy = DEFAULT_RETRY, clock = systemClock, random = Math.random, signal } = options;
  const counts: AttemptCounts = { failed: 0, throttled: 0 };
  for (let kind: "first" | "retry" = "first"; ; kind = "retry") {
    const admission = host === null ? null : await admit(host, kind, clock, signal);
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

/** Poll interval while another attempt must end first, ms. */
const BUSY_POLL_MS = 10;

async function admit(host: HostState, kind: "first" | "retry", clock: Clock, signal: AbortSignal | undefined) {
  for (;;) {
    throwIfAborted(signal);
    const delay = host.delayMs();
    // Asked before 'dead': once its time is over even a dead host gets a probe, or a long-lived process would give it up for ever.
    if (delay === 0) return host.begin(kind);
    if (host.dead) throw breakerError(host);
    await sleep(delay ?? BUSY_POLL_MS, { clock, signal });
  }
}

export function breakerError(host: HostState): TilthError {
  const { lastError } = host.status;
  const message = `${host.host} does not answer (last: ${lastError ?? "nothing"}); the circuit breaker stays open, try again later`;
  return new TilthError("http.breakerOpen", message, { fields: { host: host.host } });
}

import { isThrottle, retryAfterOf } from "./http_errors.ts";

export interface RetryPolicy {
  /** Further attempts after the first. @default 5 */
  readonly maxRetries: number;
  /** Attempts that a throttling server (429, 503 with Retry-After) may turn away before the tile fails; they do not count as retries. @default 30 */
  readonly maxThrottled: number;
  /** Upper bound of the first backoff, ms; doubles with each attempt. @default 250 */
  readonly baseMs: number;
  /** Longest backoff, ms. @default 30000 */
  readonly maxMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { maxRetries: 5, maxThrottled: 30, baseMs: 250, maxMs: 30_000 };

/**
 * Wait before the next attempt, ms: exponential with full jitter (0..bound), and with equal jitter (bound/2..bound) where the
 * server throttles, so that nobody comes back at once. Never shorter than the server's own Retry-After.
 * Source: M. Brooker, "Exponential Backoff And Jitter".
 * @param attempt failed attempts so far, from 1
 * @param random 0..1
 */
export function backoffMs(policy: RetryPolicy, attempt: number, error: unknown, random: number): number {
  const bound = Math.min(policy.maxMs, policy.baseMs * 2 ** Math.min(30, attempt - 1));
  const own = isThrottle(error) ? bound / 2 + (bound / 2) * random : bound * random;
  const asked = retryAfterOf(error);
  // The jitter on top keeps the waiters of one Retry-After from coming back in the same millisecond.
  return asked === null ? own : asked + own * 0.1;
}

import { isTilthError, sleep, systemClock, type Clock, type ErrorCode } from "../core/index.ts";
import { isPostgresRetryable } from "./errors.ts";

export interface ReconnectOptions {
  signal?: AbortSignal;
  clock?: Clock;
  /** Longest time over all attempts, ms; the last error is then thrown. @default 300000 (5 min) */
  maxWaitMs?: number;
  /** Only errors of this code; the others are thrown. @default both `postgres.unreachable` and `postgres.conflict` */
  only?: ErrorCode;
  /** Told before each wait, for a log. */
  onRetry?: (error: unknown, delayMs: number) => void;
  /** 0..1, for tests. */
  random?: () => number;
}

const BASE_MS = 200;
const MAX_MS = 10_000;

/** Wait before attempt `attempt` + 1, ms: doubles up to 10 s, between half of that and all (many machines lose the same server at once). */
export function reconnectDelayMs(attempt: number, random: number): number {
  const bound = Math.min(MAX_MS, BASE_MS * 2 ** Math.min(20, attempt - 1));
  return bound / 2 + (bound / 2) * random;
}

/**
 * Runs it again while the server cannot be reached or another transaction stands in the way. Only for work that may be done twice: what was
 * committed just before the connection broke is done again.
 */
export async function withReconnect<T>(run: () => Promise<T>, options: ReconnectOptions = {}): Promise<T> {
  const { signal, clock = systemClock, maxWaitMs = 300_000, only, onRetry, random = Math.random } = options;
  const untilMs = clock.monotonicMs() + maxWaitMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      const delayMs = reconnectDelayMs(attempt, random());
      const isOver = !isPostgresRetryable(error) || (only !== undefined && !isTilthError(error, only));
      if (isOver || clock.monotonicMs() + delayMs > untilMs) throw error;
      onRetry?.(error, delayMs);
      await sleep(delayMs, { clock, signal });
    }
  }
}

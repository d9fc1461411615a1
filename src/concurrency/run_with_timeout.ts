import {
  isTilthError,
  systemClock,
  throwIfAborted,
  TilthError,
  TimeoutError,
  whenAborted,
  messageOf,
  type Clock,
} from "../core/index.ts";
import { expectTimeout, isTimed } from "./arguments.ts";

/** How a call ended; `success` tells which of the other two is there. */
export type Settled<Result> =
  | { success: true; result: Result; error: undefined }
  | { success: false; result: undefined; error: Error };

/** Handed to the function behind its own arguments, as the platform's functions take it: `fetch(url, { signal })`. */
export interface CallContext {
  /** Aborts when the time is up; nobody waits for the function from then on. */
  signal: AbortSignal;
}

/**
 * Calls `fn(...args, { signal })` and waits for it at most `timeoutMs` (Infinity: for ever). Never throws and never rejects: what `fn` throws,
 * a TimeoutError and an unusable `timeoutMs` all come back as `error`. A function that ignores the signal goes on unobserved;
 * one that never gives the event loop back cannot be stopped here (a CancellableThreadPool can).
 */
export async function runWithTimeout<Args extends unknown[], Fn extends (...args: [...Args, CallContext]) => unknown>(
  fn: Fn,
  timeoutMs: number,
  ...args: Args
): Promise<Settled<Awaited<ReturnType<Fn>>>> {
  try {
    const limited = runLimited((signal) => fn(...args, { signal }), { timeoutMs });
    const result = (await limited) as Awaited<ReturnType<Fn>>;
    return { success: true, result, error: undefined };
  } catch (error) {
    return { success: false, result: undefined, error: errorOf(error) };
  }
}

export interface RunLimits {
  /** From the call on. @default no limit */
  timeoutMs?: number;
  signal?: AbortSignal;
  clock?: Clock;
}

/**
 * Settles as `start` does, or rejects as soon as the time is up or `signal` aborts, whichever comes first.
 * In the last two cases the signal handed to `start` aborts with the same error, and what `start` does later is ignored.
 */
export function runLimited<Result>(
  start: (signal: AbortSignal) => Result | PromiseLike<Result>,
  { timeoutMs, signal, clock = systemClock }: RunLimits,
): Promise<Result> {
  return new Promise<Result>((resolve, reject) => {
    expectTimeout("timeoutMs", timeoutMs);
    throwIfAborted(signal);
    const controller = new AbortController();
    let stopTimer: (() => void) | undefined;
    const stopWatching = (): void => {
      stopTimer?.();
      stopListening();
    };
    const giveUp = (error: Error): void => {
      stopWatching();
      reject(error);
      controller.abort(error);
    };
    const stopListening = whenAborted(signal, giveUp);
    if (isTimed(timeoutMs)) stopTimer = clock.setTimer(() => giveUp(timeoutError(timeoutMs)), timeoutMs);
    Promise.try(start, controller.signal).finally(stopWatching).then(resolve, reject);
  });
}

function timeoutError(timeoutMs: number): TimeoutError {
  return new TimeoutError(`the task took longer than its timeout of ${timeoutMs} ms`, { fields: { timeoutMs } });
}

/** What was thrown, as an Error: anything else is wrapped in 'task.failed' and kept as its cause. */
export function errorOf(thrown: unknown): Error {
  if (thrown instanceof Error || isTilthError(thrown)) return thrown;
  return new TilthError("task.failed", `the task threw what is no Error: ${messageOf(thrown)}`, { cause: thrown });
}

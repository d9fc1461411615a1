import { throwIfAborted, whenAborted } from "./abort.ts";

/** Time as a parameter, so that tests own it. Milliseconds everywhere. */
export interface Clock {
  /** UTC, milliseconds since 1970. */
  now(): number;
  /** Never goes back; for measuring and for due times. */
  monotonicMs(): number;
  /** Calls `fn` once after `delayMs`; the returned function cancels it. */
  setTimer(fn: () => void, delayMs: number): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(fn, delayMs) {
    const handle = setTimeout(fn, delayMs);
    return () => clearTimeout(handle);
  },
};

/** Waits `delayMs`; rejects at once with a CancelledError when `signal` aborts. */
export async function sleep(delayMs: number, options: { clock?: Clock; signal?: AbortSignal } = {}): Promise<void> {
  const { clock = systemClock, signal } = options;
  throwIfAborted(signal);
  await new Promise<void>((resolve, reject) => {
    const stopTimer = clock.setTimer(() => {
      stopListening();
      resolve();
    }, delayMs);
    const stopListening = whenAborted(signal, (error) => {
      stopTimer();
      reject(error);
    });
  });
}

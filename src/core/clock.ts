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

/** Longest delay that the platform's timers take; they fire beyond it at once. */
const MAX_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(fn, delayMs) {
    let handle: ReturnType<typeof setTimeout>;
    const arm = (leftMs: number): void => {
      if (leftMs > MAX_TIMER_MS) handle = setTimeout(() => arm(leftMs - MAX_TIMER_MS), MAX_TIMER_MS);
      else handle = setTimeout(fn, leftMs);
    };
    arm(delayMs);
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

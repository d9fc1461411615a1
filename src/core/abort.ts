import { CancelledError, isTilthError } from "./errors.ts";

/** The error that an aborted signal stands for: its own reason when that is ours, else a CancelledError around it. */
export function abortErrorOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  if (isTilthError(reason)) return reason;
  return new CancelledError(undefined, { cause: reason });
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortErrorOf(signal);
}

/** Calls `fn` once when `signal` aborts (never for an undefined signal); the returned function stops listening. */
export function whenAborted(signal: AbortSignal | undefined, fn: (error: Error) => void): () => void {
  if (signal === undefined) return () => undefined;
  let listening = true;
  const listener = (): void => {
    if (listening) fn(abortErrorOf(signal));
  };
  if (signal.aborted) queueMicrotask(listener);
  else signal.addEventListener("abort", listener, { once: true });
  return () => {
    listening = false;
    signal.removeEventListener("abort", listener);
  };
}

/** Settles with `promise`, or rejects at once when `signal` aborts (the promise itself goes on unobserved). */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  // Nobody looks at the promise any more: its rejection must not end the process.
  if (signal.aborted) promise.catch(() => undefined);
  throwIfAborted(signal);
  return new Promise<T>((resolve, reject) => {
    const stop = whenAborted(signal, reject);
    promise.then(resolve, reject).finally(stop);
  });
}

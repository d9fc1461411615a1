import type { Release } from "../../concurrency/index.ts";
import { systemClock, throwIfAborted, whenAborted, type Clock } from "../../core/index.ts";
import type { HostShare } from "../../net/index.ts";

/** A place of a share, as soon as it has one and there is no pause. Of a share that is closed there is none: abort the wait. @throws CancelledError */
export async function acquirePlace(
  share: HostShare,
  { clock = systemClock, signal }: { clock?: Clock; signal?: AbortSignal } = {},
): Promise<Release> {
  for (;;) {
    throwIfAborted(signal);
    const delayMs = share.delayMs(1);
    if (delayMs === 0) break;
    await changeOf(share, delayMs, clock, signal);
  }
  share.begin();
  return () => share.end();
}

function changeOf(share: HostShare, delayMs: number | null, clock: Clock, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      stopTimer?.();
      unwatch();
      stopListening();
      settle();
    };
    const stopTimer = delayMs === null ? null : clock.setTimer(() => end(resolve), delayMs);
    const unwatch = share.watch(() => end(resolve));
    const stopListening = whenAborted(signal, (error) => end(() => reject(error)));
  });
}

import { whenAborted, type Clock } from "../../core/index.ts";

/** Wakes whoever waits. */
export class Bell {
  #count = 0;
  readonly #waiting = new Set<() => void>();

  /** Rung so many times. */
  get count(): number {
    return this.#count;
  }

  ring(): void {
    this.#count += 1;
    for (const wake of this.#waiting) wake();
  }

  /** Ends when it has been rung since it had been rung `count` times, when the time is over, or when the signal aborts. */
  async after(
    count: number,
    timeoutMs: number,
    { clock, signal }: { clock: Clock; signal: AbortSignal },
  ): Promise<void> {
    if (this.#count !== count || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        stopTimer();
        stopListening();
        this.#waiting.delete(wake);
        resolve();
      };
      const stopTimer = clock.setTimer(wake, timeoutMs);
      const stopListening = whenAborted(signal, wake);
      this.#waiting.add(wake);
    });
  }
}

import { throwIfAborted, TimeoutError, whenAborted, type Clock } from "../core/index.ts";
import { expectTimeout, isTimed } from "./arguments.ts";
import { Fifo } from "./fifo.ts";

export interface WaitOptions {
  /** Gives up with a TimeoutError after this many ms. @default no limit */
  timeoutMs?: number;
  /** Gives up with a CancelledError (or the signal's own TilthError) as soon as it aborts. */
  signal?: AbortSignal;
}

interface Waiter<Offer, Gain> {
  readonly offer: Offer;
  settle(): void;
  resolve(gain: Gain): void;
  reject(error: Error): void;
}

interface WaitLineOptions {
  clock: Clock;
  /** What is waited for, as it stands in the message of a timeout. */
  purpose: string;
  /** Called after a waiter has given up, for the one behind it may be able to go. */
  onLeave?: () => void;
}

/**
 * A FIFO line of waiters, each with what it brings (`Offer`) until it is given what it came for (`Gain`).
 * A waiter that gives up leaves the line in the same turn, so it can never be given anything.
 */
export class WaitLine<Offer, Gain> {
  readonly #waiters = new Fifo<Waiter<Offer, Gain>>();
  readonly #options: WaitLineOptions;

  constructor(options: WaitLineOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /** What the first waiter brings; ask `size` first, for an offer may be undefined itself. */
  get firstOffer(): Offer | undefined {
    return this.#waiters.first?.value.offer;
  }

  wait(offer: Offer, { timeoutMs, signal }: WaitOptions): Promise<Gain> {
    return new Promise<Gain>((resolve, reject) => {
      expectTimeout("timeoutMs", timeoutMs);
      throwIfAborted(signal);
      let stopTimer: (() => void) | undefined;
      const settle = (): void => {
        stopTimer?.();
        stopListening();
      };
      const node = this.#waiters.push({ offer, settle, resolve, reject });
      const giveUp = (error: Error): void => {
        if (!this.#waiters.remove(node)) return;
        settle();
        reject(error);
        this.#options.onLeave?.();
      };
      const stopListening = whenAborted(signal, giveUp);
      if (isTimed(timeoutMs))
        stopTimer = this.#options.clock.setTimer(() => giveUp(this.#timeout(timeoutMs)), timeoutMs);
    });
  }

  /** Takes the first waiter off the line and gives it `gain`; false when nobody waits. */
  give(gain: Gain): boolean {
    const waiter = this.#waiters.shift()?.value;
    if (waiter === undefined) return false;
    waiter.settle();
    waiter.resolve(gain);
    return true;
  }

  rejectAll(error: Error): void {
    for (let node = this.#waiters.shift(); node !== undefined; node = this.#waiters.shift()) {
      node.value.settle();
      node.value.reject(error);
    }
  }

  #timeout(timeoutMs: number): TimeoutError {
    return new TimeoutError(`waited ${timeoutMs} ms for ${this.#options.purpose}, which did not come`, {
      fields: { timeoutMs },
    });
  }
}

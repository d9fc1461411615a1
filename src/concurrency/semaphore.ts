import { systemClock, throwIfAborted, type Clock } from "../core/index.ts";
import { expectInteger } from "./arguments.ts";
import { WaitLine, type WaitOptions } from "./wait_line.ts";

/** Gives one slot back; a second call does nothing. */
export type Release = () => void;

/** At most `slots` holders at once. A freed slot goes straight to the first waiter, so nobody overtakes. */
export class Semaphore {
  readonly #waiters: WaitLine<undefined, Release>;
  #available: number;
  #closedBy: Error | undefined;

  constructor(slots: number, options: { clock?: Clock } = {}) {
    expectInteger("slots", slots, 1);
    this.#available = slots;
    this.#waiters = new WaitLine({ clock: options.clock ?? systemClock, purpose: "a free slot" });
  }

  /** Slots that nobody holds. */
  get available(): number {
    return this.#available;
  }

  /** Callers in line. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Waits for a slot. Who gives up by `timeoutMs` or `signal` leaves the line and takes no slot. */
  async acquire(options: WaitOptions = {}): Promise<Release> {
    throwIfAborted(options.signal);
    if (this.#closedBy !== undefined) throw this.#closedBy;
    return this.tryAcquire() ?? this.#waiters.wait(undefined, options);
  }

  /** undefined when no slot is free. */
  tryAcquire(): Release | undefined {
    if (this.#available === 0) return undefined;
    this.#available -= 1;
    return this.#newRelease();
  }

  /** Rejects everybody in line, and every later `acquire`, with `error`. Slots that are held can still be given back. */
  close(error: Error): void {
    this.#closedBy ??= error;
    this.#waiters.rejectAll(this.#closedBy);
  }

  #newRelease(): Release {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (!this.#waiters.give(this.#newRelease())) this.#available += 1;
    };
  }
}

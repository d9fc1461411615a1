import { isTilthError, systemClock, throwIfAborted, TilthError, type Clock } from "../core/index.ts";
import { watchQueue } from "./activity.ts";
import { expectInteger, expectPositive, expectSize } from "./arguments.ts";
import { Fifo } from "./fifo.ts";
import { WaitLine, type WaitOptions } from "./wait_line.ts";

export interface BoundedQueueOptions<T> {
  /** Most items held, 1 or more. */
  maxSize: number;
  /** Most bytes held, by `sizeOf`. An item larger than this is let in when the queue is empty, so that it cannot block for ever. */
  maxBytes?: number;
  /** Bytes of an item; asked once, when it is put. Needed with `maxBytes`. @default 0 for every item */
  sizeOf?: (item: T) => number;
  clock?: Clock;
}

interface Entry<T> {
  readonly item: T;
  readonly sizeBytes: number;
}

/**
 * The joint between two stages of a pipeline: a full queue makes producers wait, an empty one consumers.
 * Items leave in the order in which their `put` was called; waiters are served first come, first served.
 * A waiter that times out or is aborted takes and loses nothing. Waiting `put`s hold their item outside of the bounds.
 */
export class BoundedQueue<T> implements AsyncIterable<T> {
  readonly #options: BoundedQueueOptions<T>;
  readonly #entries = new Fifo<Entry<T>>();
  readonly #putters: WaitLine<Entry<T>, void>;
  readonly #getters: WaitLine<undefined, T>;
  #sizeBytes = 0;
  #closed = false;

  constructor(options: BoundedQueueOptions<T>) {
    expectInteger("maxSize", options.maxSize, 1);
    if (options.maxBytes !== undefined) expectPositive("maxBytes", options.maxBytes);
    if (options.maxBytes !== undefined && options.sizeOf === undefined) {
      throw new TilthError(
        "argument.invalid",
        "expected `sizeOf` beside `maxBytes`, got none: say how many bytes an item has",
      );
    }
    const clock = options.clock ?? systemClock;
    this.#options = options;
    watchQueue(this);
    this.#putters = new WaitLine({ clock, purpose: "room in the queue", onLeave: () => this.#admit() });
    this.#getters = new WaitLine({ clock, purpose: "an item in the queue" });
  }

  /** Items held now; waiting `put`s are not counted. */
  get size(): number {
    return this.#entries.size;
  }

  /** Bytes held now, by `sizeOf`. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** True from `close()` on, also while items are left to get. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Waits while the queue is full. Rejects with 'queue.closed', also when the queue is closed during the wait: the item was then not taken. */
  async put(item: T, options: WaitOptions = {}): Promise<void> {
    throwIfAborted(options.signal);
    if (this.#closed) throw closedError("put");
    const entry = this.#entryOf(item);
    if (this.#mayEnter(entry)) this.#enter(entry);
    else await this.#putters.wait(entry, options);
  }

  /** Waits while the queue is empty. Rejects with 'queue.closed' when it is closed and nothing is left. */
  async get(options: WaitOptions = {}): Promise<T> {
    throwIfAborted(options.signal);
    const entry = this.#take();
    if (entry !== undefined) return entry.item;
    if (this.#closed) throw closedError("get");
    return this.#getters.wait(undefined, options);
  }

  /** False when the item would have to wait. Throws 'queue.closed'. */
  tryPut(item: T): boolean {
    if (this.#closed) throw closedError("put");
    const entry = this.#entryOf(item);
    if (!this.#mayEnter(entry)) return false;
    this.#enter(entry);
    return true;
  }

  /** undefined when nothing is there now, closed or not. */
  tryGet(): T | undefined {
    return this.#take()?.item;
  }

  /** Takes no more items; what is held can still be got. Waiting `put`s reject, and waiting `get`s too. May be called twice. */
  close(): void {
    this.#closed = true;
    this.#putters.rejectAll(closedError("put"));
    this.#getters.rejectAll(closedError("get"));
  }

  /** Takes items out one by one; ends when the queue is closed and empty, throws when `signal` aborts. */
  async *values(options: { signal?: AbortSignal } = {}): AsyncGenerator<T, void, undefined> {
    while (true) {
      let item: T;
      try {
        item = await this.get(options);
      } catch (error) {
        if (isTilthError(error, "queue.closed")) return;
        throw error;
      }
      yield item;
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return this.values();
  }

  #entryOf(item: T): Entry<T> {
    const sizeBytes = this.#options.sizeOf?.(item) ?? 0;
    expectSize("sizeOf(item)", sizeBytes);
    return { item, sizeBytes };
  }

  #mayEnter(entry: Entry<T>): boolean {
    return this.#putters.size === 0 && this.#fits(entry);
  }

  #fits({ sizeBytes }: Entry<T>): boolean {
    if (this.size === 0) return true;
    return this.size < this.#options.maxSize && this.#sizeBytes + sizeBytes <= (this.#options.maxBytes ?? Infinity);
  }

  #enter(entry: Entry<T>): void {
    // Whoever waits for an item found the queue empty, so handing it over keeps the order.
    if (this.#getters.give(entry.item)) return;
    this.#entries.push(entry);
    this.#sizeBytes += entry.sizeBytes;
  }

  #take(): Entry<T> | undefined {
    const entry = this.#entries.shift()?.value;
    if (entry === undefined) return undefined;
    // An empty queue has exactly 0 bytes: sums of fractions would drift.
    this.#sizeBytes = this.size === 0 ? 0 : this.#sizeBytes - entry.sizeBytes;
    this.#admit();
    return entry;
  }

  #admit(): void {
    for (let next = this.#putters.firstOffer; next !== undefined && this.#fits(next); next = this.#putters.firstOffer) {
      this.#putters.give();
      this.#enter(next);
    }
  }
}

function closedError(verb: "put" | "get"): TilthError {
  const detail = verb === "put" ? "the item was not taken" : "nothing is left in it";
  return new TilthError("queue.closed", `the queue is closed: ${detail}`);
}

import { BoundedQueue } from "../concurrency/index.ts";
import { abortErrorOf, isTilthError, sleep, systemClock, type Clock } from "../core/index.ts";
import type { TileStore, TileWrite } from "../cache/index.ts";

export interface StoreWriterOptions {
  store: Pick<TileStore, "putMany">;
  /** Called after each commit with what it held. */
  onCommitted: (writes: readonly TileWrite[], sizeBytes: number) => void;
  /** The disk is full (true) or has space again (false). */
  onDiskFull?: (full: boolean) => void;
  /** A store on another machine cannot be reached (true) or takes writes again (false). */
  onStoreAway?: (away: boolean) => void;
  /** Writes to a transaction. @default 500 */
  batchCount?: number;
  /** Bytes to a transaction. @default 6291456 (6 MiB) */
  batchBytes?: number;
  /** Longest time that a fetched tile waits for its commit, ms. @default 1000 */
  maxDelayMs?: number;
  /** Bytes that may wait in the queue. @default 12582912 (12 MiB) */
  queueBytes?: number;
  /** Time between attempts while the disk is full or the store away, ms. @default 2000 */
  retryMs?: number;
  clock?: Clock;
}

/** Batches writes from a bounded queue into transactions: by count, by bytes, and at the latest after a second. */
export class StoreWriter {
  readonly #options: Required<StoreWriterOptions>;
  readonly #queue: BoundedQueue<TileWrite>;
  readonly #stop = new AbortController();
  #done: Promise<void> | null = null;

  constructor(options: StoreWriterOptions) {
    this.#options = {
      store: options.store,
      onCommitted: options.onCommitted,
      onDiskFull: options.onDiskFull ?? (() => undefined),
      onStoreAway: options.onStoreAway ?? (() => undefined),
      batchCount: options.batchCount ?? 500,
      batchBytes: options.batchBytes ?? 6_291_456,
      maxDelayMs: options.maxDelayMs ?? 1000,
      queueBytes: options.queueBytes ?? 12_582_912,
      retryMs: options.retryMs ?? 2000,
      clock: options.clock ?? systemClock,
    };
    const { batchCount, queueBytes, clock } = this.#options;
    this.#queue = new BoundedQueue({ maxSize: 2 * batchCount, maxBytes: queueBytes, sizeOf: sizeOfWrite, clock });
  }

  /** Begins to work; `failed` rejects when the store refuses for good, and never resolves otherwise. */
  start(): { failed: Promise<never> } {
    this.#done = this.#run();
    const failed = new Promise<never>((_, reject) => {
      this.#done?.catch(reject);
    });
    failed.catch(() => undefined);
    return { failed };
  }

  /** Hands over a write; a promise only when the queue is full. */
  put(write: TileWrite, signal: AbortSignal): void | Promise<void> {
    if (!this.#queue.tryPut(write)) return this.#queue.put(write, { signal });
  }

  get load(): { count: number; sizeBytes: number } {
    return { count: this.#queue.size, sizeBytes: this.#queue.sizeBytes };
  }

  /** From now on neither a full disk nor a store that is away is waited for: `finish` then rejects with a CancelledError, and what is left is not written. */
  giveUpWaiting(): void {
    this.#stop.abort();
  }

  /** Commits all that was handed over, then ends. */
  async finish(): Promise<void> {
    this.#queue.close();
    await this.#done;
  }

  async #run(): Promise<void> {
    try {
      for (let batch = await this.#takeBatch(); batch.length > 0; batch = await this.#takeBatch())
        await this.#commit(batch);
    } catch (error) {
      this.#queue.close();
      throw error;
    }
  }

  /** Empty when the queue is closed and drained. */
  async #takeBatch(): Promise<TileWrite[]> {
    const { batchCount, batchBytes, maxDelayMs, clock } = this.#options;
    const first = await this.#next(undefined);
    if (first === undefined) return [];
    const batch = [first];
    let sizeBytes = sizeOfWrite(first);
    const untilMs = clock.monotonicMs() + maxDelayMs;
    while (batch.length < batchCount && sizeBytes < batchBytes) {
      const write = this.#queue.tryGet() ?? (await this.#next(untilMs - clock.monotonicMs()));
      if (write === undefined) break;
      batch.push(write);
      sizeBytes += sizeOfWrite(write);
    }
    return batch;
  }

  /** undefined when the time is over, or the queue closed and drained. */
  async #next(timeoutMs: number | undefined): Promise<TileWrite | undefined> {
    if (timeoutMs !== undefined && timeoutMs <= 0) return undefined;
    try {
      return await this.#queue.get({ timeoutMs });
    } catch (error) {
      if (isTilthError(error, "timeout") || isTilthError(error, "queue.closed")) return undefined;
      throw error;
    }
  }

  async #commit(batch: readonly TileWrite[]): Promise<void> {
    const { store, onCommitted, retryMs, clock } = this.#options;
    // Taken before the write: the buffers are transferred by it.
    const sizeBytes = batch.reduce((sum, write) => sum + (write.kind === "tile" ? write.data.byteLength : 0), 0);
    for (let waiting: Tell | null = null; ;) {
      try {
        await store.putMany(batch);
        waiting?.(false);
        return onCommitted(batch, sizeBytes);
      } catch (error) {
        const tell = this.#waitFor(error);
        if (tell === null) throw error;
        if (this.#stop.signal.aborted) throw abortErrorOf(this.#stop.signal);
        if (tell !== waiting) {
          waiting?.(false);
          tell(true);
        }
        waiting = tell;
        await sleep(retryMs, { clock, signal: this.#stop.signal });
      }
    }
  }

  /** Whom to tell of what is waited for; null when waiting does not help. A batch may be given again: the store replaces what it has. */
  #waitFor(error: unknown): Tell | null {
    const { onDiskFull, onStoreAway } = this.#options;
    if (isTilthError(error, "store.full")) return onDiskFull;
    return isTilthError(error, "postgres.unreachable") && error.fields["retryable"] !== false ? onStoreAway : null;
  }
}

type Tell = (isSo: boolean) => void;

/** What a write costs in the queue; a mark without bytes is an object of about 64. */
function sizeOfWrite(write: TileWrite): number {
  return write.kind === "tile" ? write.data.byteLength : 64;
}

import { abortErrorOf, systemClock, type Clock } from "../core/index.ts";
import { DueHeap } from "./due_heap.ts";
import type { Admission, HostEvent, HostState } from "./host_state.ts";
import type { Priority } from "./live_first.ts";
import { DEFAULT_RETRY, type RetryPolicy } from "./retry_policy.ts";
import { breakerError, decideRetry, type AttemptCounts } from "./retry_loop.ts";

/** What became of an item: its result, or the error that it ended with, after so many attempts (0: none was made; null: not known). */
export type SettledItem<Result> =
  | { result: Result; attempts: number | null }
  | { error: unknown; attempts: number | null };

export interface FetchPumpOptions<Item, Result> {
  /** Items, batch by batch; the next batch is asked for only when the one before is used up. */
  batches: AsyncIterator<Iterable<Item>>;
  /** Hosts that can serve any item (mirrors); empty for a local source. The first that may be asked takes the next item. */
  hosts: readonly HostState[];
  /** One attempt, no retries; must obey the signal. `host` is an index into `hosts`, -1 for a local source. */
  attempt: (item: Item, context: { host: number; signal: AbortSignal }) => Promise<Result>;
  /** Called once for each item that came to an end. When it returns a promise, the item's slot stays taken until then: that is the back-pressure. */
  settle: (item: Item, settled: SettledItem<Result>) => void | Promise<void>;
  /** Called before each wait for a retry. */
  onRetry?: (item: Item, error: unknown, waitMs: number) => void;
  signal: AbortSignal;
  retry?: RetryPolicy;
  /** Live attempts of a host go before the others. @default "batch" */
  priority?: Priority;
  /** Attempts at a time for a local source. @default 8 */
  localConcurrency?: number;
  /** Items that may wait for their retry; when so many do, no new ones are started. @default 1024 */
  maxWaiting?: number;
  clock?: Clock;
  /** 0..1, for the jitter. */
  random?: () => number;
}

interface Job<Item> {
  item: Item;
  counts: AttemptCounts;
  attempts: number;
}

/**
 * Drives many items through attempts on few hosts. An item that must wait goes to a heap and holds no slot; a host that is
 * paused, at its limit or broken takes nothing, and the others go on. Nothing here grows with the number of items.
 *
 * `run()` resolves to `done` when every item is settled, or to `dead` when no host is worth waiting for any more: the
 * items not yet taken from `batches` then stay there, all taken ones are settled with an error.
 */
export class FetchPump<Item, Result> {
  readonly #options: Required<Omit<FetchPumpOptions<Item, Result>, "onRetry">> &
    Pick<FetchPumpOptions<Item, Result>, "onRetry">;
  readonly #waiting = new DueHeap<Job<Item>>();
  #batch: Iterator<Item> | null = null;
  #loading = false;
  #exhausted = false;
  /** Taken from the batch before a host was free; only a live pump looks ahead. */
  #ahead: Job<Item> | null = null;
  /** Tells the hosts that nothing live waits here any more; null when nothing does. */
  #leaveLine: (() => void) | null = null;
  #active = 0;
  /** Items whose `settle` has not ended. */
  #settling = 0;
  #nextHost = 0;
  #filling = false;
  #stopTimer: (() => void) | null = null;
  #finish!: (how: "done" | "dead") => void;
  #fail!: (error: unknown) => void;
  #ended = false;

  constructor(options: FetchPumpOptions<Item, Result>) {
    const defaults = {
      retry: DEFAULT_RETRY,
      priority: "batch" as const,
      localConcurrency: 8,
      maxWaiting: 1024,
      clock: systemClock,
      random: Math.random,
    };
    this.#options = { ...defaults, ...withoutUndefined(options) };
  }

  /** Attempts under way, and items that wait for their retry. */
  get load(): { active: number; waiting: number } {
    return { active: this.#active, waiting: this.#waiting.size };
  }

  /** @throws CancelledError at once when the signal aborts; whatever `batches`, `attempt`'s bugs or `settle` throw */
  async run(): Promise<"done" | "dead"> {
    const { hosts, signal } = this.#options;
    const onAbort = (): void => this.#end(() => this.#fail(abortErrorOf(signal)));
    // Other jobs of this process may hold all places of a host. One with attempts of its own goes on by their ends, after `settle`: that is
    // its back-pressure. When only the order has changed, one that settles nothing has nothing to wait for.
    const onPlace = (event: HostEvent): void => {
      if (event === "turn" ? this.#settling === 0 : this.#active === 0) this.#fill();
    };
    const unwatch = [...new Set(hosts)].map((host) => host.watch(onPlace));
    try {
      return await new Promise((resolve, reject) => {
        this.#finish = resolve;
        this.#fail = reject;
        if (signal.aborted) return onAbort();
        signal.addEventListener("abort", onAbort, { once: true });
        this.#fill();
      });
    } finally {
      signal.removeEventListener("abort", onAbort);
      for (const stop of unwatch) stop();
      this.#standInLine(false);
    }
  }

  /** Starts whatever may start now; called after every event. */
  #fill(): void {
    if (this.#filling || this.#ended) return;
    this.#filling = true;
    try {
      while (!this.#ended && this.#startOne());
      if (this.#options.priority === "live") this.#standInLine(!this.#ended && this.#hasDueItem());
    } catch (error) {
      this.#end(() => this.#fail(error));
    } finally {
      this.#filling = false;
    }
    if (!this.#ended) this.#endOrWait();
  }

  /** Only a pump that could start something this instant holds batch back. */
  #standInLine(waits: boolean): void {
    if (waits === (this.#leaveLine !== null)) return;
    const leave = this.#leaveLine;
    this.#leaveLine = null;
    leave?.();
    if (!waits) return;
    const left = this.#options.hosts.map((host) => host.waitLive());
    this.#leaveLine = () => {
      for (const leaveOne of left) leaveOne();
    };
  }

  #hasDueItem(): boolean {
    const dueMs = this.#waiting.nextDueMs;
    if (dueMs !== null && dueMs <= this.#options.clock.monotonicMs()) return true;
    this.#ahead ??= this.#nextJob();
    return this.#ahead !== null;
  }

  /** False when nothing more can start now. */
  #startOne(): boolean {
    // Who has nothing left must not ask the host for a place: one would be kept for it.
    if (this.#isUsedUp()) return false;
    const host = this.#freeHost();
    if (host === null) return false;
    const job = this.#waiting.popDue(this.#options.clock.monotonicMs()) ?? this.#nextJob();
    if (job === null) return false;
    void this.#runJob(job, host);
    return true;
  }

  #isUsedUp(): boolean {
    return this.#exhausted && this.#batch === null && this.#waiting.size === 0 && this.#ahead === null;
  }

  /** Index of a host that may be asked now, -1 for a local source, null when none may. */
  #freeHost(): number | null {
    const { hosts, localConcurrency, priority } = this.#options;
    if (hosts.length === 0) return this.#active < localConcurrency ? -1 : null;
    for (let step = 0; step < hosts.length; step++) {
      const index = (this.#nextHost + step) % hosts.length;
      if (hosts[index]?.delayMs(priority) === 0) {
        this.#nextHost = (index + 1) % hosts.length;
        return index;
      }
    }
    return null;
  }

  #nextJob(): Job<Item> | null {
    if (this.#ahead !== null) return this.#takeAhead();
    if (this.#waiting.size + this.#active >= this.#options.maxWaiting) return null;
    if (this.#batch === null) {
      this.#loadBatch();
      return null;
    }
    const next = this.#batch.next();
    if (next.done !== true) return { item: next.value, counts: { failed: 0, throttled: 0 }, attempts: 0 };
    this.#batch = null;
    this.#loadBatch();
    return null;
  }

  #takeAhead(): Job<Item> | null {
    const job = this.#ahead;
    this.#ahead = null;
    return job;
  }

  /** A new item could be taken, or is still to be asked for. */
  #wantsFresh(): boolean {
    if (this.#ahead !== null) return true;
    if (this.#waiting.size + this.#active >= this.#options.maxWaiting) return false;
    return this.#batch !== null || (!this.#exhausted && !this.#loading);
  }

  #loadBatch(): void {
    if (this.#loading || this.#exhausted) return;
    this.#loading = true;
    this.#options.batches.next().then(
      (next) => {
        this.#loading = false;
        if (next.done === true) this.#exhausted = true;
        else this.#batch = next.value[Symbol.iterator]();
        this.#fill();
      },
      (error: unknown) => this.#end(() => this.#fail(error)),
    );
  }

  async #runJob(job: Job<Item>, hostIndex: number): Promise<void> {
    const { hosts, attempt, signal, priority } = this.#options;
    const host = hosts[hostIndex] ?? null;
    const admission = host === null ? null : host.begin(job.attempts === 0 ? "first" : "retry", priority);
    this.#active += 1;
    job.attempts += 1;
    try {
      const result = await attempt(job.item, { host: hostIndex, signal });
      if (admission !== null) host?.finish(admission);
      await this.#settle(job, { result, attempts: job.attempts });
    } catch (error) {
      await this.#onFailure(job, host, admission, error);
    }
    this.#active -= 1;
    this.#fill();
  }

  async #onFailure(job: Job<Item>, host: HostState | null, admission: Admission | null, error: unknown): Promise<void> {
    const { retry, random, clock, onRetry } = this.#options;
    if (error instanceof SettleFailure) return this.#end(() => this.#fail(error.cause));
    if (admission !== null) host?.finish(admission, error);
    if (this.#ended) return;
    const next = decideRetry(error, job.counts, host, retry, random);
    if ("waitMs" in next) {
      onRetry?.(job.item, error, next.waitMs);
      this.#waiting.push(job, clock.monotonicMs() + next.waitMs);
      return;
    }
    try {
      await this.#settle(job, { error: next.give, attempts: job.attempts });
    } catch (failure) {
      this.#end(() => this.#fail(failure instanceof SettleFailure ? failure.cause : failure));
    }
  }

  async #settle(job: Job<Item>, settled: SettledItem<Result>): Promise<void> {
    if (this.#ended) return;
    try {
      this.#settling += 1;
      const pending = this.#options.settle(job.item, settled);
      if (pending !== undefined) await pending;
    } catch (cause) {
      throw new SettleFailure("settle failed", { cause });
    } finally {
      this.#settling -= 1;
    }
  }

  #endOrWait(): void {
    const { hosts } = this.#options;
    const idle = this.#active === 0 && !this.#loading;
    if (idle && this.#isUsedUp()) return this.#end(() => this.#finish("done"));
    if (idle && hosts.length > 0 && hosts.every((host) => host.dead)) {
      void this.#giveUp();
      return;
    }
    this.#setTimer();
  }

  /** Settles all that wait, and the rest of the batch at hand, with the reason why the hosts are given up. */
  async #giveUp(): Promise<void> {
    const { hosts, settle } = this.#options;
    this.#ended = true;
    this.#stopTimer?.();
    const host = hosts[0];
    const error = host === undefined ? undefined : breakerError(host);
    try {
      for (let job = this.#waiting.popDue(Infinity); job !== undefined; job = this.#waiting.popDue(Infinity)) {
        await settle(job.item, { error, attempts: job.attempts });
      }
      const ahead = this.#takeAhead();
      if (ahead !== null) await settle(ahead.item, { error, attempts: 0 });
      for (let next = this.#batch?.next(); next !== undefined && next.done !== true; next = this.#batch?.next()) {
        await settle(next.value, { error, attempts: 0 });
      }
      this.#finish("dead");
    } catch (failure) {
      this.#fail(failure);
    }
  }

  /** Wakes up when the next retry is due or the next host may be asked again. */
  #setTimer(): void {
    const { clock, hosts, priority } = this.#options;
    this.#stopTimer?.();
    this.#stopTimer = null;
    const dueMs = this.#waiting.nextDueMs;
    const fresh = this.#wantsFresh();
    if (dueMs === null && !fresh) return;
    const now = clock.monotonicMs();
    const hostMs = hosts.map((host) => host.delayMs(priority)).filter((ms) => ms !== null);
    const soonestHost = hosts.length === 0 ? 0 : Math.min(...hostMs);
    const soonestItem = fresh ? 0 : (dueMs ?? now) - now;
    const delay = Math.max(soonestHost, soonestItem, 0);
    // Infinity: every host waits for an attempt under way, here or in another job, whose end calls fill. Zero is no reason to rest: time has
    // gone on since fill looked, and what was not due then is due now; without a timer an idle pump would sleep for ever.
    if (!Number.isFinite(delay)) return;
    this.#stopTimer = clock.setTimer(() => this.#fill(), Math.max(1, Math.ceil(delay)));
  }

  #end(tell: () => void): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopTimer?.();
    tell();
  }
}

/** Tells an error of the caller's `settle` from one of the attempt. */
class SettleFailure extends Error {}

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

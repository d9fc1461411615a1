import { messageOf, systemClock, TilthError, type Clock } from "../../../core/index.ts";
import { Semaphore } from "../../../concurrency/index.ts";
import type { TileStore } from "../../../cache/index.ts";
import type { FailedRun } from "../../../seed/index.ts";
import { seedIdOf } from "../../definition.ts";
import type { BlockLease, ClusterBook, ClusterEvent, WorkerFigures, WorkerOrders } from "../cluster_book.ts";
import { changeState, cutBlocks, endIfDone, newSeed, retrySeed } from "./control_seed.ts";
import { MemoryQueue } from "./memory_queue.ts";
import { countSeen, totalOf, type MemoryBlock, type MemorySeed } from "./memory_seed.ts";
import { borrowStore } from "./borrow_store.ts";
import { isHungry, listDead, listFailedRuns, toSeed, toStatus } from "./seed_status.ts";
import { closeBlock, isNext, leaseLost, noteScan, requireAll, writeBatch } from "./write_block.ts";

export interface MemoryBookOptions {
  /** The caches that seeds may name; not closed with the book. */
  readonly caches: ReadonlyMap<string, TileStore>;
  readonly clock?: Clock;
  /** 0..1, for the jitter. */
  readonly random?: () => number;
}

type BookMethod<Name extends keyof ClusterBook> = ClusterBook[Name];

/** The books of workers that live in one process: a simulated fleet, and tests. One call at a time. */
export class MemoryBook implements ClusterBook {
  readonly location = "memory:";
  readonly #caches: ReadonlyMap<string, TileStore>;
  readonly #clock: Clock;
  readonly #queue: MemoryQueue;
  readonly #seeds = new Map<string, MemorySeed>();
  /** When each worker was heard of last. */
  readonly #workers = new Map<string, number>();
  readonly #listeners = new Set<(event: ClusterEvent | null) => void>();
  readonly #turn = new Semaphore(1);

  constructor({ caches, clock = systemClock, random = Math.random }: MemoryBookOptions) {
    this.#caches = caches;
    this.#clock = clock;
    this.#queue = new MemoryQueue(clock, random);
  }

  submit: BookMethod<"submit"> = (definition, planned) =>
    this.#transaction(() => {
      const id = seedIdOf(definition);
      const state = this.#seeds.get(id)?.state;
      if (state === "running" || state === "paused") return { id, isNew: false };
      // The newest seed is the last.
      this.#seeds.delete(id);
      this.#seeds.set(id, newSeed(id, definition, planned, this.#clock.now()));
      this.#tell("work", id);
      return { id, isNew: true };
    });

  getSeed: BookMethod<"getSeed"> = (id) => this.#transaction(() => toSeed(this.#require(id)));
  getStatus: BookMethod<"getStatus"> = (id) => this.#transaction(() => toStatus(this.#require(id), this.#clock));
  listDead: BookMethod<"listDead"> = (id) => this.#transaction(() => listDead(this.#require(id)));
  listSeeds: BookMethod<"listSeeds"> = () =>
    this.#transaction(() => [...this.#seeds.values()].toReversed().map((seed) => toStatus(seed, this.#clock)));
  listHungry: BookMethod<"listHungry"> = () =>
    this.#transaction(() => [...this.#seeds.values()].filter((seed) => isHungry(seed, this.#now)).map(({ id }) => id));

  async *listFailed(id: string): AsyncGenerator<FailedRun> {
    yield* await this.#transaction(() => listFailedRuns(this.#require(id)));
  }

  cut: BookMethod<"cut"> = (id, cut) =>
    this.#transaction(() => {
      const seed = this.#seeds.get(id);
      if (seed === undefined || !isHungry(seed, this.#now)) return 0;
      const count = cutBlocks(seed, this.#queue, cut, countSeen(this.#workers, this.#now));
      if (count === 0) this.#endIfDone(seed);
      else this.#tell("work", id);
      return count;
    });

  claim: BookMethod<"claim"> = (worker, withoutSeeds = []) =>
    this.#transaction(() => {
      const seeds = [...this.#seeds.values()].filter(
        ({ id, state }) => state !== "paused" && !withoutSeeds.includes(id),
      );
      for (let taken = this.#queue.take(seeds); taken !== null; taken = this.#queue.take(seeds)) {
        const { seed, block } = taken;
        Object.assign(block, { state: "leased", attempt: block.job.begun - 1, worker });
        if (seed.state === "running") return leaseOf(seed, block);
        closeBlock(seed, block, null, this.#now);
      }
      return null;
    });

  noteScan: BookMethod<"noteScan"> = (lease, scan) =>
    this.#transaction(() => noteScan(this.#requireOurs(lease).block, scan));

  commit: BookMethod<"commit"> = (lease, batch) =>
    this.#transaction(async () => {
      const { seed, block } = this.#requireOurs(lease);
      if (isNext(block, lease, batch)) await writeBatch(block, this.#storeOf(seed.definition.cache), batch);
    });

  complete: BookMethod<"complete"> = (lease, end) =>
    this.#transaction(async () => {
      const { seed, block } = this.#requireOurs(lease);
      const store = this.#storeOf(seed.definition.cache);
      const last = end.lastBatch !== null && isNext(block, lease, end.lastBatch) ? end.lastBatch : null;
      await requireAll(store, lease, end, last);
      if (last !== null) await writeBatch(block, store, last);
      closeBlock(seed, block, end, this.#now);
      this.#endIfDone(seed);
    });

  giveBack: BookMethod<"giveBack"> = (lease) =>
    this.#transaction(() => {
      const { seed, block } = this.#requireOurs(lease);
      if (seed.state === "cancelled") return closeBlock(seed, block, null, this.#now);
      // A fresh job, so that it does not count as an attempt.
      Object.assign(block, { state: "waiting", job: this.#queue.newJob(), attempt: null, worker: null });
      this.#tell("work", seed.id);
    });

  fail: BookMethod<"fail"> = (lease, error) =>
    this.#transaction(() => {
      const { seed, block } = this.#requireOurs(lease);
      Object.assign(block, { state: "waiting", attempt: null, worker: null, error: messageOf(error).slice(0, 500) });
      if (block.job.isActive && !this.#queue.fail(block)) this.#endIfDone(seed);
    });

  report: BookMethod<"report"> = ({ worker, leases, seeds }) =>
    this.#transaction((): WorkerOrders => {
      this.#workers.set(worker, this.#now);
      for (const figures of seeds) this.#note(worker, figures);
      const lost = leases.filter((lease) => {
        const block = this.#findOurs(lease)?.block;
        if (block?.job.isActive !== true) return true;
        this.#queue.touch(block);
        return false;
      });
      const seedIds = [...new Set(leases.map(({ seedId }) => seedId))];
      const stopped = seedIds.filter((id) => this.#seeds.get(id)?.state !== "running");
      return { lost, stopped, nowMs: this.#clock.now() };
    });

  tidy: BookMethod<"tidy"> = () =>
    this.#transaction(() => {
      for (const seed of this.#seeds.values())
        for (const block of seed.blocks.values())
          if (this.#queue.isSilent(block) && !this.#queue.fail(block)) this.#endIfDone(seed);
    });

  setState: BookMethod<"setState"> = (id, state) =>
    this.#transaction(() => {
      const seed = this.#require(id);
      if (!changeState(seed, state, this.#clock.now())) return;
      this.#tell("state", id);
      if (state !== "running") return;
      this.#tell("work", id);
      this.#endIfDone(seed);
    });

  retry: BookMethod<"retry"> = (id) =>
    this.#transaction(() => {
      const count = retrySeed(this.#require(id), this.#queue, this.#now);
      this.#tell("work", id);
      return count;
    });

  listen(onEvent: (event: ClusterEvent | null) => void): Promise<AsyncDisposable> {
    const listener = (event: ClusterEvent | null): void => onEvent(event);
    this.#listeners.add(listener);
    const stop = (): Promise<void> => {
      this.#listeners.delete(listener);
      return Promise.resolve();
    };
    return Promise.resolve({ [Symbol.asyncDispose]: stop });
  }

  openTiles: BookMethod<"openTiles"> = (cache) => this.#transaction(() => borrowStore(this.#storeOf(cache)));

  close(): Promise<void> {
    this.#listeners.clear();
    return Promise.resolve();
  }

  async #transaction<T>(run: () => T | Promise<T>): Promise<T> {
    const release = await this.#turn.acquire();
    try {
      return await run();
    } finally {
      release();
    }
  }

  #require(id: string): MemorySeed {
    const seed = this.#seeds.get(id);
    if (seed !== undefined) return seed;
    const message = `expected the ID of a seed of this cluster, got '${id}'; \`tilth jobs list\` shows them`;
    throw new TilthError("cluster.unknownSeed", message, { fields: { id } });
  }

  #findOurs({ seedId, number, jobId, attempt }: BlockLease): { seed: MemorySeed; block: MemoryBlock } | null {
    const seed = this.#seeds.get(seedId);
    const block = seed?.blocks.get(number);
    if (seed === undefined || block === undefined) return null;
    return block.job.id === jobId && block.attempt === attempt ? { seed, block } : null;
  }

  #requireOurs(lease: BlockLease): { seed: MemorySeed; block: MemoryBlock } {
    const found = this.#findOurs(lease);
    if (found === null) throw leaseLost(lease);
    return found;
  }

  #note(worker: string, { seedId, requests, retries, rejected, tilesPerSecond }: WorkerFigures): void {
    const seed = this.#seeds.get(seedId);
    if (seed === undefined) return;
    const total = totalOf(seed, worker, this.#now);
    total.counts.requests += requests;
    total.counts.retries += retries;
    total.counts.rejected += rejected;
    Object.assign(total, { tilesPerSecond, seenAtMs: this.#now });
  }

  #endIfDone(seed: MemorySeed): void {
    if (endIfDone(seed, this.#clock.now())) this.#tell("state", seed.id);
  }

  /** Heard when the transaction is done. */
  #tell(kind: ClusterEvent["kind"], seedId: string): void {
    queueMicrotask(() => {
      for (const listener of this.#listeners) listener({ kind, seedId });
    });
  }

  #storeOf(cache: string): TileStore {
    const store = this.#caches.get(cache);
    if (store !== undefined) return store;
    throw new TilthError("store.missing", `expected a cache of these books, got '${cache}'`, { fields: { cache } });
  }

  get #now(): number {
    return this.#clock.monotonicMs();
  }
}

function leaseOf(seed: MemorySeed, { number, range, count, job, batches }: MemoryBlock): BlockLease {
  return { seedId: seed.id, number, range, count, jobId: job.id, attempt: job.begun - 1, batches };
}

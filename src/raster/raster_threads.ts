import { availableParallelism } from "node:os";
import { WorkerPool, type WorkerRunOptions, type WorkerTask } from "../concurrency/index.ts";

/** Threads make little but large buffers, which a collector lets lie until its small space is full: the smaller it is, the sooner. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 1 };

/** By how many threads there are in them. */
const pools = new Map<number, { pool: WorkerPool; users: number }>();

/**
 * Threads for the pixels of all rasters of the process: who reads, who computes and who writes use the same ones, so that a machine of two cores runs two and not six, and each
 * starts (40 ms, 150 from source) and warms up once. They start when they are first needed and end with their last user.
 */
export class RasterThreads implements AsyncDisposable {
  /** 1 or more. */
  readonly count: number;
  #open = true;

  /** @param count @default as many as the machine runs at once */
  constructor(count: number = availableParallelism()) {
    this.count = count;
    const known = pools.get(count);
    if (known !== undefined) known.users++;
    else pools.set(count, { pool: new WorkerPool({ maxThreads: count, resourceLimits: RESOURCE_LIMITS }), users: 1 });
  }

  /** As `WorkerPool.run`. */
  run<Args extends unknown[], Result>(
    task: WorkerTask<Args, Result>,
    args: Args,
    options: WorkerRunOptions = {},
  ): Promise<Result> {
    return (pools.get(this.count) as { pool: WorkerPool }).pool.run(task, args, options);
  }

  /** The last of those who use the threads ends them, and what runs on them. */
  async close(): Promise<void> {
    const shared = pools.get(this.count);
    if (!this.#open || shared === undefined) return;
    this.#open = false;
    if (--shared.users > 0) return;
    pools.delete(this.count);
    await shared.pool.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

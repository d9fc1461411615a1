import { availableParallelism } from "node:os";
import { workerModuleUrl, WorkerPool, type WorkerRunOptions, type WorkerTask } from "../concurrency/index.ts";

/** Threads make little but large buffers, which a collector lets lie until its small space is full: the smaller it is, the sooner. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 1 };

/** What reads blocks and what writes them. */
const BLOCK_MODULES = [
  workerModuleUrl("./geotiff/block_worker", import.meta.url),
  workerModuleUrl("./geotiff/encode_block", import.meta.url),
];

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

  /** Starts all of them while the caller loads modules and opens files: 130 ms less until the first block. @param modules that they load beside those for blocks */
  warmUp(modules: readonly URL[] = []): void {
    void this.#pool.warmUp([...BLOCK_MODULES, ...modules]);
  }

  /** As `WorkerPool.run`. */
  run<Args extends unknown[], Result>(
    task: WorkerTask<Args, Result>,
    args: Args,
    options: WorkerRunOptions = {},
  ): Promise<Result> {
    return this.#pool.run(task, args, options);
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

  get #pool(): WorkerPool {
    return (pools.get(this.count) as { pool: WorkerPool }).pool;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

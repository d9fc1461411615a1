import { availableParallelism } from "node:os";
import { WorkerPool, workerModuleUrl } from "../../concurrency/index.ts";
import type { Clock } from "../../core/index.ts";
import { IMPORT_THREAD_LIMITS } from "./thread_limits.ts";

const MODULE = workerModuleUrl("./osm_worker", import.meta.url);

/** Threads of imports. A program that knows that there will be one can start them before it has loaded what the import needs. */
export class ImportThreads implements AsyncDisposable {
  /** 1 or more. */
  readonly count: number;
  readonly pool: WorkerPool;

  /** @param count @default one for each core */
  constructor(count: number = availableParallelism(), clock?: Clock) {
    this.count = count;
    this.pool = new WorkerPool({ maxThreads: count, resourceLimits: IMPORT_THREAD_LIMITS, clock });
  }

  /** Starts all of them. @param modules that they load beside their own @returns resolves when they are up */
  warmUp(modules: readonly URL[] = []): Promise<void> {
    return this.pool.warmUp([MODULE, ...modules]);
  }

  /** Ends them, and what runs on them. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.pool.close();
  }
}

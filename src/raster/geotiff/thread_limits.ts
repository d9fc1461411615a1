import type { CancellableThreadPoolOptions } from "../../concurrency/index.ts";

/** Threads of blocks make little but large buffers, which a collector lets lie until its small space is full: the smaller it is, the sooner. */
export const BLOCK_THREAD_LIMITS: CancellableThreadPoolOptions["resourceLimits"] = { maxYoungGenerationSizeMb: 1 };

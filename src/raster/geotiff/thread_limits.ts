import type { ResourceLimits } from "node:worker_threads";

/** Threads of blocks make little but large buffers, which a collector lets lie until its small space is full: the smaller it is, the sooner. */
export const BLOCK_THREAD_LIMITS: ResourceLimits = { maxYoungGenerationSizeMb: 1 };

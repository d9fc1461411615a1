export { countThread, readActivity, type Activity } from "./activity.ts";
export { AdaptiveLimit, fixedLimit, type AdaptiveLimitOptions, type ConcurrencyLimit } from "./adaptive_limit.ts";
export { BoundedQueue, type BoundedQueueOptions } from "./bounded_queue.ts";
export {
  CancellableThreadPool,
  type AsyncTask,
  type CancellableThreadPoolOptions,
  type PoolTask,
} from "./cancellable_thread_pool.ts";
export { compileWasm } from "./compile_wasm.ts";
export { inOrder } from "./in_order.ts";
export { RateLimiter, type RateLimiterOptions } from "./rate_limiter.ts";
export { runLimited, runWithTimeout, type CallContext, type RunLimits, type Settled } from "./run_with_timeout.ts";
export { Semaphore, type Release } from "./semaphore.ts";
export type { ProgressListener, TaskFailure, TaskReport } from "./task_batch.ts";
export { startSpareThreads } from "./spare_threads.ts";
export { transferred, type Transferred } from "./transfer.ts";
export type { WaitOptions } from "./wait_line.ts";
export { WorkerPool, type WorkerPoolOptions, type WorkerRunOptions } from "./worker_pool.ts";
export { workerModuleUrl, workerTask, type ResultOf, type WorkerTask } from "./worker_task.ts";

import type { ResourceLimits } from "node:worker_threads";
import { CancelledError, messageOf, systemClock, TilthError, type Clock } from "../core/index.ts";
import { countTask } from "./activity.ts";
import { expectInteger, expectTimeout } from "./arguments.ts";
import { Fifo } from "./fifo.ts";
import { errorOf, runLimited } from "./run_with_timeout.ts";
import { TaskBatch, type Entry, type ProgressListener, type TaskReport } from "./task_batch.ts";
import { WorkerPool } from "./worker_pool.ts";
import type { WorkerTask } from "./worker_task.ts";

/** A task on the event loop. The signal aborts at its timeout and at `cancel`; nobody waits for the task from then on. */
export type AsyncTask<Args extends unknown[], Result> = (
  signal: AbortSignal,
  ...args: Args
) => Result | PromiseLike<Result>;

export type PoolTask<Args extends unknown[], Result> = AsyncTask<Args, Result> | WorkerTask<Args, Result>;

export interface CancellableThreadPoolOptions {
  /** Tasks that run at once, those on the event loop and those on threads together; 1 or more. */
  maxWorkers: number;
  /**
   * Milliseconds for each task, from its own start (of a worker task: from when its thread is up). A thread that overruns it is ended
   * and replaced; a function that ignores its signal no longer holds a place. @default no limit
   */
  timeout?: number;
  /** Memory limits of each thread, as of a `WorkerPool`. @default Node's */
  resourceLimits?: ResourceLimits;
  clock?: Clock;
}

type Task = PoolTask<unknown[], unknown>;

/**
 * Runs a finite lot of tasks, never more than `maxWorkers` at once, in the order of submission.
 * After `waitCompletion`, `cancel` or disposal no thread and no timer of it is left, so the process can end by itself.
 * After a `waitCompletion` that resolved, the pool takes the next lot; after `cancel` or disposal it takes nothing.
 */
export class CancellableThreadPool implements AsyncDisposable {
  readonly #maxWorkers: number;
  readonly #timeoutMs: number | undefined;
  readonly #clock: Clock;
  readonly #threads: WorkerPool;
  readonly #line = new Fifo<Entry<Task>>();
  readonly #running = new Set<Entry<Task>>();
  readonly #stopping = new AbortController();
  #batch = new TaskBatch();
  #cancelled: CancelledError | undefined;

  constructor({ maxWorkers, timeout, resourceLimits, clock = systemClock }: CancellableThreadPoolOptions) {
    expectInteger("maxWorkers", maxWorkers, 1);
    expectTimeout("timeout", timeout);
    this.#maxWorkers = maxWorkers;
    this.#timeoutMs = timeout;
    this.#clock = clock;
    this.#threads = new WorkerPool({ maxThreads: maxWorkers, maxBacklog: maxWorkers, resourceLimits, clock });
  }

  /** Tasks that run now. */
  get running(): number {
    return this.#running.size;
  }

  /** Tasks that wait for their start. */
  get waiting(): number {
    return this.#line.size;
  }

  /**
   * Starts the task, or puts it in line. The promise is the task's own end and need not be awaited: a failure is in the report of
   * `waitCompletion` too, so it never counts as unhandled. Throws 'pool.closed' after `cancel` or disposal.
   */
  submitTask<Args extends unknown[], Result>(task: PoolTask<Args, Result>, ...args: Args): Promise<Result> {
    if (this.#cancelled !== undefined) {
      throw new TilthError("pool.closed", `the pool takes no more tasks: ${this.#cancelled.message}`, {
        cause: this.#cancelled,
      });
    }
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    promise.catch(() => undefined);
    // The entries of one line differ in their types; `promise` and `args` of one entry fit its own task.
    this.#line.push({ index: this.#batch.add(), task: task as unknown as Task, args, resolve, reject });
    this.#startNext();
    return promise as Promise<Result>;
  }

  /**
   * Waits until every task has ended, those submitted meanwhile included. Failed tasks do not make it reject; `cancel` does, with a
   * CancelledError whose `partial` is the TaskReport so far, and so does an error thrown by `onProgress`.
   */
  async waitCompletion({ onProgress }: { onProgress?: ProgressListener } = {}): Promise<TaskReport> {
    const batch = this.#batch;
    do {
      await batch.wait(onProgress);
      await (this.#cancelled === undefined ? this.#threads.trim() : this.#threads.close());
    } while (!batch.complete);
    if (this.#cancelled !== undefined) {
      throw new CancelledError(this.#cancelled.message, { partial: batch.report(), cause: this.#cancelled.cause });
    }
    if (this.#batch === batch) this.#batch = new TaskBatch();
    return batch.report();
  }

  /**
   * Starts nothing more, aborts the signals of running functions and ends the threads. Returns at once; tasks without a result reject with
   * a CancelledError. `reason` (an Error or a text) is its cause. A second call does nothing.
   */
  cancel(reason?: unknown): void {
    if (this.#cancelled !== undefined) return;
    this.#cancelled = new CancelledError(reason === undefined ? undefined : `cancelled: ${messageOf(reason)}`, {
      cause: reason,
    });
    for (let node = this.#line.shift(); node !== undefined; node = this.#line.shift())
      node.value.reject(this.#cancelled);
    this.#batch.stop();
    this.#stopping.abort(this.#cancelled);
    void this.#threads.close();
  }

  /** Cancels what has not ended; resolves when no thread is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.cancel("the pool was disposed");
    await this.#threads.close();
  }

  #startNext(): void {
    while (this.#running.size < this.#maxWorkers) {
      const entry = this.#line.shift()?.value;
      if (entry === undefined) return;
      void this.#run(entry);
    }
  }

  async #run(entry: Entry<Task>): Promise<void> {
    const batch = this.#batch;
    this.#running.add(entry);
    try {
      const result = await this.#perform(entry);
      this.#end(entry, () => batch.succeed(entry, result));
    } catch (error) {
      this.#end(entry, () => batch.fail(entry, errorOf(error)));
    }
  }

  #perform({ task, args }: Entry<Task>): Promise<unknown> {
    const limits = { timeoutMs: this.#timeoutMs, signal: this.#stopping.signal };
    if (typeof task !== "function") return this.#threads.run(task, [...args], limits);
    const uncount = countTask();
    return runLimited((signal) => task(signal, ...args), { ...limits, clock: this.#clock }).finally(uncount);
  }

  /** What ends after `cancel` was cancelled, whatever came of it: the report may have been handed out already. */
  #end(entry: Entry<Task>, settle: () => void): void {
    this.#running.delete(entry);
    if (this.#cancelled === undefined) settle();
    else entry.reject(this.#cancelled);
    if (this.#cancelled === undefined) this.#startNext();
  }
}

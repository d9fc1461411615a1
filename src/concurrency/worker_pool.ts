import type { ResourceLimits, Transferable } from "node:worker_threads";
import { isTilthError, systemClock, throwIfAborted, TilthError, type Clock } from "../core/index.ts";
import { countTask } from "./activity.ts";
import { expectInteger, expectTimeout } from "./arguments.ts";
import { Semaphore, type Release } from "./semaphore.ts";
import type { loadModules } from "./load_modules.ts";
import { workerModuleUrl, workerTask, type WorkerTask } from "./worker_task.ts";
import { WorkerThread } from "./worker_thread.ts";

export interface WorkerPoolOptions {
  /** Threads at most, 1 or more; each is started when it is first needed and then kept. */
  maxThreads: number;
  /** Calls that may wait for a thread; one more is refused with 'argument.invalid'. @default 1000 */
  maxBacklog?: number;
  /** Memory limits of each thread; a thread that passes them fails its task with 'task.failed'. @default Node's */
  resourceLimits?: ResourceLimits;
  clock?: Clock;
}

export interface WorkerRunOptions {
  /** From when the thread takes the task up; then the thread is ended, an endless loop included. @default no limit */
  timeoutMs?: number;
  /** Leaves the backlog, or ends the thread that runs the task. */
  signal?: AbortSignal;
  /** Buffers of the arguments to hand over instead of copying. @default what the task's own `transfer` says */
  transfer?: readonly Transferable[];
}

const loadTask = workerTask<typeof loadModules>({
  module: workerModuleUrl("./load_modules", import.meta.url),
  name: "loadModules",
});

/**
 * Reusable worker threads for pixel work and the like. Calls start in the order of `run`. Idle threads do not keep the process alive.
 * A thread that crashes, or whose task is timed out or aborted, is replaced; no more than `maxThreads` ever exist.
 */
export class WorkerPool implements AsyncDisposable {
  readonly #options: WorkerPoolOptions;
  readonly #clock: Clock;
  readonly #places: Semaphore;
  readonly #threads = new Set<WorkerThread>();
  readonly #idle: WorkerThread[] = [];
  readonly #running = new Set<Promise<unknown>>();
  /** Takes nothing new. */
  #closed = false;
  /** Finishes nothing either. */
  #ended = false;

  constructor(options: WorkerPoolOptions) {
    expectInteger("maxThreads", options.maxThreads, 1);
    expectInteger("maxBacklog", options.maxBacklog ?? 1, 1);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#places = new Semaphore(options.maxThreads, { clock: this.#clock });
  }

  /** Threads that exist now, idle and ending ones included. */
  get threadCount(): number {
    return this.#threads.size;
  }

  /** Calls that wait for a thread. */
  get waiting(): number {
    return this.#places.waiting;
  }

  /**
   * Runs `task(...args)` on a thread. Rejects with what the task throws (a TilthError keeps its code, anything else is the cause of a
   * 'task.failed'), with a TimeoutError, a CancelledError, 'pool.closed', or 'argument.invalid' when the backlog is full.
   */
  run<Args extends unknown[], Result>(
    task: WorkerTask<Args, Result>,
    args: Args,
    options: WorkerRunOptions = {},
  ): Promise<Result> {
    const running = this.#run(task, args, options);
    this.#running.add(running);
    const forget = (): void => void this.#running.delete(running);
    running.then(forget, forget);
    // The thread sends whatever the function returned; `workerTask` ties that to `Result`.
    return running as Promise<Result>;
  }

  /** Starts all threads and has them load modules while the caller does something else. What goes wrong is told by the calls that need them. @returns resolves when those that it started have */
  async warmUp(modules: readonly URL[]): Promise<void> {
    const urls = modules.map(({ href }) => href);
    const loads: Promise<void>[] = [];
    for (let i = this.#threads.size; i < this.#options.maxThreads; i++) loads.push(this.run(loadTask, [urls]));
    await Promise.allSettled(loads);
  }

  /** Ends the idle threads; new ones are started when needed. */
  async trim(): Promise<void> {
    const endings: Promise<void>[] = [];
    for (let thread = this.#idle.pop(); thread !== undefined; thread = this.#idle.pop()) {
      // An idle thread leaves a place free; holding that place keeps a new thread from starting beside the ending one.
      endings.push(this.#end(thread, this.#places.tryAcquire()));
    }
    await Promise.all(endings);
  }

  /** Takes no new tasks, lets every accepted one finish, then ends the threads. For threads that must not be killed, as SQLite writers. */
  async drain(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
    await this.close();
  }

  /** Ends everything now: running and waiting tasks reject with 'pool.closed'. Resolves when no thread is left. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#ended = true;
    this.#places.close(closedError());
    await Promise.all([...this.#threads].map((thread) => thread.end(closedError())));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run<Args extends unknown[]>(
    task: WorkerTask<Args, unknown>,
    args: Args,
    options: WorkerRunOptions,
  ): Promise<unknown> {
    if (this.#closed) throw closedError();
    expectTimeout("timeoutMs", options.timeoutMs);
    const call = {
      module: task.module,
      name: task.name,
      args,
      transfer: options.transfer ?? task.transfer?.(...args) ?? [],
    };
    throwIfAborted(options.signal);
    const release = this.#places.tryAcquire() ?? (await this.#wait(options.signal));
    if (this.#ended) {
      release();
      throw closedError();
    }
    const thread = this.#takeIdle() ?? this.#start();
    const uncount = countTask();
    try {
      return await thread.run(call, { timeoutMs: options.timeoutMs, signal: options.signal });
    } catch (error) {
      // Told only when the thread is gone: whoever starts the next task at that news stays within the bound.
      if (isTilthError(error, "timeout") && !thread.usable) await thread.end();
      throw error;
    } finally {
      uncount();
      this.#putBack(thread, release);
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<Release> {
    const maxBacklog = this.#options.maxBacklog ?? 1_000;
    if (this.waiting >= maxBacklog) {
      throw new TilthError(
        "argument.invalid",
        `expected at most ${maxBacklog} waiting tasks, got one more: wait for results before handing in more`,
        {
          fields: { maxBacklog },
        },
      );
    }
    return this.#places.acquire({ signal });
  }

  #takeIdle(): WorkerThread | undefined {
    for (let thread = this.#idle.pop(); thread !== undefined; thread = this.#idle.pop()) {
      if (thread.usable) return thread;
      // Else it died while idle, e.g. of a promise that an earlier task had left behind.
    }
    return undefined;
  }

  #start(): WorkerThread {
    const thread = new WorkerThread({ resourceLimits: this.#options.resourceLimits, clock: this.#clock });
    this.#threads.add(thread);
    void thread.gone.then(() => this.#threads.delete(thread));
    return thread;
  }

  #putBack(thread: WorkerThread, release: Release): void {
    if (thread.usable && !this.#ended) {
      this.#idle.push(thread);
      release();
    } else {
      void this.#end(thread, release);
    }
  }

  async #end(thread: WorkerThread, release: Release | undefined): Promise<void> {
    await thread.end();
    release?.();
  }
}

function closedError(): TilthError {
  return new TilthError("pool.closed", "the pool is closed: it takes and finishes no more tasks");
}

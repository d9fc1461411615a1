import { Fifo } from "./fifo.ts";

/** One task that failed: where it stood in the order of submission, what it was, and why. */
export interface TaskFailure {
  index: number;
  task: unknown;
  args: readonly unknown[];
  error: Error;
}

/** What came of a batch of tasks. */
export interface TaskReport {
  /** Results of the tasks that succeeded, in the order of submission; a failed task leaves no hole. */
  results: unknown[];
  /** In the order of submission. A cancelled task is in neither list. */
  errors: TaskFailure[];
}

/** Called after each task that ended, however it ended; both counts are of tasks. `total` grows while tasks are submitted. */
export type ProgressListener = (done: number, total: number) => void;

/** A task from its submission to its end. */
export interface Entry<Task> {
  readonly index: number;
  readonly task: Task;
  readonly args: readonly unknown[];
  resolve(result: unknown): void;
  reject(error: Error): void;
}

interface Wait {
  onProgress: ProgressListener | undefined;
  resolve(): void;
  reject(error: unknown): void;
}

/** Books of the tasks of one `waitCompletion`: what was obtained, and who waits for the rest. */
export class TaskBatch {
  readonly #results = new Map<number, unknown>();
  readonly #failures = new Map<number, TaskFailure>();
  readonly #waits = new Fifo<Wait>();
  #total = 0;
  #stopped = false;

  /** True when every task has ended (or none will any more). */
  get complete(): boolean {
    return this.#stopped || this.done === this.#total;
  }

  get done(): number {
    return this.#results.size + this.#failures.size;
  }

  /** Index of the task that is submitted now. */
  add(): number {
    return this.#total++;
  }

  succeed(entry: Entry<unknown>, result: unknown): void {
    this.#results.set(entry.index, result);
    entry.resolve(result);
    this.#tell();
  }

  fail(entry: Entry<unknown>, error: Error): void {
    const { index, task, args } = entry;
    this.#failures.set(index, { index, task, args, error });
    entry.reject(error);
    this.#tell();
  }

  /** Nothing more will come: whoever waits is let go. */
  stop(): void {
    this.#stopped = true;
    this.#tell();
  }

  /** Resolves when `complete`; rejects with what `onProgress` throws. */
  wait(onProgress: ProgressListener | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.complete) return resolve();
      this.#waits.push({ onProgress, resolve, reject });
    });
  }

  report(): TaskReport {
    return { results: inOrder(this.#results), errors: inOrder(this.#failures) };
  }

  #tell(): void {
    const { done, complete } = this;
    for (let node = this.#waits.first; node !== undefined;) {
      const { next, value: wait } = node;
      try {
        if (!this.#stopped) wait.onProgress?.(done, this.#total);
      } catch (error) {
        this.#waits.remove(node);
        wait.reject(error);
      }
      if (complete && this.#waits.remove(node)) wait.resolve();
      node = next;
    }
  }
}

function inOrder<Value>(byIndex: ReadonlyMap<number, Value>): Value[] {
  return [...byIndex].sort(([a], [b]) => a - b).map(([, value]) => value);
}

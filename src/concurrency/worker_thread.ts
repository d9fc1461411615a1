import type { ResourceLimits, Transferable, Worker } from "node:worker_threads";
import { abortable, isTilthError, messageOf, systemClock, TilthError, type Clock } from "../core/index.ts";
import { countThread } from "./activity.ts";
import { runLimited, type RunLimits } from "./run_with_timeout.ts";
import { takeThread } from "./spare_threads.ts";
import { errorFromMessage, type CallMessage, type ThreadMessage } from "./worker_message.ts";

/** A thread inside of native code cannot be ended before it comes back from there; nobody waits longer than this for it. */
const END_GRACE_MS = 1_000;

export interface Call extends Omit<CallMessage, "id"> {
  transfer: readonly Transferable[];
}

interface Pending {
  id: number;
  call: Call;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/**
 * One thread and what it works on. It keeps the process alive only while a call runs.
 * States: booting -> idle <-> busy -> gone. A call that was given up leaves it busy for good: it can only be ended then.
 */
export class WorkerThread {
  /** Resolves when the thread does not exist any more, however it ended. */
  readonly gone: Promise<void>;
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #ready: Promise<void>;
  readonly #rejectBoot: (error: Error) => void;
  #calls = 0;
  #pending: Pending | undefined;
  /** Why it has ended or is about to. */
  #crash: Error | undefined;
  #isGone = false;

  constructor(options: { resourceLimits?: ResourceLimits; clock?: Clock } = {}) {
    this.#clock = options.clock ?? systemClock;
    const { worker, isReady } = takeThread(options.resourceLimits);
    this.#worker = worker;
    const gone = Promise.withResolvers<void>();
    const uncount = countThread();
    this.gone = gone.promise;
    const booted = Promise.withResolvers<void>();
    this.#ready = booted.promise;
    this.#rejectBoot = booted.reject;
    // A boot that fails is told to whoever calls `run`; here it only must not count as unhandled.
    this.#ready.catch(() => undefined);
    if (isReady) booted.resolve();
    this.#worker.on("message", (message: ThreadMessage) =>
      message.ready === true ? booted.resolve() : this.#answer(message),
    );
    this.#worker.on("messageerror", (error) => this.#pending?.reject(error));
    this.#worker.on("error", (error) => (this.#crash = error instanceof Error ? error : new Error(messageOf(error))));
    this.#worker.on("exit", (exitCode) => {
      this.#isGone = true;
      uncount();
      booted.reject(this.#crashError(exitCode));
      this.#pending?.reject(this.#crashError(exitCode));
      gone.resolve();
    });
  }

  /** True when another call may be run on it. */
  get usable(): boolean {
    return !this.#isGone && this.#crash === undefined && this.#pending === undefined;
  }

  /** One call at a time. The time limit counts from when the thread is up, loading of the module included. */
  async run(call: Call, limits: RunLimits): Promise<unknown> {
    this.#worker.ref();
    try {
      await abortable(this.#ready, limits.signal);
      return await runLimited(() => this.#exchange(call), { clock: this.#clock, ...limits });
    } finally {
      if (this.usable) this.#worker.unref();
    }
  }

  /** Ends the thread, whatever it does; a call that runs rejects at once. Resolves when the thread is gone (or after a second, if native code holds it). */
  async end(reason?: Error): Promise<void> {
    if (this.#isGone) return;
    this.#crash ??= reason ?? new TilthError("pool.closed", "the thread was ended on request");
    this.#rejectBoot(this.#crash);
    this.#pending?.reject(this.#crash);
    void this.#worker.terminate();
    const late = Promise.withResolvers<void>();
    const stopTimer = this.#clock.setTimer(late.resolve, END_GRACE_MS);
    await Promise.race([this.gone, late.promise]).finally(stopTimer);
  }

  #exchange(call: Call): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (!this.usable) throw isTilthError(this.#crash) ? this.#crash : this.#crashError(0);
      const { module, name, args, transfer } = call;
      const id = ++this.#calls;
      // Throws when an argument cannot be cloned: nothing is pending then and the thread stays good.
      this.#worker.postMessage({ id, module, name, args } satisfies CallMessage, transfer);
      this.#pending = { id, call, resolve, reject };
    });
  }

  #answer(message: Exclude<ThreadMessage, { ready: true }>): void {
    const pending = this.#pending;
    if (pending === undefined || pending.id !== message.id) return;
    this.#pending = undefined;
    if (message.success) pending.resolve(message.result);
    else pending.reject(errorFromMessage(pending.call, message.error));
  }

  #crashError(exitCode: number): TilthError {
    const reason = this.#crash === undefined ? `exit code ${exitCode}` : this.#crash.message;
    const fields = { exitCode, module: this.#pending?.call.module, name: this.#pending?.call.name };
    return new TilthError("task.failed", `the worker thread ended before its task did: ${reason}`, {
      cause: this.#crash,
      fields,
    });
  }
}

import { messageOf, sleep, type Clock, type Logger } from "../../core/index.ts";
import type { OpenJob } from "./job.ts";
import type { JobBook } from "./job_book.ts";
import { afterRun, viewOf, type JobEntry, type RunEnd } from "./job_entry.ts";
import type { JobEvents } from "./job_events.ts";
import { JobQueue } from "./job_queue.ts";
import type { StopIntent } from "./job_record.ts";
import { runJob, type JobRunOptions } from "./job_run.ts";
import type { JobStore } from "./job_store.ts";
import { fingerprintOf, type LiveRun } from "./live_run.ts";
import { Ticker } from "./ticker.ts";

export interface JobRunnerOptions {
  readonly openJob: OpenJob;
  readonly maxRunning: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Four times a second. */
const PROGRESS_EVERY_MS = 250;
const CLOSE_MS = 1000;

/** Runs queued jobs, a few at a time and never two into one store; stops them. */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #book: JobBook;
  readonly #store: JobStore;
  readonly #events: JobEvents;
  readonly #queue: JobQueue;
  readonly #ticker: Ticker;
  #closed = false;

  constructor(options: JobRunnerOptions, book: JobBook, store: JobStore, events: JobEvents) {
    this.#options = options;
    this.#book = book;
    this.#store = store;
    this.#events = events;
    this.#queue = new JobQueue(options.maxRunning);
    this.#ticker = new Ticker(options.clock, PROGRESS_EVERY_MS, () => this.#tellProgress());
  }

  /** Puts queued jobs into line, and starts what may run. */
  enqueue(...entries: readonly JobEntry[]): void {
    for (const { record } of entries) this.#queue.add(record.id, record.request.store);
    this.#pump();
  }

  /** Resolves once the job rests. @throws `store.*` when a job that waits cannot be written; it waits on then */
  async stop(entry: JobEntry, intent: "pause" | "cancel"): Promise<void> {
    if (entry.live !== null) return this.#stopRun(entry, entry.live, intent);
    this.#queue.leave(entry.record.id);
    const endedAtMs = intent === "cancel" ? this.#options.clock.now() : null;
    try {
      await this.#book.change(entry, { state: intent === "cancel" ? "cancelled" : "paused", endedAtMs });
    } catch (error) {
      if (entry.record.state === "queued") this.enqueue(entry);
      throw error;
    }
  }

  /** Stops everything, within a second; what was running is queued again. @param changes what was asked for before, and is waited for as well */
  async close(changes: Iterable<Promise<unknown>> = []): Promise<void> {
    this.#closed = true;
    const { clock, logger } = this.#options;
    const timer = new AbortController();
    const late = sleep(CLOSE_MS, { clock, signal: timer.signal }).then(
      () => logger.warn("Job:StillStopping"),
      () => undefined,
    );
    const stops = this.#book.entries().map(async (entry) => {
      if (entry.live !== null) await this.#stopRun(entry, entry.live, "close");
    });
    await Promise.race([Promise.allSettled([...stops, ...changes]), late]);
    timer.abort();
    this.#ticker.stop();
  }

  /** The intent is on the disk before the run is reported stopped, so that a kill in between does not undo a cancel. */
  async #stopRun(entry: JobEntry, live: LiveRun, intent: StopIntent): Promise<void> {
    // A pause does not take back a cancel, and the server's end takes back neither.
    if (entry.record.intent === null || intent === "cancel") entry.record = { ...entry.record, intent };
    const saved = this.#book.save(entry);
    live.abort.abort();
    await Promise.all([saved, live.rest]);
  }

  #pump(): void {
    if (this.#closed) return;
    for (let id = this.#queue.take(); id !== undefined; id = this.#queue.take()) {
      const entry = this.#book.find(id);
      // Gone, or stopped, while it waited.
      if (entry?.record.state !== "queued") this.#queue.release(id);
      else this.#start(entry);
    }
  }

  #start(entry: JobEntry): void {
    const live: LiveRun = { abort: new AbortController(), rest: Promise.resolve(), readProgress: null, told: "" };
    entry.live = live;
    this.#ticker.start();
    live.rest = this.#run(entry, live);
  }

  async #run(entry: JobEntry, live: LiveRun): Promise<void> {
    const { clock, logger } = this.#options;
    await this.#book.keep(entry, { ...entry.record, state: "running", startedAtMs: clock.now() });
    const end = await this.#runToEnd(entry, live);
    if ("error" in end) logger.warn("Job:Failed", { id: entry.record.id, reason: messageOf(end.error) });
    entry.live = null;
    this.#queue.release(entry.record.id);
    await this.#book.keep(entry, afterRun(entry.record, end, clock.now()));
    this.#pump();
  }

  async #runToEnd(entry: JobEntry, live: LiveRun): Promise<RunEnd> {
    const { clock, logger, openJob } = this.#options;
    const { id, request, retry } = entry.record;
    const onStart: JobRunOptions["onStart"] = (planned, readProgress) => {
      live.readProgress = readProgress;
      entry.record = { ...entry.record, planned };
    };
    const paths = { failedPath: this.#store.failedPath(id), failingPath: this.#store.failingPath(id) };
    try {
      const { signal } = live.abort;
      return { report: await runJob({ request, retry, openJob, ...paths, signal, onStart, clock, logger }) };
    } catch (error) {
      return { error };
    }
  }

  #tellProgress(): void {
    const running = this.#book.entries().filter((entry) => entry.live !== null);
    if (running.length === 0) this.#ticker.stop();
    for (const entry of running) {
      const progress = entry.live?.readProgress?.();
      const print = progress === undefined ? "" : fingerprintOf(progress);
      if (entry.live === null || print === entry.live.told) continue;
      entry.live.told = print;
      this.#events.emit(viewOf(entry));
    }
  }
}

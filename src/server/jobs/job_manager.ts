import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { silentLogger, systemClock, TilthError, type Clock, type Logger } from "../../core/index.ts";
import { partialListPath } from "../../seed/index.ts";
import { requireNoSecrets } from "./check_source.ts";
import { EventIds } from "./event_ids.ts";
import { readFailedPage, type FailedPage } from "./failed_pages.ts";
import type { JobRequest, JobState, JobView, OpenJob } from "./job.ts";
import { JobBook, type ListOptions } from "./job_book.ts";
import { viewOf, type JobEntry } from "./job_entry.ts";
import { JobEvents, type JobListener } from "./job_events.ts";
import { JobRunner } from "./job_runner.ts";
import { requireAction, type JobAction } from "./job_states.ts";
import { JobStore } from "./job_store.ts";

export interface JobManagerOptions {
  /** For the jobs' files alone; made when absent. One manager at a time. */
  folder: string;
  /** Must heed its signal: a run rests only when it has settled. */
  openJob: OpenJob;
  /** @default 2 */
  maxRunning?: number;
  /** Jobs that are kept, ended ones included. @default 1000 */
  maxJobs?: number;
  /** What becomes of jobs that waited or ran when the server ended. @default "resume" */
  onRestart?: "resume" | "pause";
  clock?: Clock;
  logger?: Logger;
  /** Letters, digits, - and _. @default a random UUID */
  createId?: () => string;
}

/** The jobs of one data folder: keeps, queues, runs and stops them. Every promise of a change resolves to the true state. */
export class JobManager implements AsyncDisposable {
  readonly #store: JobStore;
  readonly #events: JobEvents;
  readonly #book: JobBook;
  readonly #runner: JobRunner;
  /** Changes that were asked for before the end and are still being written. */
  readonly #changes = new Set<Promise<unknown>>();
  /** Jobs that are being changed, until that is over. */
  readonly #busy = new Map<string, Promise<void>>();
  #closing: Promise<void> | null = null;

  private constructor(options: Required<JobManagerOptions>, store: JobStore) {
    this.#store = store;
    this.#events = new JobEvents(new EventIds(join(options.folder, "event_ids"), options.logger), options.logger);
    this.#book = new JobBook(options, store, this.#events);
    this.#runner = new JobRunner(options, this.#book, store, this.#events);
  }

  /** Takes up what the last server left, and begins to work. @throws `store.io` when the folder cannot be used */
  static async open(options: JobManagerOptions): Promise<JobManager> {
    const full = {
      maxRunning: 2,
      maxJobs: 1000,
      onRestart: "resume" as const,
      clock: systemClock,
      logger: silentLogger,
      createId: randomUUID,
      ...options,
    };
    const manager = new JobManager(full, await JobStore.open(options.folder, full.logger));
    manager.#runner.enqueue(...(await manager.#book.load()));
    return manager;
  }

  /**
   * Resolves once the job is on the disk; it runs when its turn comes.
   * @throws `source.invalid` for a password or key in the URL, `job.tooMany`, `store.io`, `store.full`
   */
  async create(request: JobRequest): Promise<JobView> {
    this.#requireOpen();
    requireNoSecrets(request.source);
    return this.#change(async () => {
      const entry = await this.#book.create(request);
      this.#runner.enqueue(entry);
      return viewOf(entry);
    });
  }

  /** Newest first. @throws `job.missing` for an unknown `after`, `argument.invalid` */
  list(options: ListOptions = {}): JobView[] {
    return this.#book.list(options);
  }

  countStates(): Map<JobState, number> {
    return this.#book.countStates();
  }

  /** @throws `job.missing` */
  get(id: string): JobView {
    return viewOf(this.#book.get(id));
  }

  find(id: string): JobView | undefined {
    const entry = this.#book.find(id);
    return entry === undefined ? undefined : viewOf(entry);
  }

  /** Resolves once it rests, with everything fetched in the store; to `done` when it was quicker. @throws `job.missing`, `job.state`, `store.*` */
  pause(id: string): Promise<JobView> {
    return this.#stop(id, "pause");
  }

  /** Ends it; what is in the store stays. @throws `job.missing`, `job.state`, `store.*` */
  cancel(id: string): Promise<JobView> {
    return this.#stop(id, "cancel");
  }

  /** The same seed again, at the end of the queue; what is there is not fetched again. @throws `job.missing`, `job.state`, `store.*` */
  resume(id: string): Promise<JobView> {
    return this.#enqueue(id, "resume", {});
  }

  /** Asks again for the failed tiles alone. @throws `job.missing`, `job.state`, `store.*` */
  retryFailed(id: string): Promise<JobView> {
    return this.#enqueue(id, "retryFailed", { retry: true });
  }

  /** Forgets an ended job and its list; the store's file stays. @throws `job.missing`, `job.state`, `store.io` */
  remove(id: string): Promise<void> {
    return this.#alone(id, "remove", (entry) => this.#book.remove(entry));
  }

  /** A page of the failed tiles: of the run that is under way, else of the last one. @throws `job.missing`, `argument.invalid`, `store.*` */
  async listFailed(id: string, options: { limit?: number; after?: number } = {}): Promise<FailedPage> {
    const { limit = 100, after = 0 } = options;
    const { live, record } = this.#book.get(id);
    // A retry has not asked for all of the old list's tiles yet: that list is the truer one.
    const path =
      live === null || record.retry ? this.#store.failedPath(id) : partialListPath(this.#store.failingPath(id));
    return readFailedPage(path, limit, after);
  }

  /** Id of the last event that was told; 0 before the first. */
  get lastEventId(): number {
    return this.#events.lastId;
  }

  /** Synchronous, in order; see `JobEvents.subscribe`. */
  subscribe(listener: JobListener, options: { afterId?: number } = {}): () => void {
    this.#requireOpen();
    return this.#events.subscribe(listener, options);
  }

  /** Stops what runs, within a second; it goes on after a restart. A second call waits for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#runner.close(this.#changes);
    await this.#book.close();
    this.#events.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #stop(id: string, intent: "pause" | "cancel"): Promise<JobView> {
    await this.#untilQuiet(id);
    // A run that is being paused can be cancelled at once.
    if (this.#entryFor(id, intent).live === null)
      return this.#alone(id, intent, async (entry) => {
        await this.#runner.stop(entry, intent);
        return viewOf(entry);
      });
    const entry = this.#entryFor(id, intent);
    await this.#change(() => this.#runner.stop(entry, intent));
    return viewOf(entry);
  }

  #enqueue(id: string, action: "resume" | "retryFailed", more: { retry?: true }): Promise<JobView> {
    return this.#alone(id, action, async (entry) => {
      const turn = this.#book.nextTurn();
      await this.#book.change(entry, { ...more, state: "queued", turn, endedAtMs: null, error: null });
      this.#runner.enqueue(entry);
      return viewOf(entry);
    });
  }

  /** One change of a job at a time: between the look at its state and the write another one would look at the same state. */
  async #alone<Result>(id: string, action: JobAction, make: (entry: JobEntry) => Promise<Result>): Promise<Result> {
    await this.#untilQuiet(id);
    const entry = this.#entryFor(id, action);
    const change = this.#change(() => make(entry));
    const over = change.then(
      () => undefined,
      () => undefined,
    );
    this.#busy.set(id, over);
    try {
      return await change;
    } finally {
      this.#busy.delete(id);
    }
  }

  async #untilQuiet(id: string): Promise<void> {
    for (let busy = this.#busy.get(id); busy !== undefined; busy = this.#busy.get(id)) await busy;
  }

  /** The end waits for it. */
  async #change<Result>(make: () => Promise<Result>): Promise<Result> {
    const change = make();
    this.#changes.add(change);
    try {
      return await change;
    } finally {
      this.#changes.delete(change);
    }
  }

  #entryFor(id: string, action: JobAction): JobEntry {
    this.#requireOpen();
    const entry = this.#book.get(id);
    requireAction(id, entry.live === null ? entry.record.state : "running", action);
    return entry;
  }

  #requireOpen(): void {
    if (this.#closing !== null)
      throw new TilthError("job.state", "expected a server that runs on, got one that ends; ask again when it runs");
  }
}

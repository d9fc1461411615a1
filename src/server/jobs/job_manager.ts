import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { messageOf, silentLogger, sleep, systemClock, TilthError, type Clock, type Logger } from "../../core/index.ts";
import { requireNoSecrets } from "./check_source.ts";
import { EventIds } from "./event_ids.ts";
import { readFailedPage, type FailedPage } from "./failed_pages.ts";
import type { JobRequest, JobState, JobView, OpenJob } from "./job.ts";
import { afterRun, makeEntry, viewOf, type JobEntry, type RunEnd } from "./job_entry.ts";
import { JobEvents, type JobListener } from "./job_events.ts";
import { JobQueue } from "./job_queue.ts";
import { afterRestart, type JobRecord, type StopIntent } from "./job_record.ts";
import { runJob } from "./job_run.ts";
import { isEnded, requireAction, type JobAction } from "./job_states.ts";
import { JobStore } from "./job_store.ts";
import { fingerprintOf, type LiveRun } from "./live_run.ts";
import { Ticker } from "./ticker.ts";

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

/** Four times a second. */
const PROGRESS_EVERY_MS = 250;
const CLOSE_MS = 1000;
const MAX_LISTED = 1000;

type Settings = Required<JobManagerOptions>;

/** The jobs of one data folder: keeps, queues, runs and stops them. Every promise of a change resolves to the true state. */
export class JobManager implements AsyncDisposable {
  readonly #options: Settings;
  readonly #store: JobStore;
  readonly #events: JobEvents;
  readonly #queue: JobQueue;
  readonly #ticker: Ticker;
  /** In the order of their creation. */
  readonly #jobs = new Map<string, JobEntry>();
  /** Jobs whose files are being written for the first time. */
  #creating = 0;
  #sequence = 0;
  #turn = 0;
  #closing: Promise<void> | null = null;

  private constructor(options: Settings, store: JobStore) {
    this.#options = options;
    this.#store = store;
    this.#events = new JobEvents(new EventIds(join(options.folder, "event_ids"), options.logger), options.logger);
    this.#queue = new JobQueue(options.maxRunning);
    this.#ticker = new Ticker(options.clock, PROGRESS_EVERY_MS, () => this.#tellProgress());
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
    const store = await JobStore.open(options.folder, full.logger);
    const manager = new JobManager(full, store);
    await manager.#load();
    manager.#pump();
    return manager;
  }

  /**
   * Resolves once the job is on the disk; it runs when its turn comes.
   * @throws `source.invalid` for a password or key in the URL, `job.tooMany`, `store.io`, `store.full`
   */
  async create(request: JobRequest): Promise<JobView> {
    this.#requireOpen();
    requireNoSecrets(request.source);
    this.#creating += 1;
    try {
      await this.#makeRoom();
      const record = this.#newRecord(request);
      await this.#store.save(record);
      this.#requireOpen();
      const entry = makeEntry(record);
      this.#jobs.set(record.id, entry);
      this.#queue.add(record.id, request.store);
      this.#events.emit(viewOf(entry));
      this.#pump();
      return viewOf(entry);
    } finally {
      this.#creating -= 1;
    }
  }

  /** Newest first. @param options.after id of the last job of the page before @throws `job.missing` for an unknown `after` */
  list(options: { state?: JobState; limit?: number; after?: string } = {}): JobView[] {
    const { state, limit = 100, after } = options;
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_LISTED)
      throw new TilthError("argument.invalid", `expected 'limit' from 1 to ${MAX_LISTED}, got ${limit}`);
    const before = after === undefined ? Infinity : this.#entry(after).record.sequence;
    return [...this.#jobs.values()]
      .filter(({ record }) => record.sequence < before && (state === undefined || record.state === state))
      .toSorted((a, b) => b.record.sequence - a.record.sequence)
      .slice(0, limit)
      .map(viewOf);
  }

  countStates(): Map<JobState, number> {
    const counts = new Map<JobState, number>();
    for (const { record } of this.#jobs.values()) counts.set(record.state, (counts.get(record.state) ?? 0) + 1);
    return counts;
  }

  /** @throws `job.missing` */
  get(id: string): JobView {
    return viewOf(this.#entry(id));
  }

  find(id: string): JobView | undefined {
    const entry = this.#jobs.get(id);
    return entry === undefined ? undefined : viewOf(entry);
  }

  /** Resolves once it rests, with everything fetched in the store; to `done` when it was quicker. @throws `job.missing`, `job.state` */
  pause(id: string): Promise<JobView> {
    return this.#stop(id, "pause");
  }

  /** Ends it; what is in the store stays. @throws `job.missing`, `job.state` */
  cancel(id: string): Promise<JobView> {
    return this.#stop(id, "cancel");
  }

  /** The same seed again, at the end of the queue; what is there is not fetched again. @throws `job.missing`, `job.state` */
  resume(id: string): Promise<JobView> {
    return this.#enqueue(id, "resume", {});
  }

  /** Asks again for the failed tiles alone. @throws `job.missing`, `job.state` */
  retryFailed(id: string): Promise<JobView> {
    return this.#enqueue(id, "retryFailed", { retry: true });
  }

  /** Forgets an ended job and its list; the store's file stays. @throws `job.missing`, `job.state`, `store.io` */
  async remove(id: string): Promise<void> {
    const entry = this.#entryFor(id, "remove");
    this.#jobs.delete(id);
    await this.#store.remove(id);
    this.#events.emit(viewOf(entry), true);
  }

  /** A page of the failed tiles of the last run that ended. @throws `job.missing`, `argument.invalid`, `store.*` */
  async listFailed(id: string, options: { limit?: number; after?: number } = {}): Promise<FailedPage> {
    const { limit = 100, after = 0 } = options;
    return readFailedPage(this.#store.failedPath(this.#entry(id).record.id), limit, after);
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

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #load(): Promise<void> {
    const { onRestart, clock } = this.#options;
    for (const stored of await this.#store.load()) {
      const record = afterRestart(stored, onRestart, clock.now());
      if (record !== stored) await this.#store.save(record);
      this.#jobs.set(record.id, makeEntry(record));
      this.#sequence = Math.max(this.#sequence, record.sequence);
      this.#turn = Math.max(this.#turn, record.turn);
    }
    const queued = [...this.#jobs.values()].filter(({ record }) => record.state === "queued");
    for (const { record } of queued.toSorted((a, b) => a.record.turn - b.record.turn))
      this.#queue.add(record.id, record.request.store);
  }

  #newRecord(request: JobRequest): JobRecord {
    const id = this.#options.createId();
    if (this.#jobs.has(id)) throw new TilthError("argument.invalid", `expected a new id from createId, got '${id}'`);
    const times = { createdAtMs: this.#options.clock.now(), startedAtMs: null, endedAtMs: null };
    const outcome = { planned: null, report: null, error: null, intent: null, retry: false };
    const place = { sequence: ++this.#sequence, turn: ++this.#turn };
    return { version: 1, id, ...place, request: structuredClone(request), state: "queued", ...times, ...outcome };
  }

  /** Forgets the oldest ended jobs. @throws `job.tooMany` when none has ended */
  async #makeRoom(): Promise<void> {
    const { maxJobs } = this.#options;
    while (this.#jobs.size + this.#creating > maxJobs) {
      const oldest = [...this.#jobs.values()].find(({ record }) => isEnded(record.state));
      if (oldest === undefined)
        throw new TilthError("job.tooMany", `expected at most ${maxJobs} jobs; cancel one or wait until one has ended`);
      await this.remove(oldest.record.id);
    }
  }

  async #stop(id: string, intent: "pause" | "cancel"): Promise<JobView> {
    const entry = this.#entryFor(id, intent);
    if (entry.live !== null) await this.#stopRun(entry, entry.live, intent);
    else {
      this.#queue.leave(id);
      const endedAtMs = intent === "cancel" ? this.#options.clock.now() : null;
      await this.#change(entry, { state: intent === "cancel" ? "cancelled" : "paused", endedAtMs });
    }
    return viewOf(entry);
  }

  /** The intent is on the disk before the run stops, so that a kill in between does not undo a cancel. */
  async #stopRun(entry: JobEntry, live: LiveRun, intent: StopIntent): Promise<void> {
    // A pause does not take back a cancel, and the server's end takes back neither.
    if (entry.record.intent === null || intent === "cancel") entry.record = { ...entry.record, intent };
    const saved = this.#store.save(entry.record);
    live.abort.abort();
    await Promise.all([saved, live.rest]);
  }

  async #enqueue(id: string, action: "resume" | "retryFailed", more: { retry?: true }): Promise<JobView> {
    const entry = this.#entryFor(id, action);
    this.#queue.add(id, entry.record.request.store);
    const turn = ++this.#turn;
    await this.#change(entry, { ...more, state: "queued", turn, endedAtMs: null, error: null });
    this.#pump();
    return viewOf(entry);
  }

  #pump(): void {
    if (this.#closing !== null) return;
    for (let id = this.#queue.take(); id !== undefined; id = this.#queue.take()) {
      const entry = this.#jobs.get(id);
      if (entry === undefined) this.#queue.release(id);
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
    await this.#keep(entry, { ...entry.record, state: "running", startedAtMs: clock.now() });
    const end = await this.#runToEnd(entry, live);
    if ("error" in end) logger.warn("Job:Failed", { id: entry.record.id, reason: messageOf(end.error) });
    entry.live = null;
    this.#queue.release(entry.record.id);
    await this.#keep(entry, afterRun(entry.record, end, clock.now()));
    this.#pump();
  }

  async #runToEnd(entry: JobEntry, live: LiveRun): Promise<RunEnd> {
    const { clock, logger, openJob } = this.#options;
    const { id, request, retry } = entry.record;
    const onStart: Parameters<typeof runJob>[0]["onStart"] = (planned, readProgress) => {
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

  async #change(entry: JobEntry, changes: Partial<JobRecord>): Promise<void> {
    entry.record = { ...entry.record, ...changes };
    this.#events.emit(viewOf(entry));
    await this.#store.save(entry.record);
  }

  /** A run goes on without its file: after a restart it is run again, and finds its tiles in the store. */
  async #keep(entry: JobEntry, record: JobRecord): Promise<void> {
    try {
      await this.#change(entry, record);
    } catch (error) {
      this.#options.logger.error("Job:NotSaved", { id: record.id, state: record.state, reason: messageOf(error) });
    }
  }

  #tellProgress(): void {
    const live = [...this.#jobs.values()].filter((entry) => entry.live !== null);
    if (live.length === 0) this.#ticker.stop();
    for (const entry of live) {
      const progress = entry.live?.readProgress?.();
      const print = progress === undefined ? "" : fingerprintOf(progress);
      if (entry.live === null || print === entry.live.told) continue;
      entry.live.told = print;
      this.#events.emit(viewOf(entry));
    }
  }

  async #close(): Promise<void> {
    const { clock, logger } = this.#options;
    const timer = new AbortController();
    const late = sleep(CLOSE_MS, { clock, signal: timer.signal }).then(
      () => logger.warn("Job:StillStopping"),
      () => undefined,
    );
    const stops = [...this.#jobs.values()].flatMap((entry) =>
      entry.live === null ? [] : [this.#stopRun(entry, entry.live, "close").catch(() => undefined)],
    );
    await Promise.race([Promise.all(stops), late]);
    timer.abort();
    this.#ticker.stop();
    this.#events.close();
  }

  #entry(id: string): JobEntry {
    const entry = this.#jobs.get(id);
    if (entry === undefined) throw new TilthError("job.missing", `no job has the id '${id.slice(0, 80)}'; list them`);
    return entry;
  }

  #entryFor(id: string, action: JobAction): JobEntry {
    this.#requireOpen();
    const entry = this.#entry(id);
    requireAction(id, entry.live === null ? entry.record.state : "running", action);
    return entry;
  }

  #requireOpen(): void {
    if (this.#closing !== null) throw new TilthError("job.state", "the job manager is closed; open it anew");
  }
}

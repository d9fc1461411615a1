import { messageOf, TilthError, type Clock, type Logger } from "../../core/index.ts";
import type { JobRequest, JobState, JobView } from "./job.ts";
import { makeEntry, viewOf, type JobEntry } from "./job_entry.ts";
import type { JobEvents } from "./job_events.ts";
import { afterRestart, type JobRecord } from "./job_record.ts";
import { isEnded } from "./job_states.ts";
import type { JobStore } from "./job_store.ts";

export interface JobBookOptions {
  readonly maxJobs: number;
  readonly onRestart: "resume" | "pause";
  readonly clock: Clock;
  readonly logger: Logger;
  readonly createId: () => string;
}

export interface ListOptions {
  state?: JobState;
  /** @default 100 */
  limit?: number;
  /** Id of the last job of the page before. */
  after?: string;
}

const MAX_LISTED = 1000;
/** Between two attempts to write what could not be written, ms. */
const SAVE_AGAIN_MS = 2000;

/** The jobs as they stand, in memory and on the disk, and telling of every change. */
export class JobBook {
  readonly #options: JobBookOptions;
  readonly #store: JobStore;
  readonly #events: JobEvents;
  /** In the order of their creation. */
  readonly #jobs = new Map<string, JobEntry>();
  /** Jobs whose files are being written for the first time. */
  #creating = 0;
  /** Jobs that stand otherwise on the disk than they are. */
  readonly #unsaved = new Set<JobEntry>();
  #stopTimer: (() => void) | null = null;
  #closed = false;
  #sequence = 0;
  #turn = 0;

  constructor(options: JobBookOptions, store: JobStore, events: JobEvents) {
    this.#options = options;
    this.#store = store;
    this.#events = events;
  }

  /** Takes up what the last server left. @returns the jobs that are queued, in their turn @throws `store.io` */
  async load(): Promise<JobEntry[]> {
    const { onRestart, clock } = this.#options;
    for (const stored of await this.#store.load()) {
      const record = afterRestart(stored, onRestart, clock.now());
      const entry = makeEntry(record);
      this.#jobs.set(record.id, entry);
      // A full disk is no reason not to start: the next restart would come to the same.
      if (record !== stored) await this.save(entry);
      this.#sequence = Math.max(this.#sequence, record.sequence);
      this.#turn = Math.max(this.#turn, record.turn);
    }
    const queued = this.entries().filter(({ record }) => record.state === "queued");
    return queued.toSorted((a, b) => a.record.turn - b.record.turn);
  }

  /** A new job, on the disk when this resolves. @throws `job.tooMany`, `store.io`, `store.full` */
  async create(request: JobRequest): Promise<JobEntry> {
    this.#creating += 1;
    try {
      await this.#makeRoom();
      const record = this.#newRecord(request);
      await this.#store.save(record);
      const entry = makeEntry(record);
      this.#jobs.set(record.id, entry);
      this.#events.emit(viewOf(entry));
      return entry;
    } finally {
      this.#creating -= 1;
    }
  }

  /** @throws `job.missing` */
  get(id: string): JobEntry {
    const entry = this.find(id);
    if (entry !== undefined) return entry;
    throw new TilthError("job.missing", `no job has the id '${id.slice(0, 80)}'; list them`);
  }

  find(id: string): JobEntry | undefined {
    return this.#jobs.get(id);
  }

  entries(): JobEntry[] {
    return [...this.#jobs.values()];
  }

  /** Newest first. @throws `argument.invalid`; `job.missing` for an unknown `after` */
  list({ state, limit = 100, after }: ListOptions = {}): JobView[] {
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_LISTED)
      throw new TilthError("argument.invalid", `expected 'limit' from 1 to ${MAX_LISTED}, got ${limit}`);
    const before = after === undefined ? Infinity : this.get(after).record.sequence;
    return this.entries()
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

  /** Place at the end of the queue. */
  nextTurn(): number {
    return ++this.#turn;
  }

  /** On the disk first: when that fails nothing has changed. @throws `store.io`, `store.full` */
  async change(entry: JobEntry, changes: Partial<JobRecord>): Promise<void> {
    await this.#store.save({ ...entry.record, ...changes });
    this.#unsaved.delete(entry);
    entry.record = { ...entry.record, ...changes };
    this.#events.emit(viewOf(entry));
  }

  /** What has happened already: told and logged, also when it cannot be written. */
  async keep(entry: JobEntry, record: JobRecord): Promise<void> {
    entry.record = record;
    this.#events.emit(viewOf(entry));
    await this.save(entry);
  }

  /** Writes a job as it stands; a failure is logged, and tried again until it is written. After the end nothing is: the folder is the next server's. */
  async save(entry: JobEntry): Promise<void> {
    if (this.#closed) return;
    const { id, state } = entry.record;
    try {
      await this.#store.save(entry.record);
      this.#unsaved.delete(entry);
    } catch (error) {
      if (!this.#unsaved.has(entry))
        this.#options.logger.error("Job:NotSaved", { id, state, reason: messageOf(error) });
      this.#unsaved.add(entry);
      this.#saveLater();
    }
  }

  /** Writes once more what could not be written; nothing is written after this. */
  async close(): Promise<void> {
    await this.#saveAgain();
    this.#closed = true;
    this.#stopTimer?.();
  }

  #saveLater(): void {
    if (this.#closed) return;
    this.#stopTimer ??= this.#options.clock.setTimer(() => {
      this.#stopTimer = null;
      void this.#saveAgain();
    }, SAVE_AGAIN_MS);
  }

  /** A job that was removed meanwhile stays removed. */
  async #saveAgain(): Promise<void> {
    for (const entry of this.#unsaved) {
      if (this.#jobs.has(entry.record.id)) await this.save(entry);
      else this.#unsaved.delete(entry);
    }
  }

  /** Its file first: when that fails the job is still there. @throws `store.io` */
  async remove(entry: JobEntry): Promise<void> {
    await this.#store.remove(entry.record.id);
    if (this.#jobs.delete(entry.record.id)) this.#events.emit(viewOf(entry), true);
  }

  #newRecord(request: JobRequest): JobRecord {
    const id = this.#options.createId();
    if (this.#jobs.has(id)) throw new TilthError("argument.invalid", `expected a new id from createId, got '${id}'`);
    const times = { createdAtMs: this.#options.clock.now(), startedAtMs: null, endedAtMs: null };
    const outcome = { planned: null, report: null, error: null, intent: null, retry: false };
    const place = { sequence: ++this.#sequence, turn: this.nextTurn() };
    return { version: 1, id, ...place, request: structuredClone(request), state: "queued", ...times, ...outcome };
  }

  /** Forgets the oldest ended jobs. @throws `job.tooMany` when none has ended */
  async #makeRoom(): Promise<void> {
    const { maxJobs } = this.#options;
    while (this.#jobs.size + this.#creating > maxJobs) {
      const oldest = this.entries().find(({ record }) => isEnded(record.state));
      if (oldest === undefined)
        throw new TilthError("job.tooMany", `expected at most ${maxJobs} jobs; cancel one or wait until one has ended`);
      await this.remove(oldest);
    }
  }
}

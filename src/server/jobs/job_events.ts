import { messageOf, TilthError, type Logger } from "../../core/index.ts";
import type { EventIds } from "./event_ids.ts";
import type { JobEvent, JobView } from "./job.ts";

/** Events kept for a watcher that comes back: about two minutes of two busy jobs. */
export const KEPT_EVENTS = 1000;

const MAX_LISTENERS = 1000;

export type JobListener = (event: JobEvent) => void;

/** Tells every watcher of every change, in order; keeps the last thousand. */
export class JobEvents {
  readonly #ids: EventIds;
  readonly #logger: Logger;
  readonly #kept: JobEvent[] = [];
  readonly #listeners = new Set<{ readonly tell: JobListener }>();
  #closed = false;

  constructor(ids: EventIds, logger: Logger) {
    this.#ids = ids;
    this.#logger = logger;
  }

  /** After the end nobody hears, and the next server gives out the next id. */
  emit(job: JobView, removed = false): void {
    if (this.#closed) return;
    const event = { id: this.#ids.take(), job, removed };
    this.#kept.push(event);
    if (this.#kept.length > KEPT_EVENTS) this.#kept.shift();
    // Who comes while an event is told has it from the kept ones.
    const listeners = [...this.#listeners];
    for (const { tell } of listeners) this.#tell(tell, event);
  }

  /**
   * Kept events after `afterId` come before this returns; a first id above `afterId + 1` says that some are gone, so list anew.
   * @returns stops it; a second call does nothing
   * @throws `job.tooMany` beyond 1,000 listeners
   */
  subscribe(listener: JobListener, options: { afterId?: number } = {}): () => void {
    if (this.#listeners.size >= MAX_LISTENERS)
      throw new TilthError("job.tooMany", `expected at most ${MAX_LISTENERS} watchers; close one and come again`);
    const { afterId = Infinity } = options;
    for (const event of this.#kept.filter(({ id }) => id > afterId)) this.#tell(listener, event);
    const entry = { tell: listener };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  get lastId(): number {
    return this.#ids.last;
  }

  close(): void {
    this.#closed = true;
    this.#listeners.clear();
    this.#ids.close();
  }

  #tell(listener: JobListener, event: JobEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.#logger.warn("Event:ListenerFailed", { eventId: event.id, reason: messageOf(error) });
    }
  }
}

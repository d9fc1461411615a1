import { normalize } from "node:path";

interface Waiting {
  readonly id: string;
  readonly store: string;
}

/** First come, first served; a job whose store is being written waits, and others overtake it. */
export class JobQueue {
  readonly #maxRunning: number;
  readonly #waiting: Waiting[] = [];
  /** Store of each running job, by id. */
  readonly #running = new Map<string, string>();

  constructor(maxRunning: number) {
    this.#maxRunning = maxRunning;
  }

  /** At the end; a job that waits already stays where it is. */
  add(id: string, store: string): void {
    if (this.#running.has(id) || this.#waiting.some((one) => one.id === id)) return;
    this.#waiting.push({ id, store: normalize(store) });
  }

  leave(id: string): void {
    const index = this.#waiting.findIndex((one) => one.id === id);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  /** The next one that may run, which holds its place until `release`; undefined when none may. */
  take(): string | undefined {
    if (this.#running.size >= this.#maxRunning) return undefined;
    const busy = new Set(this.#running.values());
    const next = this.#waiting.find((one) => !busy.has(one.store));
    if (next === undefined) return undefined;
    this.leave(next.id);
    this.#running.set(next.id, next.store);
    return next.id;
  }

  release(id: string): void {
    this.#running.delete(id);
  }
}

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { messageOf, type Logger } from "../../core/index.ts";

/** Ids reserved by one write: a busy server with two jobs gives out about eight a second. */
const BLOCK = 1000;

/** Counts up by one and never gives an id twice, also after a kill: the file says below which id all may be used. */
export class EventIds {
  readonly #path: string;
  readonly #logger: Logger;
  #next: number;
  #limit: number;

  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
    this.#next = readLimit(path);
    this.#limit = this.#next;
  }

  /** 0 before the first. */
  get last(): number {
    return this.#next - 1;
  }

  take(): number {
    if (this.#next >= this.#limit) this.#reserve(this.#next + BLOCK);
    return this.#next++;
  }

  /** After a proper end the next server goes on without a gap. */
  close(): void {
    this.#reserve(this.#next);
  }

  /** Synchronous, as events are: once in a thousand of them. A disk that is full costs the order after a restart, not the event. */
  #reserve(limit: number): void {
    this.#limit = limit;
    try {
      const file = openSync(`${this.#path}.tmp`, "w");
      try {
        writeSync(file, String(limit));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(`${this.#path}.tmp`, this.#path);
    } catch (error) {
      this.#logger.warn("Event:IdsNotSaved", { reason: messageOf(error) });
    }
  }
}

function readLimit(path: string): number {
  try {
    const limit = Number(readFileSync(path, "utf8"));
    return Number.isSafeInteger(limit) && limit > 0 ? limit : 1;
  } catch {
    // The first server in this folder.
    return 1;
  }
}

import type { ClusterBook, DeadBlock, SeedStatus } from "../../cluster/index.ts";
import { abortable, TilthError, type Clock } from "../../core/index.ts";

/** What the server needs of a cluster's books. Whoever opened them closes them, after the server. */
export type ServedBook = Pick<ClusterBook, "location" | "listSeeds" | "getStatus" | "listDead" | "setState" | "retry">;

export interface SeedDetails {
  readonly status: SeedStatus;
  readonly dead: readonly DeadBlock[];
}

/** Time for an answer of the books, ms: Prometheus gives up after 10 s. */
const ANSWER_MS = 8_000;

interface Reading {
  readonly list: Promise<readonly SeedStatus[]>;
  /** When it came or failed; null while it is under way. */
  endedMs: number | null;
}

/**
 * The books as many people look at them: lists are read once for all who ask at a time, and nobody waits for a database that is silent.
 * While that is away everything rejects with `postgres.unreachable`; nothing is kept of it.
 */
export class ServedCluster {
  readonly #book: ServedBook;
  readonly #clock: Clock;
  #reading: Reading | null = null;

  constructor(book: ServedBook, clock: Clock) {
    this.#book = book;
    this.#clock = clock;
  }

  /** Newest first, at most so old. An error counts as a reading: a database that is away is not asked more often. */
  list(maxAgeMs: number): Promise<readonly SeedStatus[]> {
    const known = this.#reading;
    const isFresh = known?.endedMs === null || this.#clock.monotonicMs() - (known?.endedMs ?? -Infinity) < maxAgeMs;
    if (known !== null && isFresh) return known.list;
    const end = (): void => void (reading.endedMs = this.#clock.monotonicMs());
    const list = this.#within((signal) => this.#book.listSeeds(signal)).finally(end);
    const reading: Reading = { list, endedMs: null };
    this.#reading = reading;
    return list;
  }

  /** @throws `cluster.unknownSeed` */
  show(id: string): Promise<SeedDetails> {
    return this.#within(async (signal) => {
      const status = await this.#book.getStatus(id, signal);
      const dead = status.blocks.dead > 0 ? await this.#book.listDead(id, signal) : [];
      return { status, dead };
    });
  }

  /** @throws `cluster.unknownSeed`, `cluster.state` */
  setState(id: string, state: "running" | "paused" | "cancelled"): Promise<SeedDetails> {
    return this.#change(id, () => this.#book.setState(id, state));
  }

  /** @throws `cluster.unknownSeed`, `cluster.state` */
  retry(id: string): Promise<SeedDetails> {
    return this.#change(id, () => this.#book.retry(id));
  }

  async #change(id: string, change: () => Promise<unknown>): Promise<SeedDetails> {
    try {
      await this.#within(change);
    } finally {
      // What was read before does not show it.
      this.#reading = null;
    }
    return this.show(id);
  }

  async #within<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    const stop = this.#clock.setTimer(() => abort.abort(this.#silent()), ANSWER_MS);
    try {
      return await abortable(ask(abort.signal), abort.signal);
    } finally {
      stop();
    }
  }

  #silent(): TilthError {
    const { location } = this.#book;
    const message = `${location}: expected an answer within ${ANSWER_MS / 1000} s, got none; is the database up?`;
    return new TilthError("postgres.unreachable", message, { fields: { location, timeoutMs: ANSWER_MS } });
  }
}

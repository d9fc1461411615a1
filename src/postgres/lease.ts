import type { PoolClient, QueryResult } from "pg";
import { throwIfAborted, TilthError, whenAborted, type Clock } from "../core/index.ts";
import { isPostgresRetryable, postgresErrorFrom, type ErrorPlace } from "./errors.ts";

export interface QueryOptions {
  signal?: AbortSignal;
}

export interface LeaseOptions {
  readonly client: PoolClient;
  readonly place: ErrorPlace;
  readonly clock: Clock;
  readonly queryTimeoutMs: number;
  /** Asks the server, over a connection of its own, to stop what backend `pid` does. */
  readonly cancel: (pid: number) => Promise<void>;
  readonly release: (destroy: boolean) => void;
}

/** A statement that is given up gets this long to end by itself: reading a tile takes less than a cancel does. */
const GRACE_MS = 50;
/** A statement that was cancelled gets this long; then the connection is cut. */
const CANCEL_MS = 2000;

/** One connection in the hands of one caller. What is given up goes on in the background until the server has stopped; nobody waits for that. */
export class Lease {
  readonly #options: LeaseOptions;
  #isBroken = false;
  #abandoned: Promise<unknown> | null = null;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  async query<Row>(text: string, values: readonly unknown[], { signal }: QueryOptions = {}): Promise<Row[]> {
    throwIfAborted(signal);
    if (this.#abandoned !== null) throw this.#gone();
    const { client, place } = this.#options;
    const answer = client.query({ text, values: [...values] });
    try {
      const answered: QueryResult | QueryResult[] = await this.#answered(answer, signal);
      const results = Array.isArray(answered) ? answered : [answered];
      // An aborted transaction answers a COMMIT with this, and with no error.
      if (text === "COMMIT" && results[0]?.command === "ROLLBACK")
        throw new TilthError("postgres.failed", `${place.location}: the transaction had failed before its COMMIT`);
      return results.flatMap(({ rows }) => rows as Row[]);
    } catch (error) {
      const made = postgresErrorFrom(error, { ...place, statement: text });
      if (made.code === "postgres.unreachable") this.#isBroken = true;
      throw made;
    }
  }

  /** Gives the connection back; cuts it when it is not known to be at rest. */
  release(): void {
    if (this.#abandoned === null) this.#options.release(this.#isBroken);
    else void this.#releaseLater(this.#abandoned);
  }

  get isUsable(): boolean {
    return !this.#isBroken && this.#abandoned === null;
  }

  /** Settles with the answer, or rejects at once when the signal aborts or the time is over. */
  #answered<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const { clock, queryTimeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      const giveUp = (error: Error): void => {
        this.#abandoned = answer.catch(() => undefined);
        stop();
        reject(error);
      };
      const stopListening = whenAborted(signal, giveUp);
      const stopTimer = clock.setTimer(() => giveUp(this.#gone()), queryTimeoutMs);
      const stop = (): void => {
        stopListening();
        stopTimer();
      };
      answer.then(resolve, reject).finally(stop);
    });
  }

  async #releaseLater(answer: Promise<unknown>): Promise<void> {
    const { client, cancel, release } = this.#options;
    if (!(await this.#settles(answer, GRACE_MS))) {
      const pid = (client as unknown as { processID: number | null }).processID;
      const asked = pid === null ? Promise.resolve() : cancel(pid).catch(() => undefined);
      await this.#settles(Promise.all([answer, asked]), CANCEL_MS);
    }
    // Always cut: a cancel that comes late must not meet the next caller's statement.
    release(true);
  }

  #settles(answer: Promise<unknown>, withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const stop = this.#options.clock.setTimer(() => resolve(false), withinMs);
      void answer.then(() => {
        stop();
        resolve(true);
      });
    });
  }

  #gone(): TilthError {
    const { place, queryTimeoutMs } = this.#options;
    const message = `${place.location}: expected an answer within ${queryTimeoutMs} ms, got none`;
    return new TilthError("postgres.unreachable", message, {
      fields: { location: place.location, timeoutMs: queryTimeoutMs },
    });
  }
}

/** @throws what COMMIT throws; with `fields.outcome` "unknown" when the connection broke before the answer came */
export async function commit(lease: Lease, location: string): Promise<void> {
  try {
    await lease.query("COMMIT", []);
  } catch (error) {
    if (!isPostgresRetryable(error) || lease.isUsable) throw error;
    const message = `${location}: the connection broke during COMMIT; whether the transaction was kept is not known`;
    throw new TilthError("postgres.unreachable", message, { fields: { location, outcome: "unknown" } });
  }
}

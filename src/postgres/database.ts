import type pg from "pg";
import { Semaphore } from "../concurrency/index.ts";
import { abortable, systemClock, throwIfAborted, TilthError, type Clock } from "../core/index.ts";
import type { PostgresAddress } from "./address.ts";
import { configOf, type Driver, type OpenPostgresOptions } from "./driver.ts";
import { postgresErrorFrom, type ErrorPlace } from "./errors.ts";
import { commit, Lease, type QueryOptions } from "./lease.ts";
import { Listener, type ListenOptions } from "./listener.ts";

/** A transaction that is under way; of no use once its function has ended. */
export interface PostgresTransaction {
  /** One statement; `signal` stands beside that of the transaction. */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<Row[]>;
}

export interface StreamOptions extends QueryOptions {
  /** Rows that are in memory at once. @default 1000 */
  batchRows?: number;
}

const CLOSE_MS = 5000;
/** Said each time: where the server's default is another, a statement would not see what others committed since the first one. */
const BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED";

/**
 * Connections to one database. Numbers: `bigint` comes as a number (exact up to 2^53), `bytea` as bytes, `numeric` as text.
 * Every error is a TilthError `postgres.*`, without the connection string, values of parameters or a cause.
 */
export class PostgresDatabase {
  /** `host:port/database`, for people; never user or password. */
  readonly location: string;
  readonly #driver: Driver;
  readonly #address: PostgresAddress;
  readonly #config: pg.PoolConfig;
  readonly #pool: pg.Pool;
  readonly #slots: Semaphore;
  readonly #clock: Clock;
  readonly #place: ErrorPlace;
  readonly #queryTimeoutMs: number;
  readonly #leases = new Set<(destroy: boolean) => void>();
  readonly #listeners = new Set<Listener>();
  readonly #connecting = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  /** @see openPostgres */
  constructor(driver: Driver, address: PostgresAddress, options: OpenPostgresOptions = {}) {
    const { maxConnections = 4, clock = systemClock } = options;
    this.location = address.location;
    this.#address = address;
    this.#clock = clock;
    this.#queryTimeoutMs = options.queryTimeoutMs ?? 600_000;
    this.#place = { location: address.location, secrets: [address.password()] };
    this.#slots = new Semaphore(maxConnections, { clock });
    this.#driver = driver;
    this.#config = configOf(driver, address, options);
    this.#pool = new driver.Pool({ ...this.#config, max: maxConnections, idleTimeoutMillis: 30_000 });
    // An idle connection that breaks is taken out of the pool; the next query opens another.
    this.#pool.on("error", () => undefined);
    this.#pool.on("connect", (client) => client.on("error", () => undefined));
  }

  /** Rows of one statement, or of all of several without values. An abort rejects at once; the server is told to stop. @throws `postgres.*` */
  async query<Row extends object = Record<string, unknown>>(
    text: string,
    values: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<Row[]> {
    return this.#leased(options.signal, (lease) => lease.query<Row>(text, values, options));
  }

  /**
   * Runs statements in one transaction, READ COMMITTED: committed when `run` resolves, rolled back when it rejects. A COMMIT is not given
   * up; one whose answer was lost rejects with `postgres.unreachable` and `fields.outcome` "unknown".
   */
  async transaction<T>(
    run: (transaction: PostgresTransaction) => Promise<T>,
    { signal, readOnly = false }: QueryOptions & { readOnly?: boolean } = {},
  ): Promise<T> {
    return this.#leased(signal, async (lease) => {
      await lease.query(readOnly ? `${BEGIN} READ ONLY` : BEGIN, [], { signal });
      try {
        const result = await run(transactionOn(lease, signal));
        throwIfAborted(signal);
        await commit(lease, this.location);
        return result;
      } catch (error) {
        if (lease.isUsable) await lease.query("ROLLBACK", []).catch(() => undefined);
        throw error;
      }
    });
  }

  /** Rows of a query in bounded memory, by a cursor in a transaction that only reads; one connection is held until the end. */
  async *stream<Row extends object = Record<string, unknown>>(
    text: string,
    values: readonly unknown[] = [],
    { signal, batchRows = 1000 }: StreamOptions = {},
  ): AsyncGenerator<Row> {
    const { lease, giveBack } = await this.#take(signal);
    try {
      await lease.query(`${BEGIN} READ ONLY`, [], { signal });
      await lease.query(`DECLARE rows NO SCROLL CURSOR FOR ${text}`, values, { signal });
      for (;;) {
        const rows = await lease.query<Row>(`FETCH FORWARD ${batchRows} FROM rows`, [], { signal });
        for (const row of rows) {
          throwIfAborted(signal);
          yield row;
        }
        if (rows.length < batchRows) return;
      }
    } finally {
      if (lease.isUsable) await lease.query("ROLLBACK", []).catch(() => undefined);
      giveBack();
    }
  }

  /**
   * Calls `onNotification` for each NOTIFY on the channel until it is disposed. When its connection breaks it listens again and calls
   * `onGap`: what was sent meanwhile is lost. @throws `postgres.*` when it cannot begin
   */
  async listen(
    channel: string,
    onNotification: (payload: string) => void,
    options: ListenOptions = {},
  ): Promise<AsyncDisposable> {
    this.#checkOpen();
    const connect = (): Promise<pg.Client> => this.#connectAlone();
    const listener = new Listener({
      channel,
      onNotification,
      connect,
      clock: this.#clock,
      place: this.#place,
      ...options,
    });
    this.#listeners.add(listener);
    try {
      await listener.start();
    } catch (error) {
      this.#listeners.delete(listener);
      throw error;
    }
    return {
      [Symbol.asyncDispose]: async () => {
        this.#listeners.delete(listener);
        await listener.close();
      },
    };
  }

  /** Lets what runs end (5 s at most), then closes every connection. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#slots.close(this.#closed());
    await Promise.all([...this.#listeners].map((listener) => listener.close()));
    const cut = this.#clock.setTimer(() => {
      for (const release of this.#leases) release(true);
    }, CLOSE_MS);
    // The pool would forget those who still wait for a connection.
    await Promise.allSettled(this.#connecting);
    await this.#pool.end();
    cut();
  }

  async #leased<T>(signal: AbortSignal | undefined, run: (lease: Lease) => Promise<T>): Promise<T> {
    const { lease, giveBack } = await this.#take(signal);
    try {
      return await run(lease);
    } finally {
      giveBack();
    }
  }

  async #take(signal: AbortSignal | undefined): Promise<{ lease: Lease; giveBack: () => void }> {
    throwIfAborted(signal);
    this.#checkOpen();
    const freeSlot = await this.#slots.acquire({ signal });
    const connecting = this.#pool.connect();
    this.#connecting.add(connecting);
    void connecting.catch(() => undefined).finally(() => this.#connecting.delete(connecting));
    try {
      const client = await abortable(connecting, signal);
      const lease = this.#newLease(client, freeSlot);
      return { lease, giveBack: () => lease.release() };
    } catch (error) {
      // Whoever gave up does not wait for the connection, but its slot is taken until it is there or has failed.
      connecting
        .then(
          (client) => client.release(),
          () => undefined,
        )
        .finally(freeSlot);
      throw postgresErrorFrom(error, this.#place);
    }
  }

  #newLease(client: pg.PoolClient, freeSlot: () => void): Lease {
    const release = (destroy: boolean): void => {
      if (!this.#leases.delete(release)) return;
      client.release(destroy);
      freeSlot();
    };
    this.#leases.add(release);
    return new Lease({
      client,
      release,
      place: this.#place,
      clock: this.#clock,
      queryTimeoutMs: this.#queryTimeoutMs,
      cancel: (pid) => this.#cancel(pid),
    });
  }

  async #cancel(pid: number): Promise<void> {
    const client = await this.#connectAlone();
    try {
      await client.query("SELECT pg_cancel_backend($1)", [pid]);
    } finally {
      await client.end();
    }
  }

  /** A connection outside of the pool. */
  async #connectAlone(): Promise<pg.Client> {
    const client = new this.#driver.Client(this.#config);
    client.on("error", () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      void client.end().catch(() => undefined);
      throw postgresErrorFrom(error, this.#place);
    }
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw this.#closed();
  }

  #closed(): TilthError {
    return new TilthError(
      "argument.invalid",
      `expected an open database, but ${this.#address.location} has been closed`,
    );
  }
}

function transactionOn(lease: Lease, signal: AbortSignal | undefined): PostgresTransaction {
  return {
    query: async (text, values = [], options = {}) => {
      const signals = [signal, options.signal].filter((one) => one !== undefined);
      return lease.query(text, values, { signal: signals.length > 1 ? AbortSignal.any(signals) : signals[0] });
    },
  };
}

import { SqliteThread } from "./sqlite_thread.ts";

/**
 * What is read in one turn of the event loop, in one transaction: SQLite then takes the file's lock and looks for journals once (8 of the 10
 * system calls for a tile) instead of once for each read. A turn is over before anything else of this process is heard of, so that nobody sees an older state
 * for longer than it takes to read it.
 */
export class ReadTurn {
  readonly #db: SqliteThread;
  #ending: NodeJS.Immediate | null = null;

  constructor(db: SqliteThread) {
    this.#db = db;
  }

  /** Ends the turn when `fn` throws: a transaction that met a lock would go on without one. */
  read<Result>(fn: (db: SqliteThread) => Result): Result {
    try {
      this.#begin();
      return fn(this.#db);
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** The next read sees what has been written by then. */
  end(): void {
    if (this.#ending === null) return;
    clearImmediate(this.#ending);
    this.#ending = null;
    this.#db.run("COMMIT");
  }

  /** Ends the turn and closes the file. */
  close(): void {
    this.end();
    this.#db.close();
  }

  #begin(): void {
    if (this.#ending !== null) return;
    this.#db.run("BEGIN");
    this.#ending = setImmediate(() => this.end());
  }
}

/** Pages kept of a file, KiB: the first five levels of a cache of 20 kB tiles, which every map asks for. */
const HERE_CACHE_KIB = 8192;

/**
 * A file for reading on the calling thread, which every call blocks: 10 us for a tile out of the system's cache, a hop to another thread and
 * back costs 40. Never waits for a lock: a file that is being written in rollback mode fails at once.
 * @throws `store.missing`, `store.format`, `store.io`
 */
export function openSqliteHere(path: string): ReadTurn {
  const db = new SqliteThread({ path, mode: "read", lock: false });
  db.exec(`PRAGMA busy_timeout = 0; PRAGMA cache_size = -${HERE_CACHE_KIB}`);
  return new ReadTurn(db);
}

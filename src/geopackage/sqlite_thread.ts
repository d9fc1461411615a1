import { existsSync, statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { TilthError } from "../core/index.ts";
import type { SqliteFile, SqliteRow, SqliteValue } from "./sqlite_message.ts";
import { WriteLock } from "./write_lock.ts";

/**
 * 16 KiB unless said: a tile of 10-25 kB then spills over one or two pages instead of six, and inserts cost 55 us of CPU
 * instead of 82 us with 4 KiB (19 kB tiles, WAL, measured on two cores). Tiles of 6 to 16 kB, as JPEG has, take a page each and leave a
 * quarter of the file empty: for those 4 KiB, which leave 7 %.
 */
const PAGE_SIZE_BYTES = 16_384;
/** Keeps the WAL at about 16 MB, a batch or two of 500 tiles; 6,000 pages cost 10% more, for they leave the processor's cache. */
const WAL_CHECKPOINT_PAGES = 1_000;
/** Other programs hold their locks for milliseconds (a GDAL reader, a checkpoint); longer is an error. */
const BUSY_TIMEOUT_MS = 5_000;

export type Parameters = readonly SqliteValue[] | Readonly<Record<string, SqliteValue>>;

/** A database as the code on its own thread sees it: blocking, with every statement prepared once. */
export class SqliteThread {
  readonly path: string;
  readonly #db: DatabaseSync;
  readonly #lock: WriteLock | null;
  readonly #statements = new Map<string, StatementSync>();
  #writing = false;

  constructor(file: SqliteFile) {
    this.path = file.path;
    const writable = file.mode === "write";
    if (file.path !== ":memory:") checkIsFile(file.path, writable);
    this.#lock = file.lock && writable && file.path !== ":memory:" ? WriteLock.acquire(file.path) : null;
    try {
      this.#db = openDatabase(file);
    } catch (error) {
      this.#lock?.release();
      throw error;
    }
  }

  /**
   * Sets the file up for writing. Apart from the opening because it changes the header, which a wrong file must be spared.
   * A new file gets its tables before: what is in the WAL is not in the file itself, and GDAL looks for the mark of a
   * GeoPackage among the file's first bytes.
   */
  startWriting(): void {
    if (this.path === ":memory:") return;
    const mode = this.get("PRAGMA journal_mode = WAL")?.["journal_mode"];
    if (mode !== "wal") {
      const message = `expected to be able to write ${this.path}, but its journal stays '${String(mode)}'; check its permissions`;
      throw new TilthError("store.readOnly", message, { fields: { path: this.path } });
    }
    // FULL costs nothing measurable at 500 tiles a transaction, and a committed batch then survives a power cut.
    this.#db.exec(`PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${WAL_CHECKPOINT_PAGES}`);
    this.#writing = true;
  }

  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      statement.setAllowUnknownNamedParameters(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  all(sql: string, params: Parameters = []): SqliteRow[] {
    const statement = this.prepare(sql);
    return isList(params) ? statement.all(...params) : statement.all(params as Record<string, SQLInputValue>);
  }

  get(sql: string, params: Parameters = []): SqliteRow | undefined {
    const statement = this.prepare(sql);
    return isList(params) ? statement.get(...params) : statement.get(params as Record<string, SQLInputValue>);
  }

  /** Number of changed rows. */
  run(sql: string, params: Parameters = []): number {
    const statement = this.prepare(sql);
    const done = isList(params) ? statement.run(...params) : statement.run(params as Record<string, SQLInputValue>);
    return Number(done.changes);
  }

  /** Rows one by one; break out of the loop to end early. */
  iterate(sql: string, params: Parameters = []): Iterable<SqliteRow> {
    // Not from the cache: two walks over one statement would disturb each other.
    const statement = this.#db.prepare(sql);
    statement.setAllowUnknownNamedParameters(true);
    return isList(params) ? statement.iterate(...params) : statement.iterate(params as Record<string, SQLInputValue>);
  }

  /** All or nothing. */
  transaction<Result>(fn: () => Result): Result {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = fn();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      // SQLite has rolled back by itself after a full disk or a failed write.
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Runs `fn` while the tables behind virtual tables can be written, which SQLite guards else. */
  withShadowTables<Result>(fn: () => Result): Result {
    this.#db.enableDefensive(false);
    try {
      return fn();
    } finally {
      this.#db.enableDefensive(true);
    }
  }

  /** Leaves a single file, unless another program still reads it: then the last of them removes the journal. */
  close(): void {
    this.#statements.clear();
    try {
      if (this.#writing) this.#endWal();
    } finally {
      this.#db.close();
      this.#lock?.release();
    }
  }

  #endWal(): void {
    try {
      this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      this.#db.exec("PRAGMA busy_timeout = 500");
      this.#db.exec("PRAGMA journal_mode = DELETE");
    } catch (error) {
      // The journal stays beside the file, with all that was committed: for the other readers, or until there is space again.
      if (!hasPrimaryCode(error, SQLITE_BUSY) && !hasPrimaryCode(error, SQLITE_FULL)) throw error;
    }
  }
}

function checkIsFile(path: string, canBeMissing: boolean): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined && !canBeMissing) {
    throw new TilthError("store.missing", `expected a file at ${path}, got none`, { fields: { path } });
  }
  if (stat?.isDirectory() === true) {
    throw new TilthError("store.format", `expected a file at ${path}, got a folder`, { fields: { path } });
  }
}

function isList(params: Parameters): params is readonly SqliteValue[] {
  return Array.isArray(params);
}

/** Primary result codes (https://www.sqlite.org/rescode.html). */
const SQLITE_BUSY = 5;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;

function hasPrimaryCode(error: unknown, code: number): boolean {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return false;
  return (error.errcode & 0xff) === code;
}

function openDatabase(file: SqliteFile): DatabaseSync {
  const options = { readOnly: file.mode === "read" && file.path !== ":memory:", timeout: BUSY_TIMEOUT_MS };
  const db = new DatabaseSync(file.path, options);
  // Of a file without tables; any other stays as it is.
  if (!options.readOnly) db.exec(`PRAGMA page_size = ${file.pageSizeBytes ?? PAGE_SIZE_BYTES}`);
  try {
    db.prepare("SELECT count(*) FROM sqlite_master").get();
    return db;
  } catch (error) {
    db.close();
    if (!options.readOnly || existsSync(`${file.path}-wal`) || !hasPrimaryCode(error, SQLITE_CANTOPEN)) throw error;
    // A WAL file on a medium where its shared memory cannot be made: nobody else can be writing it there.
    const url = pathToFileURL(file.path);
    url.searchParams.set("immutable", "1");
    return new DatabaseSync(url, options);
  }
}

import { Worker, type Transferable } from "node:worker_threads";
import {
  abortable,
  errorFromJson,
  isTilthError,
  messageOf,
  sleep,
  throwIfAborted,
  TilthError,
  whenAborted,
} from "../core/index.ts";
import { countThread, workerModuleUrl } from "../concurrency/index.ts";
import type { AnswerMessage, CallMessage, SqliteFile, SqliteRow, SqliteTask, SqliteValue } from "./sqlite_message.ts";
import type { SqliteBatch, SqlitePage } from "./sqlite_procedures.ts";

export interface OpenSqliteOptions extends SqliteFile {
  /** How long to wait for another process's write lock, ms. @default 0 */
  lockTimeoutMs?: number;
  signal?: AbortSignal;
}

export interface SqliteCallOptions {
  /** The caller is rejected at once; a call that waits is then never made, one that runs goes on unobserved. */
  signal?: AbortSignal;
  transfer?: readonly Transferable[];
}

interface Waiting {
  message: CallMessage;
  transfer: readonly Transferable[];
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Calls handed to the thread ahead of time, so that it never idles for a round trip; the others wait here, where they can be taken back. */
const MAX_ON_THREAD = 4;
const LOCK_RETRY_MS = 50;

/**
 * One SQLite file on a thread of its own; calls are done in the order in which they were made.
 * The thread keeps the process alive only while calls wait, and is never ended while it is inside of SQLite.
 */
export class SqliteConnection {
  readonly path: string;
  readonly #worker: Worker;
  readonly #exited = Promise.withResolvers<void>();
  readonly #onThread = new Map<number, Waiting>();
  #line: Waiting[] = [];
  #lastId = 0;
  #closing: Promise<void> | undefined;
  #crash: Error | undefined;

  constructor(file: SqliteFile) {
    this.path = file.path;
    const { path, mode, lock, pageSizeBytes } = file;
    this.#worker = new Worker(workerModuleUrl("./sqlite_worker", import.meta.url), {
      workerData: { path, mode, lock, pageSizeBytes } satisfies SqliteFile,
      // Tiles lie in buffers beside the heap; without a limit what is left of them piles up to 48 MB before it is looked at.
      resourceLimits: { maxYoungGenerationSizeMb: 3 },
      // Flags of the process (`--max-old-space-size`, `--input-type` ...) are refused by threads; none is needed here.
      execArgv: [],
    });
    this.#worker.on("message", (answer: AnswerMessage) => this.#settle(answer));
    this.#worker.on("error", (error) => this.#fail(error instanceof Error ? error : new Error(messageOf(error))));
    const uncount = countThread();
    this.#worker.on("exit", () => {
      uncount();
      this.#fail(
        new TilthError("internal", `the SQLite thread of ${this.path} ended`, { fields: { path: this.path } }),
      );
      this.#exited.resolve();
    });
    this.#worker.unref();
  }

  /** Runs a function of a module on the thread; the function's first argument, the database, is put in there. */
  run<Args extends unknown[], Result>(
    task: SqliteTask<Args, Result>,
    args: Args,
    options?: SqliteCallOptions,
  ): Promise<Result> {
    return this.#call(task.module, task.name, args, options) as Promise<Result>;
  }

  /** Several statements without parameters or rows. */
  async exec(sql: string): Promise<void> {
    await this.#call(null, "exec", [sql]);
  }

  async all(sql: string, params: readonly SqliteValue[] = [], options?: SqliteCallOptions): Promise<SqliteRow[]> {
    return (await this.#call(null, "all", [sql, params], options)) as SqliteRow[];
  }

  /** All or nothing. */
  async transaction(batches: readonly SqliteBatch[], options?: SqliteCallOptions): Promise<void> {
    await this.#call(null, "transaction", [batches], options);
  }

  /** Rows page by page (500 a page unless said): the memory of one page, whatever the size of the answer. */
  async *pages(
    sql: string,
    params: readonly SqliteValue[] = [],
    options: { pageRows?: number; signal?: AbortSignal } = {},
  ): AsyncGenerator<SqliteRow[]> {
    const { pageRows = 500, signal } = options;
    const cursor = await this.#call(null, "openCursor", [sql, params], { signal });
    let done = false;
    try {
      while (!done) {
        const page = (await this.#call(null, "readCursor", [cursor, pageRows], { signal })) as SqlitePage;
        done = page.done;
        if (page.rows.length > 0) yield page.rows;
      }
    } finally {
      if (!done && this.#closing === undefined) await this.#call(null, "closeCursor", [cursor]);
    }
  }

  /** Has the thread load a module of tasks, so that the first of them does not wait for it; before the file is open as well. */
  async load(module: URL): Promise<void> {
    await this.#call(null, "load", [module.href]);
  }

  /** Sets up for writing (WAL); only after the file has been found to be the right one. @throws `store.readOnly` */
  async startWriting(): Promise<void> {
    await this.#call(null, "startWriting", []);
  }

  /** @internal */
  async openFile(options: OpenSqliteOptions): Promise<void> {
    const deadline = performance.now() + (options.lockTimeoutMs ?? 0);
    for (;;) {
      try {
        await this.#call(null, "open", [], { signal: options.signal });
        return;
      } catch (error) {
        const leftMs = deadline - performance.now();
        if (!isTilthError(error, "store.locked") || leftMs <= 0) throw error;
        await sleep(Math.min(LOCK_RETRY_MS, leftMs), { signal: options.signal });
      }
    }
  }

  /** Ends what waits, makes a single file, gives the lock back. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      if (this.#crash === undefined) await this.#post({ module: null, name: "close", args: [] }, []);
    } finally {
      this.#worker.ref();
      await this.#exited.promise;
    }
  }

  async #call(module: string | null, name: string, args: unknown[], options: SqliteCallOptions = {}): Promise<unknown> {
    throwIfAborted(options.signal);
    if (this.#closing !== undefined) {
      throw new TilthError("argument.invalid", `expected an open file, but ${this.path} has been closed`);
    }
    return this.#post({ module, name, args }, options.transfer ?? [], options.signal);
  }

  #post(call: Omit<CallMessage, "id">, transfer: readonly Transferable[], signal?: AbortSignal): Promise<unknown> {
    if (this.#crash !== undefined) return Promise.reject(this.#crash);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const waiting: Waiting = { message: { id: ++this.#lastId, ...call }, transfer, resolve, reject };
    this.#line.push(waiting);
    this.#advance();
    if (signal === undefined) return promise;
    const stop = whenAborted(signal, () => this.#takeBack(waiting));
    return abortable(promise.finally(stop), signal);
  }

  #takeBack(waiting: Waiting): void {
    const index = this.#line.indexOf(waiting);
    if (index >= 0) this.#line.splice(index, 1);
  }

  #advance(): void {
    while (this.#onThread.size < MAX_ON_THREAD) {
      const next = this.#line.shift();
      if (next === undefined) break;
      this.#send(next);
    }
    if (this.#onThread.size === 0) this.#worker.unref();
  }

  #send(next: Waiting): void {
    try {
      this.#worker.postMessage(next.message, next.transfer);
    } catch (error) {
      // An argument that cannot be cloned is this call's own trouble; the thread has not seen it.
      next.reject(error instanceof Error ? error : new Error(messageOf(error)));
      return;
    }
    this.#onThread.set(next.message.id, next);
    this.#worker.ref();
  }

  #settle(answer: AnswerMessage): void {
    const waiting = this.#onThread.get(answer.id);
    this.#onThread.delete(answer.id);
    if (answer.error !== undefined) waiting?.reject(errorFromJson(answer.error));
    else waiting?.resolve(answer.result);
    this.#advance();
  }

  #fail(error: Error): void {
    this.#crash ??= error;
    const all = [...this.#onThread.values(), ...this.#line];
    this.#onThread.clear();
    this.#line = [];
    for (const waiting of all) waiting.reject(this.#crash);
  }
}

/**
 * Opens a file on a thread of its own. In mode `write` nothing is changed until `startWriting`.
 * @param connection to that file, whose thread is there but has not opened it
 * @throws `store.locked`, `store.missing`, `store.readOnly`, `store.format`, `store.corrupt`
 */
export async function openSqlite(
  options: OpenSqliteOptions,
  connection: SqliteConnection = new SqliteConnection(options),
): Promise<SqliteConnection> {
  try {
    await connection.openFile(options);
    return connection;
  } catch (error) {
    // The open itself is what the caller must hear of.
    await connection.close().catch(() => undefined);
    throw error;
  }
}

/** Names a function for `SqliteConnection.run` with its types: `sqliteTask<typeof putTiles>(url, "putTiles")`. */
export function sqliteTask<Fn extends (db: never, ...args: never[]) => unknown>(
  module: URL,
  name: string,
): SqliteTask<TaskArgs<Fn>, TaskResult<Fn>> {
  return { module: module.href, name };
}

type TaskArgs<Fn> = Fn extends (db: never, ...args: infer Args) => unknown ? Args : never;
type TaskResult<Fn> = Fn extends (db: never, ...args: never[]) => infer Result
  ? Awaited<Result> extends { value: infer Value; transfer: readonly Transferable[] }
    ? Value
    : Awaited<Result>
  : never;

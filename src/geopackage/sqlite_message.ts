import type { Transferable } from "node:worker_threads";
import type { ErrorFields } from "../core/index.ts";

/** What SQLite takes and gives; blobs come as Uint8Array. */
export type SqliteValue = null | number | bigint | string | Uint8Array;
export type SqliteRow = Record<string, SqliteValue>;

/** Which file a thread opens, and how. */
export interface SqliteFile {
  /** `:memory:` for a database that ends with its connection. */
  path: string;
  /** `write` creates the file when it is not there; `read` never changes a byte. */
  mode: "read" | "write";
  /** Hold `<path>.lock` until the close, so that no other process writes the same file. */
  lock: boolean;
  /** Pages of a new file. @default 16384 */
  pageSizeBytes?: number;
}

/** A function of a module that the connection's thread imports; its first argument is the `SqliteThread`. */
export interface SqliteTask<Args extends unknown[], Result> {
  /** Absolute URL. */
  readonly module: string;
  readonly name: string;
  /** Carries the types only; never set. */
  readonly types?: (...args: Args) => Result;
}

export interface CallMessage {
  id: number;
  module: string | null;
  name: string;
  args: unknown[];
}

export interface AnswerMessage {
  id: number;
  result?: unknown;
  error?: { code: string; message: string; fields?: ErrorFields; cause?: string };
}

/** Return it from a task to hand buffers of the result over instead of copying them. */
export class Handover<Value> {
  readonly value: Value;
  readonly transfer: readonly Transferable[];

  constructor(value: Value, transfer: readonly Transferable[]) {
    this.value = value;
    this.transfer = transfer;
  }
}

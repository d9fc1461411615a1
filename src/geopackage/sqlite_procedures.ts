import { Handover, type SqliteRow, type SqliteValue } from "./sqlite_message.ts";
import type { SqliteThread } from "./sqlite_thread.ts";

/** One statement and the rows it is run with (an empty list of rows runs it never; `[[]]` once without parameters). */
export interface SqliteBatch {
  sql: string;
  rows: readonly (readonly SqliteValue[])[];
}

export interface SqlitePage {
  rows: SqliteRow[];
  done: boolean;
}

/** What every connection can do; called by name over the thread border. */
export const procedures = {
  startWriting: (db: SqliteThread): void => db.startWriting(),
  exec: (db: SqliteThread, sql: string): void => db.exec(sql),
  all: (db: SqliteThread, sql: string, params: readonly SqliteValue[]) => handOver(db.all(sql, params)),
  transaction(db: SqliteThread, batches: readonly SqliteBatch[]): void {
    db.transaction(() => {
      for (const { sql, rows } of batches) for (const row of rows) db.run(sql, row);
    });
  },
  openCursor,
  readCursor,
  closeCursor,
};

/** Buffers of the blobs among the rows go over without a copy. */
function handOver(rows: SqliteRow[]): Handover<SqliteRow[]> {
  return new Handover(rows, blobBuffers(rows));
}

function blobBuffers(rows: readonly SqliteRow[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const row of rows) {
    for (const value of Object.values(row)) {
      if (value instanceof Uint8Array && value.buffer instanceof ArrayBuffer) buffers.add(value.buffer);
    }
  }
  return [...buffers];
}

const cursors = new Map<number, Iterator<SqliteRow>>();
let lastCursor = 0;

function openCursor(db: SqliteThread, sql: string, params: readonly SqliteValue[]): number {
  lastCursor += 1;
  cursors.set(lastCursor, db.iterate(sql, params)[Symbol.iterator]());
  return lastCursor;
}

function readCursor(_db: SqliteThread, cursor: number, maxRows: number): Handover<SqlitePage> {
  const iterator = cursors.get(cursor);
  const rows: SqliteRow[] = [];
  let done = iterator === undefined;
  while (iterator !== undefined && !done && rows.length < maxRows) {
    const next = iterator.next();
    if (next.done === true) done = true;
    else rows.push(next.value);
  }
  if (done) cursors.delete(cursor);
  return new Handover({ rows, done }, blobBuffers(rows));
}

function closeCursor(_db: SqliteThread, cursor: number): void {
  cursors.get(cursor)?.return?.();
  cursors.delete(cursor);
}

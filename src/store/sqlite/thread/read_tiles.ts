import { Handover, quoteName, type SqliteRow, type SqliteThread } from "../../../geopackage/index.ts";
import { rangeCount, rangeIndex, type TileCoord, type TileRange } from "../../../grid/index.ts";
import { PRESENCE, type StoredTile, type TileRecord } from "../../tile_store.ts";
import { fileRange, fileRow, ledgerColumns, ledgerKey, rangeSource, type TileSchema } from "../tile_schema.ts";
import { readTileFile } from "./tile_files.ts";
import { LEDGER_TABLE } from "../table_names.ts";

/** Present, but its age is not known (yet). */
const UNDATED = 255;

/** One byte a tile; walks over indexes only. `staleBeforeMs` null: age does not matter. */
export function readPresence(
  db: SqliteThread,
  schema: TileSchema,
  range: TileRange,
  staleBeforeMs: number | null,
): Handover<Uint8Array<ArrayBuffer>> {
  const answer = new Uint8Array(rangeCount(range));
  const params = { ...fileRange(schema, range) };
  const freshAfter = staleBeforeMs === null ? "" : new Date(staleBeforeMs).toISOString();
  const indexOf = (row: SqliteRow): number =>
    rangeIndex(range, Number(row["x"]), fileRow(schema, range.z, Number(row["y"])));
  for (const row of db.iterate(presenceSql(schema), params)) {
    answer[indexOf(row)] = staleBeforeMs === null ? PRESENCE.present : UNDATED;
  }
  if (schema.hasLedger) {
    for (const row of db.iterate(ledgerSql(schema, staleBeforeMs === null), { ...params, freshAfter })) {
      const index = indexOf(row);
      if (answer[index] === UNDATED) answer[index] = PRESENCE.present;
      else if (answer[index] === PRESENCE.missing && row["status"] === "empty") answer[index] = PRESENCE.empty;
    }
  }
  if (staleBeforeMs !== null)
    for (const [i, value] of answer.entries()) if (value === UNDATED) answer[i] = PRESENCE.missing;
  return new Handover(answer, [answer.buffer]);
}

/** Exported for the test that looks at its query plan. */
export function presenceSql(schema: TileSchema): string {
  const source = rangeSource(schema.presence, "", schema.presenceIndexed);
  return `${source.with} SELECT t.tile_column x, t.tile_row y FROM ${source.from}`;
}

/** Known-empty marks alone (a small index of their own), or every fresh row. */
export function ledgerSql(schema: TileSchema, emptyOnly: boolean): string {
  const where = `t.table_name = ${ledgerKey(schema)} AND ${emptyOnly ? "t.status = 'empty'" : "t.fetched_at >= :freshAfter"} AND`;
  const source = rangeSource(LEDGER_TABLE, where, true);
  return `${source.with} SELECT t.tile_column x, t.tile_row y, t.status status FROM ${source.from}`;
}

/** The tile with its bytes, or without them for `withData` false; null when nothing is known. */
export function findTile(
  db: SqliteThread,
  schema: TileSchema,
  tile: TileCoord,
  withData: boolean,
): Handover<StoredTile | null> {
  const at = [tile.z, tile.x, fileRow(schema, tile.z, tile.y)];
  const where = "zoom_level = ? AND tile_column = ? AND tile_row = ?";
  // A file must be looked at: somebody may have taken it away.
  const bytes = withData || schema.filesRoot !== null ? "tile_data" : "NULL";
  const row = db.get(`SELECT ${bytes} data, length(tile_data) size FROM ${quoteName(schema.tiles)} WHERE ${where}`, at);
  const ledger = schema.hasLedger
    ? db.get(
        `SELECT ${ledgerColumns(schema, "l")} FROM ${LEDGER_TABLE} l WHERE table_name = ${ledgerKey(schema)} AND ${where}`,
        at,
      )
    : undefined;
  const data = loadBytes(db, schema, row?.["data"]);
  const size = bytes === "NULL" ? numberOrNull(row?.["size"]) : (data?.byteLength ?? null);
  const record = toRecord(tile, size, ledger);
  if (record === null) return new Handover(null, []);
  return withData ? new Handover({ ...record, data }, buffersOf(data)) : new Handover({ ...record, data: null }, []);
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

/** Bytes of a tile_data value: itself, or the file that it names. Null when there are none. */
export function loadBytes(db: SqliteThread, schema: TileSchema, value: unknown): Uint8Array | null {
  if (value instanceof Uint8Array) return value;
  if (schema.filesRoot !== null && typeof value === "string") return readTileFile(db, schema.filesRoot, value);
  // SQLite's types belong to values: some programs write a tile as text.
  return typeof value === "string" ? Buffer.from(value) : null;
}

/** Buffers that may be handed over: only those that belong to one tile alone. */
export function buffersOf(data: Uint8Array | null): ArrayBuffer[] {
  return data !== null && data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength
    ? [data.buffer]
    : [];
}

/** `size` null: no bytes. Bytes win over a known-empty mark that another program has overtaken. */
export function toRecord(tile: TileCoord, size: number | null, ledger: SqliteRow | undefined): TileRecord | null {
  const isEmpty = ledger?.["status"] === "empty";
  if (size === null && !isEmpty) return null;
  const row = size !== null && isEmpty ? undefined : ledger;
  return {
    tile,
    status: size === null ? "empty" : "present",
    fetchedAtMs: row === undefined ? 0 : Date.parse(String(row["fetched_at"])),
    sizeBytes: row === undefined ? (size ?? 0) : Number(row["size_bytes"]),
    etag: textOrNull(row?.["etag"]),
    lastModified: textOrNull(row?.["last_modified"]),
    sha256: textOrNull(row?.["sha256"]),
    sourceId: textOrNull(row?.["source_id"]),
    attempts: numberOrNull(row?.["attempts"]),
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** Everything known of a range, without bytes. */
export function readRecords(db: SqliteThread, schema: TileSchema, range: TileRange): TileRecord[] {
  const params = { ...fileRange(schema, range) };
  const ledger = new Map<string, SqliteRow>();
  if (schema.hasLedger) {
    const source = rangeSource(LEDGER_TABLE, `t.table_name = ${ledgerKey(schema)} AND`, true);
    const columns = `t.tile_column, t.tile_row, ${ledgerColumns(schema, "t")}`;
    for (const row of db.iterate(`${source.with} SELECT ${columns} FROM ${source.from}`, params))
      ledger.set(keyOf(row), row);
  }
  const records: TileRecord[] = [];
  const push = (row: SqliteRow, size: number | null): void => {
    const tile = { z: range.z, x: Number(row["tile_column"]), y: fileRow(schema, range.z, Number(row["tile_row"])) };
    const record = toRecord(tile, size, ledger.get(keyOf(row)));
    if (record !== null) records.push(record);
    ledger.delete(keyOf(row));
  };
  const source = rangeSource(schema.tiles, "", schema.presenceIndexed && schema.presence === schema.tiles);
  const sql = `${source.with} SELECT t.tile_column tile_column, t.tile_row tile_row, length(t.tile_data) size FROM ${source.from}`;
  for (const row of db.iterate(sql, params)) if (row["size"] !== null) push(row, Number(row["size"]));
  for (const row of ledger.values()) if (row["status"] === "empty") push(row, null);
  return records;
}

function keyOf(row: SqliteRow): string {
  return `${String(row["tile_column"])}/${String(row["tile_row"])}`;
}

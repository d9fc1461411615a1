import { quoteName, type SqliteRow, type SqliteThread } from "../../../geopackage/index.ts";
import type { StoreTask } from "../../tile_store.ts";
import { ledgerKey, type TileSchema } from "../tile_schema.ts";
import { settleExtent } from "./extent.ts";
import { TileFiles } from "./tile_files.ts";
import { LEDGER_TABLE, METADATA_TABLE, TASKS_TABLE } from "../table_names.ts";

export function listTasks(db: SqliteThread, schema: TileSchema): StoreTask[] {
  if (!schema.hasLedger) return [];
  const sql = `SELECT id, definition, report, updated_at FROM ${TASKS_TABLE} WHERE table_name = ${ledgerKey(schema)} ORDER BY updated_at, id`;
  return db.all(sql).map((row) => ({
    id: String(row["id"]),
    definition: String(row["definition"]),
    report: typeof row["report"] === "string" ? row["report"] : null,
    updatedAtMs: Date.parse(String(row["updated_at"])),
  }));
}

export function putTask(db: SqliteThread, schema: TileSchema, task: StoreTask): void {
  db.run(`INSERT OR REPLACE INTO ${TASKS_TABLE} VALUES (${ledgerKey(schema)}, ?, ?, ?, ?)`, [
    task.id,
    task.definition,
    task.report,
    new Date(task.updatedAtMs).toISOString(),
  ]);
}

/** Tilth's own names and values of a tile table; empty when another program made the file. */
export function readValues(db: SqliteThread, table: string): Record<string, string> {
  const there = db.get("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", [METADATA_TABLE]);
  if (there === undefined) return {};
  const rows = db.all(`SELECT name, value FROM ${METADATA_TABLE} WHERE table_name = ?`, [table]);
  return Object.fromEntries(rows.map((row: SqliteRow) => [String(row["name"]), String(row["value"])]));
}

/** True when the ledger tells attempts; one of an earlier version is completed when it may be written. */
export function prepareLedger(db: SqliteThread, mayWrite: boolean): boolean {
  const columns = db.all(`PRAGMA table_info(${LEDGER_TABLE})`).map((row) => row["name"]);
  if (columns.includes("attempts")) return true;
  if (!mayWrite || columns.length === 0) return false;
  db.run(`ALTER TABLE ${LEDGER_TABLE} ADD COLUMN attempts INTEGER`);
  return true;
}

/** Before the close of a file that was written: its extent becomes exact. */
export function settle(db: SqliteThread, schema: TileSchema): void {
  db.transaction(() => settleExtent(db, schema, { recount: false }));
  if (schema.filesRoot !== null) new TileFiles(db, schema.filesRoot).removeLeftovers();
}

/** What a killed process left half done in a folder of tiles. */
export function recoverFiles(db: SqliteThread, root: string): void {
  const files = new TileFiles(db, root);
  files.finish();
  files.removeLeftovers();
}

/** True when the table has an index whose first three columns are zoom, column, row. */
export function hasAddressIndex(db: SqliteThread, table: string): boolean {
  return db.all(`PRAGMA index_list(${quoteName(table)})`).some((index) => {
    const columns = db.all(`PRAGMA index_info(${quoteName(String(index["name"]))})`).map((row) => row["name"]);
    return columns.slice(0, 3).join() === "zoom_level,tile_column,tile_row" && index["partial"] === 0;
  });
}

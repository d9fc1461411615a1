import { statSync } from "node:fs";
import { join } from "node:path";
import { quoteName, type SqliteThread } from "../../../geopackage/index.ts";
import { ledgerJoin, ledgerKey, type TileSchema } from "../tile_schema.ts";
import { LEDGER_TABLE } from "../table_names.ts";

const MAX_FINDINGS = 20;

/** Findings as sentences: of SQLite itself, then of the container, then of Tilth's ledger. */
export function checkIntegrity(db: SqliteThread, schema: TileSchema): string[] {
  const damaged = db
    .all(`PRAGMA integrity_check(${MAX_FINDINGS})`)
    .map((row) => String(Object.values(row)[0]))
    .filter((line) => line !== "ok");
  if (damaged.length > 0) return damaged.map((line) => `SQLite: ${line}`);
  const findings = db
    .all("PRAGMA foreign_key_check")
    .slice(0, MAX_FINDINGS)
    .map((row) => `a row of ${String(row["table"])} refers to a row of ${String(row["parent"])} that is not there`);
  if (schema.filesRoot !== null) findings.push(...missingFiles(db, schema, schema.filesRoot));
  for (const sql of [...tileQueries(schema), ...schema.integrityQueries]) {
    for (const row of db.all(sql)) if (row["finding"] !== null) findings.push(String(row["finding"]));
  }
  return findings;
}

/** A tile whose rename is still owed has its bytes in the temporary file. */
function missingFiles(db: SqliteThread, schema: TileSchema, root: string): string[] {
  const findings: string[] = [];
  const sql = `SELECT t.tile_data path, l.size_bytes size, p.temp temp FROM ${quoteName(schema.tiles)} t
    LEFT JOIN ${LEDGER_TABLE} l ON ${ledgerJoin(schema)} LEFT JOIN tilth_pending_file p ON p.path = t.tile_data`;
  for (const { path, size, temp } of db.iterate(sql)) {
    const waiting = typeof temp === "string" ? sizeOf(join(root, temp)) : null;
    const actual = waiting ?? sizeOf(join(root, String(path)));
    if (actual === null) findings.push(`the file ${String(path)} is missing`);
    else if (actual !== size)
      findings.push(`the file ${String(path)} has ${actual} bytes, the ledger says ${String(size)}`);
    if (findings.length >= MAX_FINDINGS) break;
  }
  return findings;
}

function sizeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}

function tileQueries(schema: TileSchema): string[] {
  const table = quoteName(schema.tiles);
  const counted = (what: string, from: string): string =>
    `SELECT CASE WHEN count(*) > 0 THEN count(*) || ' ${what}' END finding FROM ${from}`;
  const queries = [counted("tiles have no bytes", `${table} WHERE tile_data IS NULL OR length(tile_data) = 0`)];
  if (!schema.hasLedger) return queries;
  return [
    ...queries,
    counted(
      "tiles are marked as empty but have bytes",
      `${table} t JOIN ${LEDGER_TABLE} l ON ${ledgerJoin(schema)} WHERE l.status = 'empty'`,
    ),
    counted(
      "tiles stand in the ledger but have no bytes",
      `${LEDGER_TABLE} l WHERE l.table_name = ${ledgerKey(schema)} AND l.status = 'present'
       AND NOT EXISTS (SELECT 1 FROM ${quoteName(schema.presence)} t WHERE ${ledgerJoin(schema)})`,
    ),
    ...(schema.filesRoot === null
      ? [
          counted(
            "tiles have another size than the ledger says",
            `${table} t JOIN ${LEDGER_TABLE} l ON ${ledgerJoin(schema)} WHERE l.status = 'present' AND l.size_bytes <> length(t.tile_data)`,
          ),
        ]
      : []),
  ];
}

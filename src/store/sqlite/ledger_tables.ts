import { registerExtension, type SqliteBatch } from "../../geopackage/index.ts";
import { LEDGER_TABLE, METADATA_TABLE, TASKS_TABLE } from "./table_names.ts";

/** Where the tables below are described, for whoever meets them in a file. */
const DEFINITION = "docs/reference/geopackage_extensions.md of the Tilth package";

/** `table_name` is the tile table that a row speaks of; times are UTC, ISO 8601 with milliseconds (1970 when unknown). */
const TABLES = [
  `CREATE TABLE IF NOT EXISTS ${LEDGER_TABLE} (
     table_name TEXT NOT NULL,
     zoom_level INTEGER NOT NULL,
     tile_column INTEGER NOT NULL,
     tile_row INTEGER NOT NULL,
     status TEXT NOT NULL CHECK (status IN ('present', 'empty')),
     fetched_at DATETIME NOT NULL,
     size_bytes INTEGER NOT NULL,
     etag TEXT,
     last_modified TEXT,
     sha256 TEXT,
     source_id TEXT,
     attempts INTEGER,
     CONSTRAINT pk_tilth_tile_ledger PRIMARY KEY (table_name, zoom_level, tile_column, tile_row)) WITHOUT ROWID`,
  // Only known-empty marks are in it, so that looking for them never walks over the tiles that are there.
  `CREATE INDEX IF NOT EXISTS tilth_tile_ledger_empty ON ${LEDGER_TABLE} (table_name, zoom_level, tile_column, tile_row, fetched_at)
     WHERE status = 'empty'`,
  `CREATE TABLE IF NOT EXISTS ${TASKS_TABLE} (
     table_name TEXT NOT NULL,
     id TEXT NOT NULL,
     definition TEXT NOT NULL,
     report TEXT,
     updated_at DATETIME NOT NULL,
     CONSTRAINT pk_tilth_tasks PRIMARY KEY (table_name, id)) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS ${METADATA_TABLE} (
     table_name TEXT NOT NULL,
     name TEXT NOT NULL,
     value TEXT NOT NULL,
     CONSTRAINT pk_tilth_metadata PRIMARY KEY (table_name, name)) WITHOUT ROWID`,
];

/** Tilth's own tables; harmless where they are already. */
export function ledgerBatches(): SqliteBatch[] {
  return TABLES.map((sql): SqliteBatch => ({ sql, rows: [[]] }));
}

/** The same as registered extensions of a GeoPackage. */
export function ledgerExtensions(): SqliteBatch {
  return registerExtension(
    ...[LEDGER_TABLE, TASKS_TABLE, METADATA_TABLE].map((tableName) => ({
      tableName,
      columnName: null,
      extensionName: tableName,
      definition: DEFINITION,
      scope: "read-write" as const,
    })),
  );
}

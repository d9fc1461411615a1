import { REQUIRED_SRS_ROWS, type SrsRow } from "./srs_rows.ts";
import type { SqliteBatch } from "./sqlite_procedures.ts";

/** 'GPKG' as the file's application_id (1.2 and later); older files say 'GP10' or 'GP11'. */
const GPKG_APPLICATION_ID = 0x47504b47;
const GEOPACKAGE_VERSION = 10_400;

/** 'GPKG' and, of the versions 1.0 and 1.1, 'GP10' and 'GP11'. */
export const GEOPACKAGE_APPLICATION_IDS: readonly number[] = [GPKG_APPLICATION_ID, 0x47503130, 0x47503131];

const TABLES = [
  `CREATE TABLE IF NOT EXISTS gpkg_spatial_ref_sys (
     srs_name TEXT NOT NULL,
     srs_id INTEGER NOT NULL PRIMARY KEY,
     organization TEXT NOT NULL,
     organization_coordsys_id INTEGER NOT NULL,
     definition TEXT NOT NULL,
     description TEXT)`,
  `CREATE TABLE IF NOT EXISTS gpkg_contents (
     table_name TEXT NOT NULL PRIMARY KEY,
     data_type TEXT NOT NULL,
     identifier TEXT UNIQUE,
     description TEXT DEFAULT '',
     last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
     min_x DOUBLE,
     min_y DOUBLE,
     max_x DOUBLE,
     max_y DOUBLE,
     srs_id INTEGER,
     CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id))`,
  `CREATE TABLE IF NOT EXISTS gpkg_extensions (
     table_name TEXT,
     column_name TEXT,
     extension_name TEXT NOT NULL,
     definition TEXT NOT NULL,
     scope TEXT NOT NULL,
     CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))`,
];

/** A row of gpkg_extensions; null columns mean: of the whole table, of the whole file. */
export interface ExtensionRow {
  tableName: string | null;
  columnName: string | null;
  extensionName: string;
  definition: string;
  scope: "read-write" | "write-only";
}

/** What makes an SQLite file a GeoPackage 1.4: its marks, its base tables and the required reference systems. Harmless on one that is. */
export function createBaseTables(srsRows: readonly SrsRow[] = []): SqliteBatch[] {
  return [
    { sql: `PRAGMA application_id = ${GPKG_APPLICATION_ID}`, rows: [[]] },
    { sql: `PRAGMA user_version = ${GEOPACKAGE_VERSION}`, rows: [[]] },
    ...completeBaseTables(srsRows),
  ];
}

/** The same for a GeoPackage of another program and version: what it lacks, without changing the version that it claims. */
export function completeBaseTables(srsRows: readonly SrsRow[] = []): SqliteBatch[] {
  return [
    ...TABLES.map((sql): SqliteBatch => ({ sql, rows: [[]] })),
    {
      sql: "INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)",
      rows: [...REQUIRED_SRS_ROWS, ...srsRows].map((row) => [
        row.srsName,
        row.srsId,
        row.organization,
        row.organizationCoordsysId,
        row.definition,
        row.description,
      ]),
    },
  ];
}

/** Registers extensions; one that is there already stays as it is. */
export function registerExtension(...rows: readonly ExtensionRow[]): SqliteBatch {
  return {
    // Not OR IGNORE: a UNIQUE constraint holds NULLs for different.
    sql: `INSERT INTO gpkg_extensions SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (
            SELECT 1 FROM gpkg_extensions WHERE table_name IS ?1 AND column_name IS ?2 AND extension_name = ?3)`,
    rows: rows.map((row) => [row.tableName, row.columnName, row.extensionName, row.definition, row.scope]),
  };
}

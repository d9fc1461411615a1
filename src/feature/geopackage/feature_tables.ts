import { quoteName, type SqliteBatch } from "../../geopackage/index.ts";
import type { FeatureLayer } from "../feature_writer.ts";
import { metadataUri } from "./file_metadata.ts";
import { FID, GEOMETRY_COLUMN, TAGS_COLUMN, type TableSpec } from "../table_spec.ts";

const GEOMETRY_TYPES: Readonly<Record<FeatureLayer["geometry"], string>> = {
  point: "POINT",
  line: "LINESTRING",
  multiLine: "MULTILINESTRING",
  multiPolygon: "MULTIPOLYGON",
};
const SQL_TYPES = { integer: "INTEGER", real: "REAL", text: "TEXT" } as const;

/** Tables under such names are of a writer that has not finished. */
export const WORK_PREFIX = "tilth_unfinished_";

export function workName(table: TableSpec): string {
  return `${WORK_PREFIX}${table.name}`;
}

export function createFeatureTable(table: TableSpec): string {
  const columns = [
    `${FID} INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL`,
    `${GEOMETRY_COLUMN} ${GEOMETRY_TYPES[table.geometry]}`,
    ...table.columns.map(({ name, type }) => `${quoteName(name)} ${SQL_TYPES[type]}`),
    ...table.tagColumns.map(({ name }) => `${quoteName(name)} TEXT`),
    `${TAGS_COLUMN} TEXT`,
  ];
  return `CREATE TABLE ${quoteName(workName(table))} (${columns.join(", ")})`;
}

/** `fid` is given, so that the index can be made without reading the table again. */
export function insertFeature(table: TableSpec): string {
  const names = [
    FID,
    GEOMETRY_COLUMN,
    ...table.columns.map(({ name }) => name),
    ...table.tagColumns.map(({ name }) => name),
    TAGS_COLUMN,
  ];
  return `INSERT INTO ${quoteName(workName(table))} (${names.map(quoteName).join(", ")}) VALUES (${names.map(() => "?").join(", ")})`;
}

/** Requirements 21 to 29 of OGC 12-128r18, and the table of its extension for metadata (F.8), schema (F.9). */
export const FEATURE_BASE_TABLES: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS gpkg_geometry_columns (
     table_name TEXT NOT NULL,
     column_name TEXT NOT NULL,
     geometry_type_name TEXT NOT NULL,
     srs_id INTEGER NOT NULL,
     z TINYINT NOT NULL,
     m TINYINT NOT NULL,
     CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
     CONSTRAINT uk_gc_table_name UNIQUE (table_name),
     CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
     CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id))`,
  `CREATE TABLE IF NOT EXISTS gpkg_data_columns (
     table_name TEXT NOT NULL,
     column_name TEXT NOT NULL,
     name TEXT,
     title TEXT,
     description TEXT,
     mime_type TEXT,
     constraint_name TEXT,
     CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
     CONSTRAINT gdc_tn UNIQUE (table_name, name))`,
  `CREATE TABLE IF NOT EXISTS gpkg_data_column_constraints (
     constraint_name TEXT NOT NULL,
     constraint_type TEXT NOT NULL,
     value TEXT,
     min NUMERIC,
     min_is_inclusive BOOLEAN,
     max NUMERIC,
     max_is_inclusive BOOLEAN,
     description TEXT,
     CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value))`,
  `CREATE TABLE IF NOT EXISTS gpkg_metadata (
     id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL,
     md_scope TEXT NOT NULL DEFAULT 'dataset',
     md_standard_uri TEXT NOT NULL,
     mime_type TEXT NOT NULL DEFAULT 'text/xml',
     metadata TEXT NOT NULL DEFAULT '')`,
  `CREATE TABLE IF NOT EXISTS gpkg_metadata_reference (
     reference_scope TEXT NOT NULL,
     table_name TEXT,
     column_name TEXT,
     row_id_value INTEGER,
     timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
     md_file_id INTEGER NOT NULL,
     md_parent_id INTEGER,
     CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
     CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id))`,
];

const once = (sql: string): SqliteBatch => ({ sql, rows: [[]] });

/** What makes a finished table a layer of the file. */
export function publishTable(table: TableSpec, srsId: number, bbox: readonly number[]): SqliteBatch[] {
  const { name, title, description, geometry } = table;
  return [
    {
      sql: `INSERT INTO gpkg_contents (table_name, data_type, identifier, description, min_x, min_y, max_x, max_y, srs_id)
            VALUES (?1, 'features', CASE WHEN EXISTS (SELECT 1 FROM gpkg_contents WHERE identifier = ?2) THEN ?2 || ' (' || ?1 || ')' ELSE ?2 END,
              ?3, ?4, ?5, ?6, ?7, ?8)`,
      rows: [[name, title, description, ...bbox, srsId]],
    },
    {
      sql: "INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, 0, 0)",
      rows: [[name, GEOMETRY_COLUMN, GEOMETRY_TYPES[geometry], srsId]],
    },
    {
      sql: "INSERT INTO gpkg_data_columns (table_name, column_name, description) VALUES (?, ?, ?)",
      rows: table.columnDescriptions.map(([column, text]) => [name, column, text]),
    },
    once(`ALTER TABLE ${quoteName(workName(table))} RENAME TO ${quoteName(name)}`),
  ];
}

/** Takes a layer out of the file, its index included; nothing where it is not. */
export function dropLayer(name: string): SqliteBatch[] {
  const of = (sql: string): SqliteBatch => ({ sql, rows: [[name]] });
  return [
    once(`DROP TABLE IF EXISTS ${quoteName(`rtree_${name}_${GEOMETRY_COLUMN}`)}`),
    of("DELETE FROM gpkg_geometry_columns WHERE table_name = ?"),
    of("DELETE FROM gpkg_data_columns WHERE table_name = ?"),
    of("DELETE FROM gpkg_extensions WHERE table_name = ?"),
    of("DELETE FROM gpkg_metadata_reference WHERE table_name = ?"),
    // Of the documents only Tilth's own.
    {
      sql: `DELETE FROM gpkg_metadata WHERE md_standard_uri = ?
            AND NOT EXISTS (SELECT 1 FROM gpkg_metadata_reference WHERE gpkg_metadata.id IN (md_file_id, md_parent_id))`,
      rows: [[metadataUri(name)]],
    },
    of("DELETE FROM gpkg_contents WHERE table_name = ?"),
    once(`DROP TABLE IF EXISTS ${quoteName(name)}`),
  ];
}

/** GDAL's counts of features: what it says of a table that is replaced would be taken for true. */
export const GDAL_COUNTS_TABLE = "gpkg_ogr_contents";

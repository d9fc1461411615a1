import { registerExtension, type SqliteBatch } from "../../geopackage/index.ts";
import type { FeatureFileOptions } from "../feature_writer.ts";
import { provenanceJson } from "../provenance_json.ts";
import { GEOMETRY_COLUMN, type TableSpec } from "../table_spec.ts";

/** By this the documents are known that say where Tilth's own tables come from, and so the tables that it may replace. */
const METADATA_URI = "https://www.openstreetmap.org/copyright#tilth";

/** Of the document of one table. */
export function metadataUri(table: string): string {
  return `${METADATA_URI}/${table}`;
}

/** Names of tables that Tilth wrote. */
export const LIST_OWN_LAYERS = `SELECT r.table_name name FROM gpkg_metadata_reference r JOIN gpkg_metadata m ON m.id = r.md_file_id
  WHERE m.md_standard_uri LIKE '${METADATA_URI}/%'`;

const SPEC = "http://www.geopackage.org/spec140/#";

export function featureExtensions(tables: readonly TableSpec[]): SqliteBatch[] {
  const row = (tableName: string, columnName: string | null, extensionName: string, anchor: string) => ({
    tableName,
    columnName,
    extensionName,
    definition: `${SPEC}${anchor}`,
    scope: extensionName === "gpkg_rtree_index" ? ("write-only" as const) : ("read-write" as const),
  });
  return [
    registerExtension(
      row("gpkg_metadata", null, "gpkg_metadata", "extension_metadata"),
      row("gpkg_metadata_reference", null, "gpkg_metadata", "extension_metadata"),
      row("gpkg_data_columns", null, "gpkg_schema", "extension_schema"),
      row("gpkg_data_column_constraints", null, "gpkg_schema", "extension_schema"),
      ...tables.map(({ name }) => row(name, GEOMETRY_COLUMN, "gpkg_rtree_index", "extension_rtree")),
    ),
  ];
}

/** Who must be named and where the features come from, as one document that every layer refers to. */
export function metadataBatches(
  tables: readonly TableSpec[],
  options: Pick<FeatureFileOptions, "attribution" | "provenance">,
): SqliteBatch[] {
  const document = provenanceJson(options);
  return [
    {
      // A document for each layer: one that is replaced takes its own away.
      sql: "INSERT INTO gpkg_metadata (md_scope, md_standard_uri, mime_type, metadata) VALUES ('dataset', ?, 'application/json', ?)",
      rows: tables.map(({ name }) => [metadataUri(name), JSON.stringify(document)]),
    },
    {
      sql: `INSERT INTO gpkg_metadata_reference (reference_scope, table_name, timestamp, md_file_id)
            SELECT 'table', ?1, ?2, max(id) FROM gpkg_metadata WHERE md_standard_uri = ?3`,
      rows: tables.map(({ name }) => [name, document.writtenAt, metadataUri(name)]),
    },
  ];
}

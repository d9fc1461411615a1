import { TilthError } from "../../core/index.ts";
import { crsOfSrs, GEOPACKAGE_APPLICATION_IDS, type SqliteConnection, type SqliteRow } from "../../geopackage/index.ts";
import type { TileMatrixSet } from "../../grid/index.ts";
import { formatOfExtension } from "../sniff_format.ts";
import { tasks } from "../sqlite/tasks.ts";
import { gridFromText } from "../stored_grid.ts";
import type { StoreMetadata } from "../tile_store.ts";
import { deriveGrid } from "./derive_grid.ts";

/** What a GeoPackage says of one of its tile tables. */
export interface Pyramid {
  table: string;
  grid: TileMatrixSet;
  metadata: StoreMetadata;
  /** Tilth's own values; empty in a file of another program. */
  values: Record<string, string>;
}

const BASE_TABLES = ["gpkg_contents", "gpkg_spatial_ref_sys"];
const TILE_TABLES = ["gpkg_tile_matrix_set", "gpkg_tile_matrix"];

/** @throws `store.format` when the file is no GeoPackage. False: a GeoPackage that has no tables for tiles. */
export async function checkIsGeopackage(db: SqliteConnection): Promise<boolean> {
  const [id] = await db.all("PRAGMA application_id");
  const names = new Set((await db.all("SELECT name FROM sqlite_master")).map((row) => String(row["name"])));
  const applicationId = Number(id?.["application_id"] ?? 0);
  // GDAL and others read files without the mark as well, as long as the tables are there.
  const isMarked = applicationId === 0 || GEOPACKAGE_APPLICATION_IDS.includes(applicationId);
  if (!isMarked || !BASE_TABLES.every((name) => names.has(name))) {
    throw new TilthError("store.format", `expected a GeoPackage, but ${db.path} is another kind of SQLite file`, {
      fields: { path: db.path, applicationId },
    });
  }
  return TILE_TABLES.every((name) => names.has(name));
}

/** Reads the pyramid `layer`, or the first one; null when the file has no pyramid of that name (or none at all). */
export async function findPyramid(db: SqliteConnection, layer: string | undefined): Promise<Pyramid | null> {
  if (!(await checkIsGeopackage(db))) return null;
  const rows = await db.all(
    `SELECT c.table_name, c.identifier, c.description, s.srs_id, s.min_x, s.min_y, s.max_x, s.max_y,
       r.organization, r.organization_coordsys_id
     FROM gpkg_contents c
     JOIN gpkg_tile_matrix_set s ON lower(s.table_name) = lower(c.table_name)
     JOIN gpkg_spatial_ref_sys r ON r.srs_id = s.srs_id
     WHERE (c.data_type = 'tiles' OR (?1 IS NOT NULL AND c.data_type = '2d-gridded-coverage'))
       AND EXISTS (SELECT 1 FROM sqlite_master m WHERE lower(m.name) = lower(c.table_name)) ORDER BY c.rowid`,
    [layer ?? null],
  );
  const row =
    layer === undefined ? rows[0] : rows.find((one) => one["table_name"] === layer || one["identifier"] === layer);
  return row === undefined ? null : readPyramid(db, row);
}

/** Names of all pyramids of a GeoPackage, in the file's order. */
export async function listPyramids(db: SqliteConnection): Promise<string[]> {
  if (!(await checkIsGeopackage(db))) return [];
  const rows = await db.all("SELECT table_name FROM gpkg_contents WHERE data_type = 'tiles' ORDER BY rowid");
  return rows.map((row) => String(row["table_name"]));
}

async function readPyramid(db: SqliteConnection, row: SqliteRow): Promise<Pyramid> {
  const table = String(row["table_name"]);
  const values = await db.run(tasks.readValues, [table]);
  const grid = values["grid"] === undefined ? await gridOf(db, table, row) : gridFromText(values["grid"], db.path);
  return {
    table,
    grid,
    values,
    metadata: {
      title: String(row["identifier"] ?? table),
      description: String(row["description"] ?? ""),
      attribution: values["attribution"] ?? "",
      format: formatOfExtension(values["format"] ?? ""),
      sourceId: values["sourceId"] ?? null,
    },
  };
}

async function gridOf(db: SqliteConnection, table: string, row: SqliteRow): Promise<TileMatrixSet> {
  const crs = crsOfSrs(row);
  if (crs === null) {
    const name = `${String(row["organization"])}:${String(row["organization_coordsys_id"])}`;
    throw new TilthError(
      "crs.unknown",
      `expected a coordinate system that is known in the table '${table}' of ${db.path}, got ${name}`,
      { fields: { path: db.path, crs: name } },
    );
  }
  const rows = await db.all("SELECT * FROM gpkg_tile_matrix WHERE lower(table_name) = lower(?)", [table]);
  const number = (column: string): number => Number(row[column]);
  const bbox = [number("min_x"), number("min_y"), number("max_x"), number("max_y")] as const;
  return deriveGrid({ table, location: db.path, crs, bbox, rows });
}

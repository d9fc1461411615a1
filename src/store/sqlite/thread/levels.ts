import { quoteName, type SqliteThread } from "../../../geopackage/index.ts";
import type { TileRange } from "../../../grid/index.ts";
import type { StoreCounts } from "../../tile_store.ts";
import { fileRow, ledgerJoin, ledgerKey, type TileSchema } from "../tile_schema.ts";
import { LEDGER_TABLE } from "../table_names.ts";

/** Levels with tiles (and, unless said otherwise, with known-empty marks), ascending; steps over the index from level to level. */
export function listLevels(db: SqliteThread, schema: TileSchema, options: { withEmpty: boolean }): number[] {
  const levels = new Set(distinctLevels(db, quoteName(schema.presence), ""));
  if (options.withEmpty && schema.hasLedger) {
    const where = `table_name = ${ledgerKey(schema)} AND status = 'empty'`;
    for (const z of distinctLevels(db, LEDGER_TABLE, `${where} AND`)) levels.add(z);
  }
  return [...levels].toSorted((a, b) => a - b);
}

function distinctLevels(db: SqliteThread, table: string, where: string): number[] {
  const above = (z: string): string => `SELECT min(zoom_level) FROM ${table} WHERE ${where} zoom_level > ${z}`;
  const sql = `WITH RECURSIVE level(z) AS (SELECT (${above("-1")}) UNION ALL SELECT (${above("level.z")}) FROM level WHERE level.z IS NOT NULL)
    SELECT z FROM level WHERE z IS NOT NULL`;
  return db.all(sql).map((row) => Number(row["z"]));
}

/** Box around the tiles of each level that has any, rows from the top; ascending. */
export function readExtents(db: SqliteThread, schema: TileSchema): TileRange[] {
  return listLevels(db, schema, { withEmpty: false }).map((z) => readExtent(db, schema, z));
}

/** Of a level that has tiles. */
export function readExtent(db: SqliteThread, schema: TileSchema, z: number): TileRange {
  const row = db.get(extentSql(schema), { z });
  const [a, b] = [fileRow(schema, z, Number(row?.["minRow"])), fileRow(schema, z, Number(row?.["maxRow"]))];
  return { z, minX: Number(row?.["minX"]), minY: Math.min(a, b), maxX: Number(row?.["maxX"]), maxY: Math.max(a, b) };
}

/**
 * Exported for the test that looks at its query plan. Steps over the index from column to column and looks at both ends of each: a level of a
 * million tiles is 1,000 columns.
 */
export function extentSql({ presence, presenceIndexed }: TileSchema): string {
  const table = quoteName(presence);
  if (!presenceIndexed)
    return `SELECT min(tile_column) minX, max(tile_column) maxX, min(tile_row) minRow, max(tile_row) maxRow FROM ${table} WHERE zoom_level = :z`;
  const of = (what: string, where: string): string => `(SELECT ${what} FROM ${table} WHERE zoom_level = :z ${where})`;
  return `WITH RECURSIVE col(x) AS (SELECT ${of("min(tile_column)", "")}
      UNION ALL SELECT ${of("min(tile_column)", "AND tile_column > col.x")} FROM col WHERE col.x IS NOT NULL)
    SELECT min(x) minX, max(x) maxX, min(${of("min(tile_row)", "AND tile_column = x")}) minRow,
      max(${of("max(tile_row)", "AND tile_column = x")}) maxRow FROM col WHERE x IS NOT NULL`;
}

export function countTiles(db: SqliteThread, schema: TileSchema, z: number | null): StoreCounts {
  const ofTile = z === null ? "" : "WHERE t.zoom_level = :z";
  const params = { z };
  const present = db.get(`SELECT count(*) n FROM ${quoteName(schema.presence)} t ${ofTile}`, params);
  if (!schema.hasLedger) {
    const sizes = db.get(`SELECT sum(length(t.tile_data)) bytes FROM ${quoteName(schema.tiles)} t ${ofTile}`, params);
    return { present: Number(present?.["n"]), empty: 0, sizeBytes: Number(sizes?.["bytes"] ?? 0) };
  }
  const bytes = db.get(
    `SELECT sum(coalesce(l.size_bytes, length(t.tile_data))) bytes FROM ${quoteName(schema.tiles)} t
     LEFT JOIN ${LEDGER_TABLE} l ON ${ledgerJoin(schema)} AND l.status = 'present' ${ofTile}`,
    params,
  );
  const empty = db.get(
    `SELECT count(*) n FROM ${LEDGER_TABLE} WHERE table_name = ${ledgerKey(schema)} AND status = 'empty'
     ${z === null ? "" : "AND zoom_level = :z"}`,
    params,
  );
  return { present: Number(present?.["n"]), empty: Number(empty?.["n"]), sizeBytes: Number(bytes?.["bytes"] ?? 0) };
}

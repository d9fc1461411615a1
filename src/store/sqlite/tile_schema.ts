import { quoteName } from "../../geopackage/index.ts";
import { METADATA_TABLE } from "./table_names.ts";
import type { TileRange } from "../../grid/index.ts";
import type { TileMatrixSet } from "../../grid/index.ts";

/** SQL that keeps a container's own tables true; run within the transaction of the tiles that call for it. */
export interface ContainerHooks {
  /** For each level that gets its first tile; parameters `:z :matrixWidth :matrixHeight :tileWidth :tileHeight :cellSize`. */
  levelAdded: readonly string[];
  /** When the box around the tiles changes; parameters `:minX :minY :maxX :maxY` (CRS units) and `:minZ :maxZ`. */
  extentChanged: readonly string[];
  /** When the first WebP tile of a session comes. */
  webpAdded: readonly string[];
}

/** One level, as far as the thread needs it. */
export interface LevelSize {
  matrixWidth: number;
  matrixHeight: number;
  tileWidth: number;
  tileHeight: number;
  cellSize: number;
  pointOfOrigin: readonly [x: number, y: number];
}

/** Where the tiles of one store lie within its SQLite file; plain data, handed to the thread with each call. */
export interface TileSchema {
  /** Table or view with zoom_level, tile_column, tile_row, tile_data. */
  tiles: string;
  /** Table whose index says which tiles are there: `tiles` itself, or the `map` behind a de-duplicating view. */
  presence: string;
  /** False for files without an index on it: they are scanned. */
  presenceIndexed: boolean;
  /** False when another program made the file and it is only read: no times, no known-empty marks. */
  hasLedger: boolean;
  /** False when the ledger was made by an earlier version and is only read. */
  hasAttempts: boolean;
  /** Rows in the file count from the bottom (MBTiles). */
  flipRows: boolean;
  /** Equal tiles are kept once, in `images`. */
  deduplicate: boolean;
  /** Folder of the files whose relative paths stand in tile_data; null when the bytes themselves do. */
  filesRoot: string | null;
  levels: readonly LevelSize[];
  hooks: ContainerHooks;
  /** Each gives rows with the one column `finding`: what is wrong. */
  integrityQueries: readonly string[];
}

export const NO_HOOKS: ContainerHooks = { levelAdded: [], extentChanged: [], webpAdded: [] };

export function levelSizes(grid: TileMatrixSet): LevelSize[] {
  return grid.matrices.map(({ matrixWidth, matrixHeight, tileWidth, tileHeight, cellSize, pointOfOrigin }) => ({
    matrixWidth,
    matrixHeight,
    tileWidth,
    tileHeight,
    cellSize,
    pointOfOrigin,
  }));
}

/** The row's number within the file, and back: the flip is its own inverse. */
export function fileRow(schema: TileSchema, z: number, y: number): number {
  return schema.flipRows ? (schema.levels[z]?.matrixHeight ?? 2 ** z) - 1 - y : y;
}

/** The range in the file's row numbers. */
export function fileRange(schema: TileSchema, range: TileRange): TileRange {
  const a = fileRow(schema, range.z, range.minY);
  const b = fileRow(schema, range.z, range.maxY);
  return { ...range, minY: Math.min(a, b), maxY: Math.max(a, b) };
}

/** Condition that binds the ledger alias `l` to the tile alias `t`; the table's name is a literal so that the index is used. */
export function ledgerJoin(schema: TileSchema): string {
  return `l.table_name = ${ledgerKey(schema)} AND l.zoom_level = t.zoom_level AND l.tile_column = t.tile_column AND l.tile_row = t.tile_row`;
}

/** SQL literal under which this tile table stands in the ledger. */
export function ledgerKey(schema: TileSchema): string {
  return `'${schema.tiles.replaceAll("'", "''")}'`;
}

/**
 * The rows of `table` within a range (`:z :minX :maxX :minY :maxY`), as `t`. An index on (zoom, column, row) alone would be
 * walked over whole columns; stepping from column to column reads only what the range holds.
 */
export function rangeSource(table: string, where: string, indexed: boolean): { with: string; from: string } {
  const name = quoteName(table);
  const inRange = `${where} t.zoom_level = :z AND t.tile_row BETWEEN :minY AND :maxY`;
  if (!indexed) return { with: "", from: `${name} t WHERE ${inRange} AND t.tile_column BETWEEN :minX AND :maxX` };
  const next = (above: string): string =>
    `SELECT min(t.tile_column) FROM ${name} t WHERE ${where} t.zoom_level = :z AND t.tile_column ${above} AND t.tile_column <= :maxX`;
  return {
    with: `WITH RECURSIVE col(x) AS (${next(">= :minX")} UNION ALL SELECT (${next("> col.x")}) FROM col WHERE col.x IS NOT NULL)`,
    from: `col CROSS JOIN ${name} t WHERE ${inRange} AND t.tile_column = col.x`,
  };
}

/** Id of the source that the file says it is filled from. */
export function fileSourceSql(schema: TileSchema): string {
  return `(SELECT value FROM ${METADATA_TABLE} WHERE table_name = ${ledgerKey(schema)} AND name = 'sourceId')`;
}

/** SQL of the attempts in a ledger row; NULL is unknown. */
export function attemptsColumn(schema: TileSchema, alias: string): string {
  return schema.hasAttempts ? `${alias}.attempts` : "NULL";
}

/** What the ledger says of a tile. An empty source_id is the file's own: written out, it was a third to a half of each row. */
export function ledgerColumns(schema: TileSchema, alias: string): string {
  const plain = ["status", "fetched_at", "size_bytes", "etag", "last_modified", "sha256"].map(
    (name) => `${alias}.${name}`,
  );
  const source = `CASE ${alias}.source_id WHEN '' THEN ${fileSourceSql(schema)} ELSE ${alias}.source_id END source_id`;
  return [...plain, source, `${attemptsColumn(schema, alias)} attempts`].join(", ");
}

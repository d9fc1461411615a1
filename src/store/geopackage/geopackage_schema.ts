import { quoteName, quoteText, srsIdOf, type SqliteBatch } from "../../geopackage/index.ts";
import type { TileMatrixSet } from "../../grid/index.ts";
import { levelSizes, type TileSchema } from "../sqlite/tile_schema.ts";
import type { StoreMetadata } from "../tile_store.ts";
import { METADATA_TABLE } from "../sqlite/table_names.ts";

const NOW = "strftime('%Y-%m-%dT%H:%M:%fZ','now')";
const WEBP_DEFINITION = "http://www.geopackage.org/spec/#extension_tiles_webp";

/** How the tiles of one pyramid lie in a GeoPackage. */
export function geopackageSchema(options: {
  table: string;
  grid: TileMatrixSet;
  hasLedger: boolean;
  /** @default as `hasLedger` */
  hasAttempts?: boolean;
  indexed: boolean;
}): TileSchema {
  const { table, grid, hasLedger, hasAttempts = hasLedger, indexed } = options;
  const name = quoteText(table);
  return {
    tiles: table,
    presence: table,
    presenceIndexed: indexed,
    hasLedger,
    hasAttempts,
    flipRows: false,
    deduplicate: false,
    filesRoot: null,
    levels: levelSizes(grid),
    hooks: {
      levelAdded: [
        `INSERT OR IGNORE INTO gpkg_tile_matrix VALUES (${name}, :z, :matrixWidth, :matrixHeight, :tileWidth, :tileHeight, :cellSize, :cellSize)`,
      ],
      extentChanged: [
        `UPDATE gpkg_contents SET min_x = :minX, min_y = :minY, max_x = :maxX, max_y = :maxY, last_change = ${NOW} WHERE table_name = ${name}`,
      ],
      webpAdded: [
        `INSERT OR IGNORE INTO gpkg_extensions VALUES (${name}, 'tile_data', 'gpkg_webp', '${WEBP_DEFINITION}', 'read-write')`,
      ],
    },
    integrityQueries: integrityQueries(table, grid),
  };
}

const ZOOM_OTHER_DEFINITION = "http://www.geopackage.org/spec/#extension_zoom_other_intervals";

/** Levels that do not halve the one before are an extension (OGC 12-128r18, F.7); nothing for those that do. */
export function zoomOtherBatches(table: string, grid: TileMatrixSet): SqliteBatch[] {
  const halving = grid.matrices.every(({ cellSize }, z) => {
    const coarser = grid.matrices[z - 1]?.cellSize ?? 2 * cellSize;
    return Math.abs(coarser - 2 * cellSize) <= 1e-9 * cellSize;
  });
  if (halving) return [];
  const row = [table, "tile_data", "gpkg_zoom_other", ZOOM_OTHER_DEFINITION, "read-write"];
  return [{ sql: "INSERT OR IGNORE INTO gpkg_extensions VALUES (?, ?, ?, ?, ?)", rows: [row] }];
}

/** Title and description stand in gpkg_contents, where every program looks; the rest in Tilth's own table. */
export function metadataBatches(schema: TileSchema, metadata: StoreMetadata): SqliteBatch[] {
  const { title, description, attribution, format, sourceId } = metadata;
  const own = { attribution, format, sourceId };
  return [
    {
      // The identifier must be the only one of its kind in the file; another table's stays untouched.
      sql: `UPDATE gpkg_contents SET description = ?2, last_change = ${NOW}, identifier = CASE WHEN EXISTS
              (SELECT 1 FROM gpkg_contents WHERE identifier = ?1 AND table_name <> ?3) THEN ?1 || ' (' || ?3 || ')' ELSE ?1 END
            WHERE table_name = ?3`,
      rows: [[title, description, schema.tiles]],
    },
    {
      sql: `DELETE FROM ${METADATA_TABLE} WHERE table_name = ? AND name = ?`,
      rows: Object.keys(own).map((n) => [schema.tiles, n]),
    },
    {
      sql: `INSERT INTO ${METADATA_TABLE} VALUES (?, ?, ?)`,
      rows: Object.entries(own).flatMap(([n, value]) => (value === null ? [] : [[schema.tiles, n, value]])),
    },
  ];
}

function integrityQueries(table: string, grid: TileMatrixSet): string[] {
  const name = quoteText(table);
  const tiles = quoteName(table);
  const matrix = `gpkg_tile_matrix m WHERE m.table_name = ${name}`;
  const srsId = srsIdOf(grid.crs);
  const slack =
    zoomOtherBatches(table, grid).length === 0
      ? 1e-5 * (grid.matrices.at(-1)?.cellSize ?? 0)
      : grid.getMatrix(0).cellSize;
  return [
    `SELECT 'gpkg_spatial_ref_sys lacks the row ' || id finding FROM (SELECT -1 id UNION SELECT 0 UNION SELECT 4326 UNION SELECT ${srsId})
     WHERE id NOT IN (SELECT srs_id FROM gpkg_spatial_ref_sys)`,
    `SELECT 'gpkg_tile_matrix lacks the level ' || zoom_level finding FROM (SELECT DISTINCT zoom_level FROM ${tiles})
     WHERE zoom_level NOT IN (SELECT m.zoom_level FROM ${matrix})`,
    `SELECT 'gpkg_contents has no sane extent for ' || table_name finding FROM gpkg_contents
     WHERE table_name = ${name} AND NOT (min_x < max_x AND min_y < max_y)`,
    // Levels that do not halve each other end in different places, within a tile of the level or of the extent's own.
    `SELECT 'level ' || m.zoom_level || ' does not fill the extent of gpkg_tile_matrix_set' finding FROM gpkg_tile_matrix_set s
     JOIN ${matrix} AND s.table_name = m.table_name AND (
       abs(m.matrix_width * m.tile_width * m.pixel_x_size - (s.max_x - s.min_x)) > ${slack} * m.tile_width OR
       abs(m.matrix_height * m.tile_height * m.pixel_y_size - (s.max_y - s.min_y)) > ${slack} * m.tile_height)`,
    `SELECT count(*) || ' tiles of level ' || t.zoom_level || ' lie outside of their matrix' finding FROM ${tiles} t
     JOIN ${matrix} AND m.zoom_level = t.zoom_level AND (t.tile_column < 0 OR t.tile_row < 0
       OR t.tile_column >= m.matrix_width OR t.tile_row >= m.matrix_height) GROUP BY t.zoom_level`,
    `SELECT 'two tiles stand at ' || zoom_level || '/' || tile_column || '/' || tile_row finding FROM ${tiles}
     GROUP BY zoom_level, tile_column, tile_row HAVING count(*) > 1 LIMIT 20`,
  ];
}

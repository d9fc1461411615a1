import type { Bbox } from "../geo/index.ts";
import { quoteName } from "./identifiers.ts";
import type { SqliteBatch } from "./sqlite_procedures.ts";

/** The two tables that describe pyramids (requirements 38 to 53). */
export const TILE_MATRIX_TABLES: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS gpkg_tile_matrix_set (
     table_name TEXT NOT NULL PRIMARY KEY,
     srs_id INTEGER NOT NULL,
     min_x DOUBLE NOT NULL,
     min_y DOUBLE NOT NULL,
     max_x DOUBLE NOT NULL,
     max_y DOUBLE NOT NULL,
     CONSTRAINT fk_gtms_table_name FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
     CONSTRAINT fk_gtms_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id))`,
  `CREATE TABLE IF NOT EXISTS gpkg_tile_matrix (
     table_name TEXT NOT NULL,
     zoom_level INTEGER NOT NULL,
     matrix_width INTEGER NOT NULL,
     matrix_height INTEGER NOT NULL,
     tile_width INTEGER NOT NULL,
     tile_height INTEGER NOT NULL,
     pixel_x_size DOUBLE NOT NULL,
     pixel_y_size DOUBLE NOT NULL,
     CONSTRAINT pk_ttm PRIMARY KEY (table_name, zoom_level),
     CONSTRAINT fk_tmm_table_name FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name))`,
];

/** The table of one pyramid (table 23 of the standard); its UNIQUE constraint is the only index it needs. */
export function createTileTable(table: string): string {
  return `CREATE TABLE ${quoteName(table)} (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     zoom_level INTEGER NOT NULL,
     tile_column INTEGER NOT NULL,
     tile_row INTEGER NOT NULL,
     tile_data BLOB NOT NULL,
     UNIQUE (zoom_level, tile_column, tile_row))`;
}

export interface TileTableOptions {
  table: string;
  identifier: string;
  description: string;
  srsId: number;
  /** Of the whole grid, x first. */
  bbox: Bbox;
  /**
   * A level to begin with: a pyramid without any is no valid one, not even while it is empty.
   * The rows of the others come with their first tiles.
   */
  firstLevel: {
    zoomLevel: number;
    matrixWidth: number;
    matrixHeight: number;
    tileWidth: number;
    tileHeight: number;
    cellSize: number;
  };
}

/** Creates one pyramid without tiles. */
export function tileTableBatches(options: TileTableOptions): SqliteBatch[] {
  const { table, identifier, description, srsId, bbox, firstLevel: level } = options;
  return [
    ...TILE_MATRIX_TABLES.map((sql): SqliteBatch => ({ sql, rows: [[]] })),
    { sql: createTileTable(table), rows: [[]] },
    {
      sql: `INSERT INTO gpkg_contents (table_name, data_type, identifier, description, min_x, min_y, max_x, max_y, srs_id)
            VALUES (?, 'tiles', ?, ?, ?, ?, ?, ?, ?)`,
      rows: [[table, identifier, description, ...bbox, srsId]],
    },
    { sql: "INSERT INTO gpkg_tile_matrix_set VALUES (?, ?, ?, ?, ?, ?)", rows: [[table, srsId, ...bbox]] },
    {
      sql: "INSERT INTO gpkg_tile_matrix VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
      rows: [
        [
          table,
          level.zoomLevel,
          level.matrixWidth,
          level.matrixHeight,
          level.tileWidth,
          level.tileHeight,
          level.cellSize,
        ],
      ],
    },
  ];
}

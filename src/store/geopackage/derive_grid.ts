import { TilthError } from "../../core/index.ts";
import type { Crs } from "../../crs/index.ts";
import type { SqliteRow } from "../../geopackage/index.ts";
import type { Bbox } from "../../geo/index.ts";
import { STANDARD_PIXEL_SIZE_M, TileMatrixSet, type TileMatrix } from "../../grid/index.ts";
import { recogniseGrid } from "../grid_match.ts";

/** Pixels of foreign files are square only as far as their writers computed. */
const SQUARE_TOLERANCE = 1e-4;

export interface DeriveGridOptions {
  table: string;
  location: string;
  crs: Crs;
  /** Extent of gpkg_tile_matrix_set. */
  bbox: Bbox;
  /** Rows of gpkg_tile_matrix. */
  rows: readonly SqliteRow[];
}

/**
 * The grid that a pyramid was made in, with z = zoom_level: levels that the file leaves out are filled in by halving and
 * doubling. A built-in grid is recognised as such.
 * @throws `store.format` when there are no levels, or pixels that are not square
 */
export function deriveGrid(options: DeriveGridOptions): TileMatrixSet {
  const { table, location, crs, bbox } = options;
  const levels = new Map(options.rows.map((row) => [Number(row["zoom_level"]), toMatrix(options, row)]));
  if (levels.size === 0) throw refuse(options, "no rows in gpkg_tile_matrix");
  const builtIn = recogniseGrid(crs.code, levels);
  if (builtIn !== null) return builtIn;
  const deepest = Math.max(...levels.keys());
  const matrices: TileMatrix[] = [];
  for (let z = deepest, finer: TileMatrix | undefined; z >= 0; z -= 1) {
    const level: TileMatrix = levels.get(z) ?? coarser(finer, z, crs, bbox);
    matrices.unshift(level);
    finer = level;
  }
  return new TileMatrixSet({ id: `${table} of ${location}`, title: table, crs, matrices });
}

function toMatrix(options: DeriveGridOptions, row: SqliteRow): TileMatrix {
  const { crs, bbox } = options;
  const number = (column: string): number => Number(row[column]);
  const cellSize = number("pixel_x_size");
  const matrix = {
    id: String(row["zoom_level"]),
    scaleDenominator: (cellSize * crs.metresPerUnit) / STANDARD_PIXEL_SIZE_M,
    cellSize,
    pointOfOrigin: [bbox[0], bbox[3]] as const,
    tileWidth: number("tile_width"),
    tileHeight: number("tile_height"),
    matrixWidth: number("matrix_width"),
    matrixHeight: number("matrix_height"),
  };
  if (!(cellSize > 0) || !(matrix.matrixWidth > 0) || !(matrix.matrixHeight > 0)) {
    throw refuse(
      options,
      `a level ${matrix.id} of ${matrix.matrixWidth} x ${matrix.matrixHeight} tiles, ${cellSize} a pixel`,
    );
  }
  if (Math.abs(number("pixel_y_size") - cellSize) > cellSize * SQUARE_TOLERANCE) {
    throw refuse(options, `pixels of ${cellSize} x ${number("pixel_y_size")} on level ${matrix.id}`);
  }
  return matrix;
}

/** `finer` is there whenever this is called: the walk begins at a level of the file. */
function coarser(finer: TileMatrix | undefined, z: number, crs: Crs, bbox: Bbox): TileMatrix {
  const cellSize = (finer?.cellSize ?? 1) * 2;
  return {
    id: String(z),
    scaleDenominator: (cellSize * crs.metresPerUnit) / STANDARD_PIXEL_SIZE_M,
    cellSize,
    pointOfOrigin: [bbox[0], bbox[3]],
    tileWidth: finer?.tileWidth ?? 256,
    tileHeight: finer?.tileHeight ?? 256,
    matrixWidth: Math.ceil((finer?.matrixWidth ?? 1) / 2),
    matrixHeight: Math.ceil((finer?.matrixHeight ?? 1) / 2),
  };
}

function refuse({ table, location }: DeriveGridOptions, got: string): TilthError {
  return new TilthError(
    "store.format",
    `expected a tile pyramid with square pixels in the table '${table}' of ${location}, got ${got}`,
    { fields: { location, table } },
  );
}

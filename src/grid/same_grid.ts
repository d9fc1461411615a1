import type { Crs } from "../crs/index.ts";
import type { TileMatrix, TileMatrixSet } from "./tile_matrix_set.ts";

/** Share of a level's extent by which two borders may differ. */
const TOLERANCE = 1e-9;

/** Two levels that have the same tiles at the same columns and rows. */
export interface LevelPair {
  readonly a: number;
  readonly b: number;
}

/** Longitude stands first in every grid here, so both names of WGS 84 mean the same. */
export function sameGridCrs(a: Crs, b: Crs): boolean {
  const plain = ({ code }: Crs): string => (code === "OGC:CRS84" ? "EPSG:4326" : code);
  return plain(a) === plain(b);
}

/**
 * Levels of one grid that the other has too, coarsest first, whatever their numbers are: the same CRS (CRS84 is EPSG:4326), tile size, cell size and
 * upper left corner; borders within 1e-9 of the extent. Matrices may be of different width and height: the tiles that both have are the same.
 */
export function matchLevels(a: TileMatrixSet, b: TileMatrixSet): readonly LevelPair[] {
  if (!sameGridCrs(a.crs, b.crs)) return [];
  return a.matrices.flatMap((matrix, z) => {
    const found = b.matrices.findIndex((other) => sameTiles(matrix, other));
    return found < 0 ? [] : [{ a: z, b: found }];
  });
}

/** True when every address `z/x/y` that both grids have means the same tile; one may have more levels than the other. */
export function sameGrid(a: TileMatrixSet, b: TileMatrixSet): boolean {
  if (!sameGridCrs(a.crs, b.crs)) return false;
  const shared = Math.min(a.matrices.length, b.matrices.length);
  return a.matrices.slice(0, shared).every((matrix, z) => sameTiles(matrix, b.getMatrix(z)));
}

function sameTiles(a: TileMatrix, b: TileMatrix): boolean {
  if (a.tileWidth !== b.tileWidth || a.tileHeight !== b.tileHeight) return false;
  const width = Math.max(a.matrixWidth, b.matrixWidth) * a.tileWidth;
  const height = Math.max(a.matrixHeight, b.matrixHeight) * a.tileHeight;
  const tolerance = Math.max(width, height) * a.cellSize * TOLERANCE;
  // Cell sizes count as many times as the level has pixels.
  const drift = Math.abs(a.cellSize - b.cellSize) * Math.max(width, height);
  const shifts = ([0, 1] as const).map((axis) => Math.abs(a.pointOfOrigin[axis] - b.pointOfOrigin[axis]));
  return drift <= tolerance && shifts.every((shift) => shift <= tolerance);
}

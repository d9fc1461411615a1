import type { Crs } from "../../crs/index.ts";
import { findGrid, listGrids, type TileMatrix, type TileMatrixSet } from "../../grid/index.ts";

/** Cell sizes that differ by less are the same: services round theirs to 10 digits and more. */
const CELL_TOLERANCE = 1e-7;

/** Origins may differ by this share of the level's width (4 m of the Earth): -20037508 is written for -20037508.342789. */
const ORIGIN_TOLERANCE = 1e-7;

/** A level as a service has it; rows may count from the bottom. */
export interface ServiceLevel extends TileMatrix {
  readonly fromBottom: boolean;
}

/**
 * The built-in grid that the levels are a run of, so that archives of both match; null when there is none.
 * @param levels coarsest first
 */
export function findSameGrid(
  crs: Crs,
  levels: readonly ServiceLevel[],
): { grid: TileMatrixSet; firstZ: number } | null {
  const [first] = levels;
  if (first === undefined) return null;
  for (const name of listGrids()) {
    const grid = findGrid(name, first.tileWidth);
    if (grid === null || plainCode(grid.crs) !== plainCode(crs)) continue;
    const firstZ = grid.matrices.findIndex((matrix) => sameCell(matrix, first));
    if (firstZ >= 0 && levels.every((level, index) => isLevel(grid, firstZ + index, level))) return { grid, firstZ };
  }
  return null;
}

/** Longitude stands first in every grid here, so both names of WGS 84 mean the same. */
const plainCode = ({ code }: Crs): string => (code === "OGC:CRS84" ? "EPSG:4326" : code);

const sameCell = (a: TileMatrix, b: TileMatrix): boolean =>
  Math.abs(a.cellSize - b.cellSize) <= a.cellSize * CELL_TOLERANCE;

function isLevel(grid: TileMatrixSet, z: number, level: ServiceLevel): boolean {
  const matrix = grid.matrices[z];
  if (matrix === undefined || !sameCell(matrix, level)) return false;
  if (matrix.tileWidth !== level.tileWidth || matrix.tileHeight !== level.tileHeight) return false;
  const tolerance = matrix.cellSize * matrix.tileWidth * matrix.matrixWidth * ORIGIN_TOLERANCE;
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= tolerance;
  const edge = level.fromBottom ? bottomOf : (one: TileMatrix): number => one.pointOfOrigin[1];
  return near(matrix.pointOfOrigin[0], level.pointOfOrigin[0]) && near(edge(matrix), edge(level));
}

const bottomOf = ({ pointOfOrigin, matrixHeight, tileHeight, cellSize }: TileMatrix): number =>
  pointOfOrigin[1] - matrixHeight * tileHeight * cellSize;

import { TilthError } from "../core/index.ts";
import { getGrid, listGrids, type TileMatrix, type TileMatrixSet } from "../grid/index.ts";

/** Grids written by different programs differ in the last digits. */
const RELATIVE_TOLERANCE = 1e-7;

export function sameCrs(a: string, b: string): boolean {
  const plain = (code: string): string => (code === "OGC:CRS84" ? "EPSG:4326" : code);
  return plain(a) === plain(b);
}

export function sameMatrix(a: TileMatrix, b: TileMatrix): boolean {
  const tolerance =
    a.cellSize * RELATIVE_TOLERANCE * Math.max(a.matrixWidth * a.tileWidth, a.matrixHeight * a.tileHeight);
  return (
    a.tileWidth === b.tileWidth &&
    a.tileHeight === b.tileHeight &&
    a.matrixWidth === b.matrixWidth &&
    a.matrixHeight === b.matrixHeight &&
    Math.abs(a.cellSize - b.cellSize) <= a.cellSize * RELATIVE_TOLERANCE &&
    Math.abs(a.pointOfOrigin[0] - b.pointOfOrigin[0]) <= tolerance &&
    Math.abs(a.pointOfOrigin[1] - b.pointOfOrigin[1]) <= tolerance
  );
}

/** Two grids put the same tile at the same address, on every level that both have. */
export function sameGrid(a: TileMatrixSet, b: TileMatrixSet): boolean {
  if (!sameCrs(a.crs.code, b.crs.code)) return false;
  const shared = Math.min(a.matrices.length, b.matrices.length);
  return a.matrices.slice(0, shared).every((matrix, z) => sameMatrix(matrix, b.getMatrix(z)));
}

/**
 * The built-in grid that a file's levels belong to; null when there is none. `levels` may leave out levels of the grid:
 * a file only speaks of those that it has tiles on.
 */
export function recogniseGrid(crs: string, levels: ReadonlyMap<number, TileMatrix>): TileMatrixSet | null {
  const [first] = levels.values();
  if (first === undefined || first.tileWidth !== first.tileHeight) return null;
  for (const id of listGrids()) {
    const grid = getGrid(id, first.tileWidth);
    const fits = sameCrs(grid.crs.code, crs) && [...levels].every(([z, level]) => isLevel(grid, z, level));
    if (fits) return grid;
  }
  return null;
}

function isLevel(grid: TileMatrixSet, z: number, level: TileMatrix): boolean {
  const matrix = grid.matrices[z];
  return matrix !== undefined && sameMatrix(matrix, level);
}

/** @throws `store.mismatch` when the caller asked for another grid than the file has */
export function checkGrid(location: string, actual: TileMatrixSet, wanted: TileMatrixSet | undefined): void {
  if (wanted === undefined || sameGrid(actual, wanted)) return;
  const size = (grid: TileMatrixSet): string => `${grid.id} with ${grid.getMatrix(0).tileWidth} px tiles`;
  const message = `expected a cache of the grid ${size(wanted)}, but ${location} holds ${size(actual)}; use another file or --grid`;
  throw new TilthError("store.mismatch", message, {
    fields: { location, expected: wanted.id, got: actual.id },
  });
}

/** @throws `store.mismatch` when the file was filled from another source */
export function checkSource(location: string, actual: string | null, wanted: string | null | undefined): void {
  if (actual === null || wanted === null || wanted === undefined || actual === wanted) return;
  const message = `expected a cache of the source '${wanted}', but ${location} holds tiles of '${actual}'; use another file`;
  throw new TilthError("store.mismatch", message, { fields: { location, expected: wanted, got: actual } });
}

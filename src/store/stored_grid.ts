import { TilthError } from "../core/index.ts";
import { findCrs, getCrs } from "../crs/index.ts";
import { findGrid, listGrids, sameGrid, TileMatrixSet, type TileMatrix } from "../grid/index.ts";

interface StoredGrid {
  id: string;
  title: string;
  /** A code, or the definition of a CRS that has none. */
  crs: string;
  tileSize: number;
  /** null for a built-in grid: its name and tile size say it all. */
  matrices: readonly TileMatrix[] | null;
}

/** As text for the file's metadata, from which `gridFromText` makes the same grid in any later release. */
export function gridToText(grid: TileMatrixSet): string {
  const { id, title, crs } = grid;
  const tileSize = grid.getMatrix(0).tileWidth;
  const stored: StoredGrid = {
    id,
    title,
    crs: findCrs(crs.code) === null ? crs.definition : crs.code,
    tileSize,
    matrices: isBuiltIn(grid, tileSize) ? null : grid.matrices,
  };
  return JSON.stringify(stored);
}

/** Only grids of the list: the default grid of a CRS follows its area of use, which another release of the EPSG dataset may change. */
function isBuiltIn(grid: TileMatrixSet, tileSize: number): boolean {
  const known = listGrids().includes(grid.id) ? findGrid(grid.id, tileSize) : null;
  return known !== null && known.maxZ === grid.maxZ && known.crs.code === grid.crs.code && sameGrid(known, grid);
}

/** @throws `store.corrupt` when the text is not what `gridToText` writes, `crs.unknown` */
export function gridFromText(text: string, location: string): TileMatrixSet {
  const stored = parse(text);
  const builtIn = stored?.matrices === null ? findGrid(stored.id, stored.tileSize) : null;
  if (builtIn !== null) return builtIn;
  if (stored !== null && isLevelList(stored.matrices))
    return new TileMatrixSet({
      id: stored.id,
      title: stored.title,
      crs: getCrs(stored.crs),
      matrices: stored.matrices,
    });
  throw new TilthError(
    "store.corrupt",
    `expected the description of a grid in ${location}, got '${text.slice(0, 80)}'`,
    { fields: { location } },
  );
}

function parse(text: string): StoredGrid | null {
  try {
    const value: unknown = JSON.parse(text);
    return isStoredGrid(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isStoredGrid(value: unknown): value is StoredGrid {
  if (typeof value !== "object" || value === null) return false;
  const { id, crs, tileSize } = value as Partial<StoredGrid>;
  return typeof id === "string" && typeof crs === "string" && isCount(tileSize);
}

const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 1;

function isLevelList(matrices: unknown): matrices is TileMatrix[] {
  return Array.isArray(matrices) && matrices.length > 0 && matrices.every(isLevel);
}

function isLevel(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { cellSize, pointOfOrigin, ...level } = value as Partial<TileMatrix>;
  const counts = [level.tileWidth, level.tileHeight, level.matrixWidth, level.matrixHeight];
  const origin = Array.isArray(pointOfOrigin) && pointOfOrigin.length === 2 && pointOfOrigin.every(Number.isFinite);
  return origin && Number.isFinite(cellSize) && (cellSize ?? 0) > 0 && counts.every(isCount);
}

import { TilthError } from "../core/index.ts";
import { getCrs } from "../crs/index.ts";
import { findGrid, TileMatrixSet, type TileMatrix } from "../grid/index.ts";

interface StoredGrid {
  id: string;
  title: string;
  crs: string;
  tileSize: number;
  /** null for a built-in grid: its name and tile size say it all. */
  matrices: readonly TileMatrix[] | null;
}

/** As text for the file's metadata. */
export function gridToText(grid: TileMatrixSet): string {
  const tileSize = grid.getMatrix(0).tileWidth;
  const builtIn = findGrid(grid.id, tileSize)?.id === grid.id;
  const stored: StoredGrid = {
    id: grid.id,
    title: grid.title,
    crs: grid.crs.code,
    tileSize,
    matrices: builtIn ? null : grid.matrices,
  };
  return JSON.stringify(stored);
}

/** @throws `store.corrupt` when the text is not what `gridToText` writes, `crs.unknown` */
export function gridFromText(text: string, location: string): TileMatrixSet {
  const stored = parse(text);
  if (stored?.matrices === null) {
    const grid = findGrid(stored.id, stored.tileSize);
    if (grid !== null) return grid;
  }
  if (stored === null || !Array.isArray(stored.matrices) || stored.matrices.length === 0) {
    throw new TilthError(
      "store.corrupt",
      `expected the description of a grid in ${location}, got '${text.slice(0, 80)}'`,
      {
        fields: { location },
      },
    );
  }
  return new TileMatrixSet({ id: stored.id, title: stored.title, crs: getCrs(stored.crs), matrices: stored.matrices });
}

function parse(text: string): StoredGrid | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "id" in value && "crs" in value
      ? (value as StoredGrid)
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

import { TilthError } from "../core/index.ts";
import { tileToText, type TileCoord, type TileMatrixSet } from "../grid/index.ts";

/** @throws `grid.level` */
export function requireInGrid(grid: TileMatrixSet, tile: TileCoord): void {
  if (grid.hasTile(tile)) return;
  const message = `expected a tile within the grid ${grid.id}, got ${tileToText(tile)}; see /ogc/tileMatrixSets for its levels`;
  throw new TilthError("grid.level", message);
}

import type { TileRange } from "../api/client.ts";
import type { Cache, Extent, GridLevel } from "../api/types.ts";

/** Box of a tile in units of its grid's CRS. */
export function tileExtent(level: GridLevel, x: number, y: number, columns = 1, rows = 1): Extent {
  const [left, top] = level.origin;
  const [width, height] = [level.cellSize * level.tileWidth, level.cellSize * level.tileHeight];
  return [left + x * width, top - (y + rows) * height, left + (x + columns) * width, top - y * height];
}

/** The tile at a place; null outside of the matrix. */
export function tileAt(
  level: GridLevel,
  [px, py]: readonly [number, number],
): { z: number; x: number; y: number } | null {
  const x = Math.floor((px - level.origin[0]) / (level.cellSize * level.tileWidth));
  const y = Math.floor((level.origin[1] - py) / (level.cellSize * level.tileHeight));
  return x >= 0 && y >= 0 && x < level.matrixWidth && y < level.matrixHeight ? { z: level.z, x, y } : null;
}

/** Tiles of a level that meet a box, inclusive; null when there is none. */
export function rangeIn(level: GridLevel, [minX, minY, maxX, maxY]: Extent): TileRange | null {
  const [width, height] = [level.cellSize * level.tileWidth, level.cellSize * level.tileHeight];
  const range = {
    z: level.z,
    minX: Math.max(0, Math.floor((minX - level.origin[0]) / width)),
    minY: Math.max(0, Math.floor((level.origin[1] - maxY) / height)),
    maxX: Math.min(level.matrixWidth - 1, Math.ceil((maxX - level.origin[0]) / width) - 1),
    maxY: Math.min(level.matrixHeight - 1, Math.ceil((level.origin[1] - minY) / height) - 1),
  };
  return range.minX <= range.maxX && range.minY <= range.maxY ? range : null;
}

export function countTiles({ minX, minY, maxX, maxY }: TileRange): number {
  return (maxX - minX + 1) * (maxY - minY + 1);
}

/** The level whose cells come nearest to `resolution` (units of the grid's CRS for one pixel), among those that the cache has. */
export function levelFor(cache: Cache, resolution: number): GridLevel | null {
  const levels = cache.grid.levels.filter(({ z }) => z >= cache.minZoom && z <= cache.maxZoom);
  const distance = ({ cellSize }: GridLevel): number => Math.abs(Math.log(cellSize / resolution));
  return levels.toSorted((a, b) => distance(a) - distance(b))[0] ?? null;
}

import type { ServedCache } from "./served_cache.ts";

/** Where the tiles of one level lie: columns and rows, inclusive, rows from the top. */
export interface TileLimits {
  readonly tileMatrix: string;
  readonly minTileRow: number;
  readonly maxTileRow: number;
  readonly minTileCol: number;
  readonly maxTileCol: number;
}

/** Levels with tiles, and the columns and rows between which they lie; all of the level where that is not known. */
export function tileLimitsOf({ cache, minZoom, maxZoom, extents }: ServedCache): TileLimits[] {
  const { grid } = cache.store;
  return grid.matrices.flatMap(({ id }, z) => {
    const range = extents === null ? grid.levelRange(z) : extents.find((one) => one.z === z);
    if (z < minZoom || z > maxZoom || range === undefined) return [];
    const { minX, minY, maxX, maxY } = range;
    return [{ tileMatrix: id, minTileRow: minY, maxTileRow: maxY, minTileCol: minX, maxTileCol: maxX }];
  });
}

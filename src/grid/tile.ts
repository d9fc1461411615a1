/** A tile's address: `z` index into the matrices (0 = coarsest), `x` column, `y` row counted from the top. */
export interface TileCoord {
  readonly z: number;
  readonly x: number;
  readonly y: number;
}

/** A rectangle of tiles on one level; every bound is inclusive. */
export interface TileRange {
  readonly z: number;
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

export function rangeWidth(range: TileRange): number {
  return range.maxX - range.minX + 1;
}

export function rangeHeight(range: TileRange): number {
  return range.maxY - range.minY + 1;
}

/** Number of tiles; exact up to 2^53. */
export function rangeCount(range: TileRange): number {
  return rangeWidth(range) * rangeHeight(range);
}

/** Index of a tile in a row-major array over `range` (row 0 = top). The tile must lie inside. */
export function rangeIndex(range: TileRange, x: number, y: number): number {
  return (y - range.minY) * rangeWidth(range) + (x - range.minX);
}

export function rangeContains(range: TileRange, tile: TileCoord): boolean {
  return (
    tile.z === range.z && tile.x >= range.minX && tile.x <= range.maxX && tile.y >= range.minY && tile.y <= range.maxY
  );
}

/** `z/x/y`, the way a person reads it. */
export function tileToText(tile: TileCoord): string {
  return `${tile.z}/${tile.x}/${tile.y}`;
}

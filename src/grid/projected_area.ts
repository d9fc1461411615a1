import type { Crs } from "../crs/index.ts";
import type { Bbox, LonLatBbox } from "../geo/index.ts";

/** Pieces along each side of an area; 64 divides the circle into parts of 5.6 degrees, with points on all four axes. */
const PIECES = 64;

/**
 * Box in CRS units around a lon/lat area (west > east: across the antimeridian), from 65 x 65 points of it; those without an image are left
 * out. null when none has one.
 */
export function projectArea(crs: Crs, [west, south, east, north]: LonLatBbox): Bbox | null {
  const width = east > west ? east - west : east - west + 360;
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let row = 0; row <= PIECES; row++) {
    for (let column = 0; column <= PIECES; column++) {
      const lon = west + (width * column) / PIECES;
      const [x, y] = crs.fromLonLat(lon > 180 ? lon - 360 : lon, south + ((north - south) * row) / PIECES);
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
  }
  return box[2] > box[0] && box[3] > box[1] ? box : null;
}

import { TilthError } from "../core/index.ts";

/** `[minX, minY, maxX, maxY]` in the units of the CRS that the context names. */
export type Bbox = readonly [minX: number, minY: number, maxX: number, maxY: number];

/** Lon/lat degrees, `[west, south, east, north]`; `west > east` means: across the antimeridian. */
export type LonLatBbox = Bbox;

/** Two boxes share more than an edge. */
export function bboxIntersects(a: Bbox, b: Bbox): boolean {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

export function bboxIntersection(a: Bbox, b: Bbox): Bbox | null {
  if (!bboxIntersects(a, b)) return null;
  return [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];
}

export function bboxUnion(a: Bbox, b: Bbox): Bbox {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

/**
 * Checks a lon/lat box and cuts it at the antimeridian: one box, or two when it crosses.
 * Longitudes within -540..540 are accepted (`170..190` crosses); a box of 360 degrees or more is the whole world.
 * @throws `bbox.invalid` for NaN, a latitude outside of -90..90, swapped latitudes or a box without area
 */
export function normalizeLonLatBbox(bbox: readonly number[]): readonly LonLatBbox[] {
  const [west, south, east, north] = checkNumbers(bbox);
  if (south < -90 || north > 90) fail(bbox, "latitudes must lie within -90 and 90");
  if (Math.abs(west) > 540 || Math.abs(east) > 540) fail(bbox, "longitudes must lie within -180 and 180");
  if (south === north || west === east || east - west === -360) fail(bbox, "the box has no area");
  if (south > north) fail(bbox, "south lies north of north; the order is W,S,E,N");
  if (east - west >= 360) return [[-180, south, 180, north]];
  return cutAtAntimeridian(wrapWest(west), south, wrapEast(east), north);
}

function checkNumbers(bbox: readonly number[]): [number, number, number, number] {
  const [west, south, east, north, ...rest] = bbox;
  if (west === undefined || south === undefined || east === undefined || north === undefined || rest.length > 0) {
    return fail(bbox, `expected 4 numbers, got ${bbox.length}`);
  }
  if (![west, south, east, north].every(Number.isFinite)) fail(bbox, "every value must be a finite number");
  return [west, south, east, north];
}

const wrapWest = (lon: number): number => (lon >= 180 ? wrapWest(lon - 360) : lon < -180 ? lon + 360 : lon);
const wrapEast = (lon: number): number => (lon > 180 ? lon - 360 : lon <= -180 ? wrapEast(lon + 360) : lon);

function cutAtAntimeridian(west: number, south: number, east: number, north: number): readonly LonLatBbox[] {
  if (west < east) return [[west, south, east, north]];
  return [
    [west, south, 180, north],
    [-180, south, east, north],
  ];
}

function fail(bbox: readonly number[], why: string): never {
  throw new TilthError("bbox.invalid", `expected a box W,S,E,N in degrees, got [${bbox.join(", ")}]: ${why}`, {
    fields: { bbox: [...bbox] },
  });
}

import type { Point } from "../datum.ts";

/** A projection between lon/lat radians and metres, easting and northing; the point given may be changed and returned. */
export interface Projection {
  readonly forward: (point: Point) => Point;
  readonly inverse: (point: Point) => Point;
}

/** Parameters of a projection: angles in radians, lengths in metres; what is not given is 0. */
export type Parameters = (key: string) => number;

/** Length of the meridian from the equator to a latitude, metres; Helmert's series to the fourth power of n: exact to a micrometre. */
export function meridianArc(a: number, es: number): (latitude: number) => number {
  const root = Math.sqrt(1 - es);
  const n = (1 - root) / (1 + root);
  const n2 = n * n;
  const c0 = 1 + n2 / 4 + (n2 * n2) / 64;
  const c2 = 1.5 * (n - (n2 * n) / 8);
  const c4 = (15 / 16) * (n2 - (n2 * n2) / 4);
  const c6 = (35 / 48) * n2 * n;
  const c8 = (315 / 512) * n2 * n2;
  const series = (phi: number): number =>
    c0 * phi - c2 * Math.sin(2 * phi) + c4 * Math.sin(4 * phi) - c6 * Math.sin(6 * phi) + c8 * Math.sin(8 * phi);
  return (phi) => (a / (1 + n)) * series(phi);
}

/** Steps of the search below; each gains two to five digits near the origin. */
const MAX_STEPS = 30;

/**
 * The inverse of a projection whose scale is close to 1 by going back the difference on the ellipsoid.
 * A point that does not settle within 1e-13 radian (a micrometre) has no image.
 */
export function searchInverse(
  a: number,
  es: number,
  forward: (point: Point) => Point,
  start: Point,
): (point: Point) => Point {
  const tried: Point = { x: 0, y: 0 };
  return (point) => {
    let [lon, lat] = [start.x, start.y];
    for (let step = 0; step < MAX_STEPS; step++) {
      tried.x = lon;
      tried.y = lat;
      forward(tried);
      const w = 1 - es * Math.sin(lat) ** 2;
      const dLat = ((point.y - tried.y) * w * Math.sqrt(w)) / (a * (1 - es));
      const dLon = ((point.x - tried.x) * Math.sqrt(w)) / (a * Math.cos(lat));
      lat += dLat;
      lon += dLon;
      if (Math.abs(dLat) + Math.abs(dLon) < 1e-13) return put(point, lon, lat);
    }
    return put(point, Number.NaN, Number.NaN);
  };
}

function put(point: Point, x: number, y: number): Point {
  point.x = x;
  point.y = y;
  return point;
}

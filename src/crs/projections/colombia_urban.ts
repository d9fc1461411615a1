import type { Point } from "../datum.ts";
import { wrap } from "../wrap.ts";
import { searchInverse, type Parameters, type Projection } from "./projection.ts";

/** Colombia Urban (EPSG guidance note 7-2, method 1052): a plane at the height h_0 of a city. proj4 does not have it. */
export function colombiaUrban(a: number, es: number, get: Parameters): Projection {
  const [lat0, lon0, height] = [get("lat_0"), get("lon_0"), get("h_0")];
  const [x0, y0] = [get("x_0"), get("y_0")];
  const nuOf = (lat: number): number => a / Math.sqrt(1 - es * Math.sin(lat) ** 2);
  const rhoOf = (lat: number): number => (a * (1 - es)) / (1 - es * Math.sin(lat) ** 2) ** 1.5;
  const [nu0, rho0] = [nuOf(lat0), rhoOf(lat0)];
  const east = 1 + height / nu0;
  const bend = Math.tan(lat0) / (2 * rho0 * nu0);
  const forward = (point: Point): Point => {
    const across = nuOf(point.y) * Math.cos(point.y) * wrap(point.x - lon0);
    const north = 1 + height / rhoOf((lat0 + point.y) / 2);
    point.x = x0 + east * across;
    point.y = y0 + north * rho0 * (point.y - lat0 + bend * across * across);
    return point;
  };
  return { forward, inverse: searchInverse(a, es, forward, { x: lon0, y: lat0 }) };
}

import type { Point } from "../datum.ts";
import { wrap } from "../wrap.ts";
import { meridianArc, searchInverse, type Parameters, type Projection } from "./projection.ts";

/** Cassini-Soldner and its hyperbolic form (EPSG guidance note 7-2, methods 9806 and 9833). proj4 has no hyperbolic form and loses decimetres far from the meridian. */
export function cassini(a: number, es: number, get: Parameters): Projection {
  const arc = meridianArc(a, es);
  const origin = { lat: get("lat_0"), lon: get("lon_0"), arc: arc(get("lat_0")) };
  const [x0, y0, hyperbolic] = [get("x_0"), get("y_0"), get("hyperbolic") !== 0];
  const forward = (point: Point): Point => {
    const [sin, cos, tan] = [Math.sin(point.y), Math.cos(point.y), Math.tan(point.y)];
    const w = 1 - es * sin * sin;
    const nu = a / Math.sqrt(w);
    const t = tan * tan;
    const c = (es * cos * cos) / (1 - es);
    const dLon = wrap(point.x - origin.lon) * cos;
    const square = dLon * dLon;
    const north = arc(point.y) - origin.arc + nu * tan * square * (0.5 + ((5 - t + 6 * c) * square) / 24);
    const rho = (a * (1 - es)) / (w * Math.sqrt(w));
    point.x = x0 + nu * dLon * (1 - t * square * (1 / 6 + ((8 - t + 8 * c) * square) / 120));
    point.y = y0 + (hyperbolic ? north - north ** 3 / (6 * rho * nu) : north);
    return point;
  };
  return { forward, inverse: searchInverse(a, es, forward, { x: origin.lon, y: origin.lat }) };
}

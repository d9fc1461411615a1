import type { Point } from "../datum.ts";
import { wrap } from "../wrap.ts";
import type { Parameters, Projection } from "./projection.ts";

/**
 * Equidistant Cylindrical on the sphere of the major axis (EPSG method 1029), as PROJ up to 9.7 computes the ellipsoidal method 1028 too.
 * proj4 takes the poles to the other side of the equator.
 */
export function equidistantCylindrical(a: number, _es: number, get: Parameters): Projection {
  const across = a * Math.cos(get("lat_ts"));
  const [lon0, lat0, x0, y0] = [get("lon_0"), get("lat_0"), get("x_0"), get("y_0")];
  return {
    forward(point: Point) {
      point.x = x0 + across * wrap(point.x - lon0);
      point.y = y0 + a * (point.y - lat0);
      return point;
    },
    inverse(point: Point) {
      point.x = lon0 + (point.x - x0) / across;
      point.y = lat0 + (point.y - y0) / a;
      return point;
    },
  };
}

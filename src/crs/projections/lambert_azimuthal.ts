import type { Point } from "../datum.ts";
import { wrap } from "../wrap.ts";
import { authalic } from "./authalic.ts";
import type { Parameters, Projection } from "./projection.ts";

/**
 * Lambert Azimuthal Equal Area, oblique, equatorial and polar (EPSG guidance note 7-2, method 9820): Snyder's azimuthal projection of the authalic
 * sphere, stretched by d so that the scale is true at the origin. The antipode of the origin has no image.
 */
export function lambertAzimuthal(a: number, es: number, get: Parameters): Projection {
  const { polar, toAuthalic, toGeodetic } = authalic(es);
  const [lat0, lon0, x0, y0] = [get("lat_0"), get("lon_0"), get("x_0"), get("y_0")];
  const radius = a * Math.sqrt(polar / 2);
  const sin0 = toAuthalic(Math.sin(lat0));
  const cos0 = Math.abs(lat0) > Math.PI / 2 - 1e-10 ? 0 : Math.sqrt(1 - sin0 * sin0);
  const d = cos0 === 0 ? 1 : (a * Math.cos(lat0)) / (Math.sqrt(1 - es * Math.sin(lat0) ** 2) * radius * cos0);
  return {
    forward(point: Point) {
      const sin = toAuthalic(Math.sin(point.y));
      const cos = Math.sqrt(Math.max(0, 1 - sin * sin));
      const lon = wrap(point.x - lon0);
      const near = 1 + sin0 * sin + cos0 * cos * Math.cos(lon);
      const scale = near < 1e-12 ? Number.NaN : radius * Math.sqrt(2 / near);
      point.x = x0 + d * scale * cos * Math.sin(lon);
      point.y = y0 + (scale / d) * (cos0 * sin - sin0 * cos * Math.cos(lon));
      return point;
    },
    inverse(point: Point) {
      const x = (point.x - x0) / d;
      const y = (point.y - y0) * d;
      const rho = Math.hypot(x, y);
      if (rho < 1e-9) return put(point, lon0, lat0);
      const half = rho / (2 * radius);
      const sinC = 2 * half * Math.sqrt(1 - half * half);
      const cosC = 1 - 2 * half * half;
      const lon = Math.atan2(x * sinC, rho * cos0 * cosC - y * sin0 * sinC);
      return put(point, lon0 + lon, toGeodetic(cosC * sin0 + (y * sinC * cos0) / rho));
    },
  };
}

function put(point: Point, x: number, y: number): Point {
  point.x = x;
  point.y = y;
  return point;
}

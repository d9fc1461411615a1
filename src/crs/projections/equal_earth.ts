import type { Point } from "../datum.ts";
import { wrap } from "../wrap.ts";
import { authalic } from "./authalic.ts";
import type { Parameters, Projection } from "./projection.ts";

/** Coefficients of Savric, Patterson and Jenny 2018, as in EPSG guidance note 7-2, method 1078. */
const [A1, A2, A3, A4] = [1.340264, -0.081106, 0.000893, 0.003796];
const M = Math.sqrt(3) / 2;

const height = (theta: number): number => {
  const t2 = theta * theta;
  const t6 = t2 * t2 * t2;
  return theta * (A1 + A2 * t2 + t6 * (A3 + A4 * t2));
};

const slope = (theta: number): number => {
  const t2 = theta * theta;
  const t6 = t2 * t2 * t2;
  return A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2);
};

/** Equal Earth on the ellipsoid (EPSG method 1078), the way back exact. */
export function equalEarth(a: number, es: number, get: Parameters): Projection {
  const { polar, toAuthalic, toGeodetic } = authalic(es);
  const [lon0, x0, y0] = [get("lon_0"), get("x_0"), get("y_0")];
  const radius = a * Math.sqrt(polar / 2);
  return {
    forward(point: Point) {
      const theta = Math.asin(M * toAuthalic(Math.sin(point.y)));
      point.x = x0 + (radius * wrap(point.x - lon0) * Math.cos(theta)) / (M * slope(theta));
      point.y = y0 + radius * height(theta);
      return point;
    },
    inverse(point: Point) {
      const y = (point.y - y0) / radius;
      let theta = y / A1;
      for (let step = 0; step < 12; step++) {
        const change = (height(theta) - y) / slope(theta);
        theta -= change;
        if (Math.abs(change) < 1e-15) break;
      }
      const lon = (M * (point.x - x0) * slope(theta)) / (radius * Math.cos(theta));
      point.x = Math.abs(lon) <= Math.PI + 1e-9 ? lon0 + lon : Number.NaN;
      point.y = toGeodetic(Math.sin(theta) / M);
      return point;
    },
  };
}

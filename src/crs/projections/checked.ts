import type { Point } from "../datum.ts";
import { wrap } from "../wrap.ts";
import type { Parameters, Projection } from "./projection.ts";

/** Projections of proj4 that give a wrong point instead of none far from their origin: Albers beyond its disc latitude 0, the others a mirror image. */
export const UNSURE_FAR_AWAY: ReadonlySet<string> = new Set(["aea", "somerc", "omerc", "nzmg"]);

/** Metres and radians from the origin within which the four are always right. */
const NEAR_M = 1_000_000;
const NEAR_RADIANS = 0.15;

/** A projection that far from its origin goes back to see whether it finds the point again (within 1e-6 radian, or 10 m), and gives NaN if not. */
export function checked(projection: Projection, get: Parameters): Projection {
  const [x0, y0, lat0] = [get("x_0"), get("y_0"), get("lat_0")];
  const lon0 = get("lonc") || get("lon_0");
  const back: Point = { x: 0, y: 0 };
  const verify = (image: Point, way: (point: Point) => Point, x: number, y: number, limit: number): Point => {
    back.x = image.x;
    back.y = image.y;
    const found = way(back);
    const right = Math.abs(found.x - x) < limit && Math.abs(found.y - y) < limit;
    if (!right) image.x = image.y = Number.NaN;
    return image;
  };
  return {
    forward(point) {
      const { x, y } = point;
      const near = Math.abs(wrap(x - lon0)) < NEAR_RADIANS && Math.abs(y - lat0) < NEAR_RADIANS;
      const image = projection.forward(point);
      return near ? image : verify(image, (p) => projection.inverse(p), x, y, 1e-6);
    },
    inverse(point) {
      const { x, y } = point;
      const near = Math.abs(x - x0) < NEAR_M && Math.abs(y - y0) < NEAR_M;
      const image = projection.inverse(point);
      return near ? image : verify(image, (p) => projection.forward(p), x, y, 10);
    },
  };
}

/** New Zealand Map Grid: one step of proj4's search leaves up to 1.5 mm; what is missing on the plane is put in and searched once more. */
export function polished(projection: Projection): Projection {
  const tried: Point = { x: 0, y: 0 };
  return {
    forward: (point) => projection.forward(point),
    inverse(point) {
      const { x, y } = point;
      const first = projection.inverse(point);
      tried.x = first.x;
      tried.y = first.y;
      const found = projection.forward(tried);
      point.x = x + (x - found.x);
      point.y = y + (y - found.y);
      return projection.inverse(point);
    },
  };
}

import type { Ellipsoid } from "./definition.ts";

/** A point on the plane or on the ellipsoid, changed in place. */
export interface Point {
  x: number;
  y: number;
}

const ARC_SECOND = Math.PI / 180 / 3600;

/** Squared eccentricity. */
export function eccentricitySquared({ rf }: Ellipsoid): number {
  return rf === 0 ? 0 : (2 - 1 / rf) / rf;
}

/** Changes lon/lat radians on one ellipsoid into lon/lat radians on another, height 0 on both. */
export type DatumStep = (point: Point) => void;

/**
 * Position vector transformation (EPSG guidance note 7-2, method 9606), linear in the rotations as EPSG defines it.
 * @param parameters dx, dy, dz metres, rx, ry, rz arc-seconds, ds parts per million
 * @param inverse the other way: rotation transposed, as PROJ does, not the exact inverse matrix (the same within 1e-9 of the shift)
 */
export function helmertStep(
  from: Ellipsoid,
  to: Ellipsoid,
  parameters: readonly number[],
  inverse: boolean,
): DatumStep {
  const [dx = 0, dy = 0, dz = 0, rxs = 0, rys = 0, rzs = 0, ds = 0] = parameters;
  const [rx, ry, rz] = [rxs * ARC_SECOND, rys * ARC_SECOND, rzs * ARC_SECOND];
  const scale = 1 + ds * 1e-6;
  const es = eccentricitySquared(from);
  const geodetic = geodeticOf(to);
  return (point) => {
    const sin = Math.sin(point.y);
    const nu = from.a / Math.sqrt(1 - es * sin * sin);
    const across = nu * Math.cos(point.y);
    let x = across * Math.cos(point.x);
    let y = across * Math.sin(point.x);
    let z = nu * (1 - es) * sin;
    if (inverse) {
      x = (x - dx) / scale;
      y = (y - dy) / scale;
      z = (z - dz) / scale;
      geodetic(point, x + rz * y - ry * z, y - rz * x + rx * z, z + ry * x - rx * y);
    } else {
      geodetic(
        point,
        dx + scale * (x - rz * y + ry * z),
        dy + scale * (rz * x + y - rx * z),
        dz + scale * (z - ry * x + rx * y),
      );
    }
  };
}

/** Geocentric metres to lon/lat radians (Bowring 1976, one step: exact to 1e-11 degree near the surface). */
function geodeticOf(ellipsoid: Ellipsoid): (point: Point, x: number, y: number, z: number) => void {
  const { a } = ellipsoid;
  const es = eccentricitySquared(ellipsoid);
  const b = a * Math.sqrt(1 - es);
  const second = es / (1 - es);
  return (point, x, y, z) => {
    const p = Math.hypot(x, y);
    const theta = Math.atan2(z * a, p * b);
    const sin = Math.sin(theta);
    const cos = Math.cos(theta);
    point.x = Math.atan2(y, x);
    point.y = Math.atan2(z + second * b * sin * sin * sin, p - es * a * cos * cos * cos);
  };
}

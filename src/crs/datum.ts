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
 * Position vector transformation (EPSG guidance note 7-2, method 9606), linear in the rotations as EPSG defines it; with a pivot: Molodensky-Badekas
 * (methods 1034 and 9636).
 * @param parameters dx, dy, dz metres, rx, ry, rz arc-seconds, ds parts per million, px, py, pz metres
 * @param inverse the other way: the rotation is transposed, as PROJ does, which differs from the inverse matrix by the square of the angles
 */
export function helmertStep(
  from: Ellipsoid,
  to: Ellipsoid,
  parameters: readonly number[],
  inverse: boolean,
): DatumStep {
  const [dx = 0, dy = 0, dz = 0, , , , ds = 0, px = 0, py = 0, pz = 0] = parameters;
  const [rx, ry, rz] = [3, 4, 5]
    .map((i) => parameters[i] ?? 0)
    .map((angle) => angle * (inverse ? -ARC_SECOND : ARC_SECOND)) as Rotation;
  const scale = inverse ? 1 / (1 + ds * 1e-6) : 1 + ds * 1e-6;
  const [inX, inY, inZ] = inverse ? [px + dx, py + dy, pz + dz] : [px, py, pz];
  const [outX, outY, outZ] = inverse ? [px, py, pz] : [px + dx, py + dy, pz + dz];
  const es = eccentricitySquared(from);
  const geodetic = geodeticOf(to);
  return (point) => {
    const sin = Math.sin(point.y);
    const nu = from.a / Math.sqrt(1 - es * sin * sin);
    const across = nu * Math.cos(point.y);
    const x = across * Math.cos(point.x) - inX;
    const y = across * Math.sin(point.x) - inY;
    const z = nu * (1 - es) * sin - inZ;
    geodetic(
      point,
      outX + scale * (x - rz * y + ry * z),
      outY + scale * (rz * x + y - rx * z),
      outZ + scale * (z - ry * x + rx * y),
    );
  };
}

type Rotation = [rx: number, ry: number, rz: number];

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

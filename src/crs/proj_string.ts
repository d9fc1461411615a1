import type { SystemDefinition } from "./definition.ts";

const RADIANS = Math.PI / 180;

/**
 * The projection alone as a proj string: on its own ellipsoid and prime meridian, in metres, easting and northing. Datum, unit and axes are ours to do.
 * x_0 and y_0 are always written: proj4 takes a missing one for NaN in some projections.
 */
export function projectionToProj({ projection, base }: SystemDefinition): string {
  if (projection === null) return `+proj=longlat ${ellipsoidToProj(base.ellipsoid.a, base.ellipsoid.rf)} +no_defs`;
  const parameters = { x_0: 0, y_0: 0, ...projection.parameters };
  const words = Object.entries(parameters).map(([key, value]) => (FLAGS.has(key) ? `+${key}` : `+${key}=${value}`));
  return `+proj=${projection.method} ${words.join(" ")} ${ellipsoidToProj(base.ellipsoid.a, base.ellipsoid.rf)} +no_defs`;
}

/** Words that stand without a value. */
export const FLAGS: ReadonlySet<string> = new Set(["no_uoff", "hyperbolic", "R_A"]);

function ellipsoidToProj(a: number, rf: number): string {
  return rf === 0 ? `+a=${a} +b=${a}` : `+a=${a} +rf=${rf}`;
}

/** Degrees to radians, for parameters. */
export function radians(degrees: number): number {
  return degrees * RADIANS;
}

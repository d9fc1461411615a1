import type { DatumShift, Ellipsoid, ProjectionMethod, SystemDefinition } from "./definition.ts";

/** Words that stand without a value. */
export const FLAGS: ReadonlySet<string> = new Set(["no_uoff", "hyperbolic"]);

/**
 * The projection alone as a proj string: on its own ellipsoid and prime meridian, in metres, easting and northing. Datum, unit and axes are ours to do.
 * The origin is always written: proj4 takes what is missing for NaN in some projections.
 */
export function projectionToProj({ method, parameters }: ProjectionMethod, ellipsoid: Ellipsoid): string {
  const origin = method === "omerc" ? { lat_0: 0, x_0: 0, y_0: 0 } : { lat_0: 0, lon_0: 0, x_0: 0, y_0: 0 };
  const words = Object.entries({ ...origin, ...parameters }).map(([key, value]) =>
    FLAGS.has(key) ? `+${key}` : `+${key}=${value}`,
  );
  // proj4's exact series for Transverse Mercator wants an ellipsoid; the formulas of the sphere are the approximate ones'.
  if (method === "tmerc" && ellipsoid.rf === 0) words.push("+approx");
  return `+proj=${method} ${words.join(" ")} ${ellipsoidToProj(ellipsoid)} +no_defs`;
}

function ellipsoidToProj({ a, rf }: Ellipsoid): string {
  return rf === 0 ? `+a=${a} +b=${a}` : `+a=${a} +rf=${rf}`;
}

/** The whole system as a proj string: datum shift, prime meridian, unit and axes too. */
export function definitionToProj(definition: SystemDefinition): string {
  const { base, projection, unit, directions } = definition;
  if (projection === null) return geographicToProj(base);
  const words = [projectionToProj(projection, base.ellipsoid).replace(" +no_defs", "")];
  if (directions !== "en") words.push(`+axis=${directions}u`);
  if (base.primeMeridian.degrees !== 0) words.push(`+pm=${base.primeMeridian.degrees}`);
  words.push(shiftToProj(base.shift), unit.size === 1 ? "+units=m" : `+to_meter=${unit.size}`, "+no_defs +type=crs");
  return words.filter((word) => word !== "").join(" ");
}

function geographicToProj({ ellipsoid, primeMeridian, shift }: SystemDefinition["base"]): string {
  const meridian = primeMeridian.degrees === 0 ? "" : `+pm=${primeMeridian.degrees}`;
  const words = [`+proj=longlat ${ellipsoidToProj(ellipsoid)}`, meridian, shiftToProj(shift), "+no_defs +type=crs"];
  return words.filter((word) => word !== "").join(" ");
}

function shiftToProj(shift: DatumShift): string {
  if (shift.kind === "null") return "+towgs84=0,0,0,0,0,0,0";
  return shift.kind === "helmert" && shift.parameters.length <= 7 ? `+towgs84=${shift.parameters.join(",")}` : "";
}

import type { Ellipsoid, ProjectionMethod } from "../definition.ts";
import { eccentricitySquared } from "../datum.ts";
import { cassini } from "./cassini.ts";
import { checked, polished, UNSURE_FAR_AWAY } from "./checked.ts";
import { colombiaUrban } from "./colombia_urban.ts";
import { equalEarth } from "./equal_earth.ts";
import { equidistantCylindrical } from "./equidistant_cylindrical.ts";
import { lambertAzimuthal } from "./lambert_azimuthal.ts";
import type { Parameters, Projection } from "./projection.ts";

export { authalicRadius } from "./authalic.ts";
export type { Projection } from "./projection.ts";

const OWN: Readonly<Record<string, (a: number, es: number, get: Parameters) => Projection>> = {
  cass: cassini,
  col_urban: colombiaUrban,
  eqc: equidistantCylindrical,
  eqearth: equalEarth,
  laea: lambertAzimuthal,
};

/** Parameters that are not angles. */
const LENGTHS: ReadonlySet<string> = new Set(["x_0", "y_0", "k_0", "h_0", "hyperbolic"]);

const parametersOf = (parameters: Readonly<Record<string, number>>): Parameters => {
  return (key) => (LENGTHS.has(key) ? 1 : Math.PI / 180) * (parameters[key] ?? 0);
};

/**
 * A projection of our own where proj4's is not exact, else proj4's, with a check where it gives wrong points far from its origin.
 * @param fromProj4 makes proj4's
 */
export function createProjection(
  { method, parameters }: ProjectionMethod,
  ellipsoid: Ellipsoid,
  fromProj4: () => Projection,
): Projection {
  const get = parametersOf(parameters);
  const make = Object.hasOwn(OWN, method) && !(method === "cass" && ellipsoid.rf === 0) ? OWN[method] : undefined;
  if (make !== undefined) return make(ellipsoid.a, eccentricitySquared(ellipsoid), get);
  const projection = method === "nzmg" ? polished(fromProj4()) : fromProj4();
  return UNSURE_FAR_AWAY.has(method) ? checked(projection, get) : projection;
}

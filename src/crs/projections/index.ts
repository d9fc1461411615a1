import type { Ellipsoid } from "../definition.ts";
import { eccentricitySquared } from "../datum.ts";
import { cassini } from "./cassini.ts";
import { colombiaUrban } from "./colombia_urban.ts";
import type { Parameters, Projection } from "./projection.ts";

export type { Projection } from "./projection.ts";

const OWN: Readonly<Record<string, (a: number, es: number, get: Parameters) => Projection>> = {
  cass: cassini,
  col_urban: colombiaUrban,
};

/** Parameters that are not angles. */
const LENGTHS: ReadonlySet<string> = new Set(["x_0", "y_0", "k_0", "h_0", "hyperbolic"]);

/** A projection of our own, undefined where proj4's is exact. */
export function ownProjection(
  method: string,
  ellipsoid: Ellipsoid,
  parameters: Readonly<Record<string, number>>,
): Projection | undefined {
  const make = Object.hasOwn(OWN, method) ? OWN[method] : undefined;
  return make?.(ellipsoid.a, eccentricitySquared(ellipsoid), (key) => {
    const value = parameters[key] ?? 0;
    return LENGTHS.has(key) ? value : (value * Math.PI) / 180;
  });
}

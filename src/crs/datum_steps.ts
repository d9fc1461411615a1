import { TilthError } from "../core/index.ts";
import { helmertStep, type DatumStep } from "./datum.ts";
import type { DatumShift, Geographic } from "./definition.ts";
import { geographicOfWgs84 } from "./wgs84.ts";

/** Both ways between two datums, in order; empty when the coordinates are the same. */
export interface DatumSteps {
  readonly forward: readonly DatumStep[];
  readonly backward: readonly DatumStep[];
  /** Expected accuracy, metres; 0 on the same datum, null when nobody says. */
  readonly accuracyM: number | null;
  /** What is done, in words. */
  readonly method: string;
}

/**
 * The way from one datum to another: none on the same datum, else by WGS 84.
 * @throws `crs.unsupported` when one of the two has no known way to WGS 84
 */
export function datumSteps(from: Geographic, to: Geographic): DatumSteps {
  if (sameDatum(from, to)) return { forward: [], backward: [], accuracyM: 0, method: "" };
  const up = stepsToWgs84(from);
  const down = stepsToWgs84(to);
  return {
    forward: [...up.forward, ...down.backward],
    backward: [...down.forward, ...up.backward],
    accuracyM: from.accuracyM === null || to.accuracyM === null ? null : from.accuracyM + to.accuracyM,
    method: [describe(from), describe(to)].filter((text) => text !== "").join(", then the inverse of "),
  };
}

/**
 * Same geographic code, the same figure under the same name, or the same figure with the same way to WGS 84 (a datum and its form with another
 * meridian). The prime meridian is not part of it: longitudes are counted from Greenwich here.
 */
export function sameDatum(a: Geographic, b: Geographic): boolean {
  if (a.code !== null && a.code === b.code) return true;
  if (a.ellipsoid.a !== b.ellipsoid.a || Math.abs(a.ellipsoid.rf - b.ellipsoid.rf) > 1e-9) return false;
  return a.datumName === b.datumName || sameShift(a.shift, b.shift);
}

function sameShift(a: DatumShift, b: DatumShift): boolean {
  if (a.kind !== "helmert" || b.kind !== "helmert" || a.parameters.length !== b.parameters.length) return false;
  return a.parameters.every((value, i) => value === b.parameters[i]);
}

function describe({ name, shift, operation }: Geographic): string {
  if (shift.kind !== "helmert") return "";
  return `${name} to WGS 84 by ${operation === null ? "Helmert" : `EPSG operation ${operation}`} (${shift.parameters.length} parameters)`;
}

function stepsToWgs84(base: Geographic): Pick<DatumSteps, "forward" | "backward"> {
  const { shift, ellipsoid } = base;
  const wgs84 = geographicOfWgs84.ellipsoid;
  if (shift.kind === "null") return { forward: [], backward: [] };
  if (shift.kind !== "helmert") throw noWay(base, shift);
  return {
    forward: [helmertStep(ellipsoid, wgs84, shift.parameters, false)],
    backward: [helmertStep(wgs84, ellipsoid, shift.parameters, true)],
  };
}

function noWay({ name, code }: Geographic, shift: DatumShift): TilthError {
  const wanted =
    shift.kind === "grid"
      ? `the datum grid ${shift.grid}, which is not at hand`
      : "a transformation that EPSG does not publish";
  const message = `expected a known way from ${name} to WGS 84, got a datum that needs ${wanted}; systems on the same datum can be used together`;
  return new TilthError("crs.unsupported", message, {
    fields: { crs: code === null ? name : `EPSG:${code}`, ...(shift.kind === "grid" ? { grid: shift.grid } : {}) },
  });
}

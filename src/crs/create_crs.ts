import type { Crs } from "./crs_type.ts";
import { EARTH_RADIUS_M } from "./crs_type.ts";
import type { Point } from "./datum.ts";
import type { SystemDefinition } from "./definition.ts";
import { createProjector, type Projector } from "./projector.ts";
import { registerSystem } from "./system.ts";
import { tryChange } from "./transform.ts";
import { geographicOfWgs84 } from "./wgs84.ts";
import { datumSteps, type DatumSteps } from "./datum_steps.ts";

const DEGREES = 180 / Math.PI;

/**
 * A system out of its definition.
 * @param text from which the same system can be made again
 * @throws `crs.unsupported` when its projection cannot be computed
 */
export function createCrs(definition: SystemDefinition, text: string): Crs {
  const projector = createProjector(definition);
  const { base, unit, projection } = definition;
  let steps: DatumSteps | undefined;
  const toWgs84 = (): DatumSteps => (steps ??= datumSteps(base, geographicOfWgs84));
  const crs: Crs = {
    code: definition.code,
    name: definition.name,
    definition: text,
    axisOrder: definition.axisOrder,
    kind: projection === null ? "geographic" : "projected",
    unit: unit.name,
    metresPerUnit: projection === null ? (unit.size * 2 * Math.PI * EARTH_RADIUS_M) / 360 : unit.size,
    areaOfUse: definition.areaOfUse,
    accuracyM: base.accuracyM,
    separable: projection === null || (SEPARABLE.has(projection.method) && base.shift.kind === "null"),
    toLonLat: (x, y) => toLonLat(projector, toWgs84(), x, y),
    fromLonLat: (lon, lat) => fromLonLat(projector, toWgs84(), lon, lat),
  };
  return registerSystem(crs, { base, projector, definition, method: projection?.method ?? "" });
}

/** Cylindrical projections in normal aspect. */
const SEPARABLE: ReadonlySet<string> = new Set(["merc", "eqc", "cea", "mill"]);

function toLonLat(projector: Projector, steps: DatumSteps, x: number, y: number): [number, number] {
  return finite({ x, y }, (point) => {
    projector.toGeodetic(point);
    for (const step of steps.forward) step(point);
    point.x *= DEGREES;
    point.y *= DEGREES;
  });
}

function fromLonLat(projector: Projector, steps: DatumSteps, lon: number, lat: number): [number, number] {
  return finite({ x: lon / DEGREES, y: lat / DEGREES }, (point) => {
    for (const step of steps.backward) step(point);
    projector.fromGeodetic(point);
  });
}

function finite(point: Point, change: (point: Point) => void): [number, number] {
  return tryChange(change, point) ? [point.x, point.y] : [Number.NaN, Number.NaN];
}

import proj4 from "proj4";
import { TilthError } from "../core/index.ts";
import { COMPUTED_METHODS } from "./computed_methods.ts";
import { eccentricitySquared, type Point } from "./datum.ts";
import type { Ellipsoid, ProjectionMethod, SystemDefinition } from "./definition.ts";
import { projectionToProj } from "./proj_string.ts";
import { authalicRadius, createProjection, type Projection } from "./projections/index.ts";
import { wrap } from "./wrap.ts";

/** Between the coordinates of a system and lon/lat radians from Greenwich on its own datum; the point is changed in place. May throw for a point without image. */
export interface Projector {
  readonly toGeodetic: (point: Point) => void;
  readonly fromGeodetic: (point: Point) => void;
}

const RADIANS = Math.PI / 180;

/** A latitude beyond the pole is a point outside of the projection's domain; the pole itself may come out 1e-10 beyond. */
const QUARTER = Math.PI / 2 + 1e-10;

/** 25 times around the Earth: what lies farther (the antipode of a stereographic pole) is no place on a map. */
const FARTHEST_M = 1e9;

/** The arithmetic of one system. @throws `crs.unsupported` when proj4 has no such projection */
export function createProjector(definition: SystemDefinition): Projector {
  const { projection } = definition;
  if (projection !== null) requireComputed(definition, projection);
  return projection === null ? geographicProjector(definition) : planeProjector(definition, projection);
}

/** proj4 has no scale for Cylindrical Equal Area, and Orthographic only on the sphere. */
function requireComputed({ code, base }: SystemDefinition, { method, parameters }: ProjectionMethod): void {
  const scaled = method === "cea" && (parameters["k_0"] ?? 1) !== 1;
  const flattened = method === "ortho" && base.ellipsoid.rf !== 0;
  if (COMPUTED_METHODS.has(method) && !scaled && !flattened) return;
  const what = `${method}${scaled ? " with a scale factor" : flattened ? " of an ellipsoid" : ""}`;
  throw new TilthError("crs.unsupported", `expected a projection that is exact here, got ${what} for ${code}`, {
    fields: { crs: code, projection: method },
  });
}

function geographicProjector({ base, unit }: SystemDefinition): Projector {
  const meridian = base.primeMeridian.degrees * RADIANS;
  const size = unit.size * RADIANS;
  return {
    toGeodetic(point) {
      point.x = point.x * size + meridian;
      point.y = point.y * size;
      if (Math.abs(point.y) > QUARTER) point.y = Number.NaN;
    },
    fromGeodetic(point) {
      point.x = wrap(point.x - meridian) / size;
      point.y = point.y / size;
    },
  };
}

function planeProjector(definition: SystemDefinition, plane: ProjectionMethod): Projector {
  const ellipsoid = figureOf(plane, definition.base.ellipsoid);
  const projection = createProjection(plane, ellipsoid, () => proj4Projection(definition, plane, ellipsoid));
  const meridian = definition.base.primeMeridian.degrees * RADIANS;
  const { size } = definition.unit;
  const [east, north] = [
    definition.directions.includes("w") ? -size : size,
    definition.directions.includes("s") ? -size : size,
  ];
  const swapped = /^[ns]/.test(definition.directions);
  return {
    toGeodetic(point) {
      const { x, y } = point;
      point.x = (swapped ? y : x) * east;
      point.y = (swapped ? x : y) * north;
      const image = projection.inverse(point);
      point.x = Math.abs(image.y) <= QUARTER ? wrap(image.x + meridian) : Number.NaN;
      point.y = image.y;
    },
    fromGeodetic(point) {
      point.x = wrap(point.x - meridian);
      const image = projection.forward(point);
      const x = Math.abs(image.x) < FARTHEST_M ? image.x / east : Number.NaN;
      const y = Math.abs(image.y) < FARTHEST_M ? image.y / north : Number.NaN;
      point.x = swapped ? y : x;
      point.y = swapped ? x : y;
    },
  };
}

/** Projections of the sphere that PROJ puts on the sphere of the same area when the system has an ellipsoid. */
const ON_AUTHALIC_SPHERE: ReadonlySet<string> = new Set(["mill", "vandg"]);

function figureOf({ method }: ProjectionMethod, ellipsoid: Ellipsoid): Ellipsoid {
  if (!ON_AUTHALIC_SPHERE.has(method)) return ellipsoid;
  return { name: "authalic sphere", a: authalicRadius(ellipsoid.a, eccentricitySquared(ellipsoid)), rf: 0 };
}

/** proj4's projection, when it gives an image for at least one of some points on the meridian of origin: proj4 says nothing of parameters that it cannot use. */
function proj4Projection({ code }: SystemDefinition, plane: ProjectionMethod, ellipsoid: Ellipsoid): Projection {
  const text = projectionToProj(plane, ellipsoid);
  let cause: unknown;
  try {
    const projection = new proj4.Proj(text) as unknown as Projection;
    if (PROBES.some((degrees) => hasImage(projection, plane, degrees * RADIANS))) return projection;
  } catch (error) {
    cause = error;
  }
  throw new TilthError("crs.unsupported", `expected a projection that can be computed, got '${text}' for ${code}`, {
    fields: { crs: code },
    cause,
  });
}

/** Latitudes at which a projection of any aspect has an image at one at least. */
const PROBES = [-60, -20, 20, 60];

function hasImage(projection: Projection, { parameters }: ProjectionMethod, latitude: number): boolean {
  const longitude = (parameters["lon_0"] ?? parameters["lonc"] ?? 0) * RADIANS;
  const image = projection.forward({ x: longitude, y: latitude });
  return Number.isFinite(image.x) && Number.isFinite(image.y);
}

import type { Geographic, ProjectionMethod, SystemDefinition, Unit } from "../definition.ts";
import { definitionToProj } from "../proj_string.ts";
import { wkt1MethodOf } from "./wkt1_methods.ts";

const RADIANS = Math.PI / 180;

/** At most 15 significant digits, as GDAL writes numbers: sexagesimal fractions and feet come out as they were meant. */
const number = (value: number): string => String(Number(value.toPrecision(15)));
const quoted = (text: string): string => `"${text.replaceAll('"', "")}"`;

/** A node of well-known text; empty parts are left out. */
function node(keyword: string, ...parts: readonly string[]): string {
  return `${keyword}[${parts.filter((part) => part !== "").join(",")}]`;
}

const authority = (code: number | null): string => (code === null ? "" : node("AUTHORITY", '"EPSG"', `"${code}"`));

function angularUnit({ name, size }: Unit): string {
  return node("UNIT", quoted(name), number(size * RADIANS));
}

/** GEOGCS of OGC 01-009 section 7; longitudes of meridians in degrees, as GDAL writes them, whatever the unit. */
function geographicNode(base: Geographic, axes: string): string {
  const { ellipsoid, primeMeridian, shift, code } = base;
  const parameters = shift.kind === "helmert" ? shift.parameters : [];
  const toWgs84 = code === null && parameters.length > 0 ? node("TOWGS84", ...padded(parameters).map(number)) : "";
  const spheroid = node("SPHEROID", quoted(ellipsoid.name), number(ellipsoid.a), number(ellipsoid.rf));
  const meridian = node("PRIMEM", quoted(primeMeridian.name), number(primeMeridian.degrees));
  const datum = node("DATUM", quoted(base.datumName), spheroid, toWgs84);
  return node("GEOGCS", quoted(base.name), datum, meridian, angularUnit(base.unit), axes, authority(code));
}

const padded = (parameters: readonly number[]): number[] => Array.from({ length: 7 }, (_, i) => parameters[i] ?? 0);

const DIRECTIONS: Readonly<Record<string, string>> = {
  e: 'AXIS["Easting",EAST]',
  n: 'AXIS["Northing",NORTH]',
  w: 'AXIS["Westing",WEST]',
  s: 'AXIS["Southing",SOUTH]',
};

function planeAxes({ directions, axisOrder, projection }: SystemDefinition): string {
  const pole = POLAR.has(projection?.method ?? "") ? (projection?.parameters["lat_0"] ?? 0) : 0;
  const axes = directions.split("").map((letter) => DIRECTIONS[letter] ?? "");
  const text = (axisOrder === "yx" ? axes.toReversed() : axes).join(",");
  return Math.abs(pole) === 90 ? text.replaceAll(/EAST|NORTH/g, pole > 0 ? "SOUTH" : "NORTH") : text;
}

/** From a pole every direction is south (or north), which is how GDAL writes the axes there. */
const POLAR: ReadonlySet<string> = new Set(["stere", "laea"]);

/** PROJECTION, its PARAMETERs in the units of the system, and UNIT; an EXTENSION node where the dialect has no name for the method. */
function projectionNodes(definition: SystemDefinition, projection: ProjectionMethod): string[] {
  const { base, unit } = definition;
  const method = wkt1MethodOf(projection, definition.directions);
  const length = node("UNIT", quoted(unit.name), number(unit.size));
  const axes = planeAxes(definition);
  if (method === undefined) {
    const extension = node("EXTENSION", '"PROJ4"', quoted(definitionToProj(definition)));
    return [node("PROJECTION", '"custom_proj4"'), length, planeAxes({ ...definition, axisOrder: "xy" }), extension];
  }
  const inUnits = (key: string): number => {
    const value = valueOf(projection, key);
    return UNITLESS.has(key) ? value : value / (METRES.has(key) ? unit.size : base.unit.size);
  };
  const falses = method.parameters.some(([, key]) => key === "x_0") ? [] : FALSE_ORIGIN;
  const parameters = [...method.parameters, ...falses]
    .filter(([, key]) => key !== "k_0" || projection.parameters["lat_ts"] === undefined)
    .map(([label, key]) => node("PARAMETER", quoted(label), number(inUnits(key))));
  return [node("PROJECTION", quoted(method.name)), ...parameters, length, axes];
}

const FALSE_ORIGIN = [
  ["false_easting", "x_0"],
  ["false_northing", "y_0"],
] as const;
const UNITLESS: ReadonlySet<string> = new Set(["k_0"]);
const METRES: ReadonlySet<string> = new Set(["x_0", "y_0", "h_0"]);

/** What PROJ takes where a proj string says nothing. */
function valueOf({ method, parameters }: ProjectionMethod, key: string): number {
  if (key === "pseudo") return 78.5;
  if (method === "somerc" && (key === "alpha" || key === "gamma")) return 90;
  const written = parameters[method === "somerc" && key === "lonc" ? "lon_0" : key];
  if (written !== undefined) return written;
  if (key === "alpha" && method === "krovak") return 30.2881397527778;
  return key === "k_0" ? 1 : key === "gamma" ? (parameters["alpha"] ?? 0) : 0;
}

/** OGC 01-009 well-known text in GDAL's dialect, with AXIS and, for systems of EPSG, AUTHORITY. */
export function definitionToWkt1(definition: SystemDefinition): string {
  const { projection, base, name, code } = definition;
  if (projection === null) {
    const axes = ['AXIS["Latitude",NORTH]', 'AXIS["Longitude",EAST]'];
    return geographicNode(base, (definition.axisOrder === "yx" ? axes : axes.toReversed()).join(","));
  }
  const epsg = /^EPSG:(\d+)$/.exec(code)?.[1];
  return node(
    "PROJCS",
    quoted(name),
    geographicNode(base, ""),
    ...projectionNodes(definition, projection),
    epsg === undefined ? "" : authority(Number(epsg)),
  );
}

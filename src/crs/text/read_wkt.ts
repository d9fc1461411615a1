import type { Ellipsoid, Unit } from "../definition.ts";
import type { RawGeographic, RawParameter, RawSystem } from "./raw_system.ts";
import { unsupportedText, invalidText } from "./text_limits.ts";
import { child, type WktNode } from "./wkt_tree.ts";

const DEGREE: Unit = { name: "degree", size: 1 };
const METRE: Unit = { name: "metre", size: 1 };
const DEGREES = 180 / Math.PI;

const PROJECTED = new Set(["PROJCS", "PROJCRS", "PROJECTEDCRS", "BASEPROJCRS"]);
const GEOGRAPHIC = new Set([
  "GEOGCS",
  "GEOGCRS",
  "GEOGRAPHICCRS",
  "GEODCRS",
  "GEODETICCRS",
  "BASEGEOGCRS",
  "BASEGEODCRS",
]);

/**
 * A system out of the tree of well-known text: OGC 01-009 (GDAL's and ESRI's dialects) and ISO 19162 (2015, 2019).
 * @throws `crs.invalid`, `crs.unsupported`
 */
export function readWkt(root: WktNode): RawSystem {
  if (root.keyword === "BOUNDCRS") return readBound(root);
  if (root.keyword === "COMPD_CS" || root.keyword === "COMPOUNDCRS")
    return readWkt(required(root, ...PROJECTED, ...GEOGRAPHIC));
  if (PROJECTED.has(root.keyword)) return readProjected(root);
  if (GEOGRAPHIC.has(root.keyword)) return geographicSystem(root);
  throw unsupportedText(`a ${root.keyword} where a projected or geographic system was expected`, nameOf(root));
}

function readBound(root: WktNode): RawSystem {
  const source = required(root, "SOURCECRS").nodes[0];
  if (source === undefined) throw invalidText("a system in SOURCECRS", nameOf(root));
  const transformation = required(root, "ABRIDGEDTRANSFORMATION");
  const system = readWkt(source);
  const shift = boundShift(transformation, system.name);
  return { ...system, epsg: null, geographic: { ...system.geographic, epsg: null, ...shift } };
}

/** Parameters of EPSG codes 8605 to 8611; a coordinate frame rotation (EPSG 9607) turns the other way than a position vector (9606). */
function boundShift(node: WktNode, name: string): Pick<RawGeographic, "toWgs84" | "grid"> {
  const method = nameOf(required(node, "METHOD")).toLowerCase();
  const file = child(node, "PARAMETERFILE");
  if (file !== undefined) return { toWgs84: null, grid: file.values[1] ?? "unnamed" };
  const values = node.nodes.filter(({ keyword }) => keyword === "PARAMETER").map((parameter) => numberAt(parameter, 1));
  if (!/geocentric translations|position vector|coordinate frame/.test(method) || values.length < 3) {
    throw unsupportedText(`the transformation '${method}'`, name);
  }
  if (values.length < 7) return { toWgs84: values.slice(0, 3), grid: null };
  const sign = method.includes("coordinate frame") ? -1 : 1;
  const [x = 0, y = 0, z = 0, rx = 0, ry = 0, rz = 0, scale = 0] = values;
  // The abridged form writes the scale as a factor (ISO 19162, 15.2): 1.000001 is 1 part per million.
  return {
    toWgs84: [x, y, z, sign * rx, sign * ry, sign * rz, Math.abs(scale - 1) < 0.1 ? (scale - 1) * 1e6 : scale],
    grid: null,
  };
}

function geographicSystem(node: WktNode): RawSystem {
  const geographic = readGeographic(node);
  const { name, epsg, unit } = geographic;
  return { name, epsg, geographic, method: null, unit, directions: directionsOf(node), proj: null };
}

function readGeographic(node: WktNode): RawGeographic {
  const datum = child(node, "DATUM", "GEODETICDATUM", "TRF", "ENSEMBLE");
  if (datum === undefined) throw invalidText("a DATUM", nameOf(node));
  const unit = angularUnit(node) ?? DEGREE;
  const shift = child(datum, "TOWGS84");
  const extension = datum.nodes.find(({ keyword, values }) => keyword === "EXTENSION" && values[0] === "PROJ4_GRIDS");
  return {
    name: nameOf(node),
    epsg: epsgOf(node),
    datumName: nameOf(datum),
    ellipsoid: readEllipsoid(datum),
    primeMeridian: readMeridian(node),
    unit,
    toWgs84: shift === undefined ? null : shift.values.map(Number),
    grid: extension?.values[1] ?? null,
  };
}

function readEllipsoid(datum: WktNode): Ellipsoid {
  const node = required(datum, "SPHEROID", "ELLIPSOID");
  const size = child(node, "LENGTHUNIT", "UNIT");
  const a = numberAt(node, 1) * (size === undefined ? 1 : numberAt(size, 1));
  return { name: nameOf(node), a, rf: numberAt(node, 2) };
}

/** GDAL's first version writes the meridian in degrees whatever the unit; the second version says the unit, or it is the system's. */
function readMeridian(node: WktNode): { name: string; degrees: number } {
  const meridian = child(node, "PRIMEM", "PRIMEMERIDIAN");
  if (meridian === undefined) return { name: "Greenwich", degrees: 0 };
  const unit = child(meridian, "ANGLEUNIT", "UNIT");
  return {
    name: nameOf(meridian),
    degrees: numberAt(meridian, 1) * (unit === undefined ? 1 : numberAt(unit, 1) * DEGREES),
  };
}

function readProjected(node: WktNode): RawSystem {
  const geographic = readGeographic(required(node, ...GEOGRAPHIC));
  const conversion = child(node, "CONVERSION");
  const method = conversion === undefined ? required(node, "PROJECTION") : required(conversion, "METHOD", "PROJECTION");
  const unit = linearUnit(node);
  const parameters = (conversion ?? node).nodes
    .filter(({ keyword }) => keyword === "PARAMETER")
    .map((parameter) => readParameter(parameter, geographic.unit, unit));
  const proj =
    node.nodes.find(({ keyword, values }) => keyword === "EXTENSION" && values[0] === "PROJ4")?.values[1] ?? null;
  return {
    name: nameOf(node),
    epsg: epsgOf(node),
    geographic,
    method: { name: nameOf(method), parameters },
    unit,
    directions: directionsOf(node),
    proj,
  };
}

const LENGTH = /easting|northing|height/i;
const SCALE = /scale|scaling/i;

function readParameter(node: WktNode, angle: Unit, length: Unit): RawParameter {
  const name = nameOf(node);
  const written = child(node, "ANGLEUNIT", "LENGTHUNIT", "SCALEUNIT", "UNIT");
  const value = numberAt(node, 1);
  if (written !== undefined) {
    const size = numberAt(written, 1) * (LENGTH.test(name) || SCALE.test(name) ? 1 : DEGREES);
    return { name, value: Number((value * size).toPrecision(15)) };
  }
  return { name, value: value * (SCALE.test(name) ? 1 : LENGTH.test(name) ? length.size : angle.size) };
}

function angularUnit(node: WktNode): Unit | undefined {
  const unit =
    child(node, "ANGLEUNIT", "UNIT") ?? node.nodes.filter(isAxis).map((axis) => child(axis, "ANGLEUNIT", "UNIT"))[0];
  return unit === undefined ? undefined : { name: nameOf(unit), size: rounded(numberAt(unit, 1) * DEGREES) };
}

/** One degree is written as 0.0174532925199433 radian: back to 1 exactly. */
function rounded(size: number): number {
  const nice = Number(size.toPrecision(13));
  return Math.abs(nice - size) < 1e-13 ? nice : size;
}

function linearUnit(node: WktNode): Unit {
  const unit =
    child(node, "LENGTHUNIT", "UNIT") ?? node.nodes.filter(isAxis).map((axis) => child(axis, "LENGTHUNIT", "UNIT"))[0];
  return unit === undefined ? METRE : { name: nameOf(unit), size: numberAt(unit, 1) };
}

const isAxis = ({ keyword }: WktNode): boolean => keyword === "AXIS";

function directionsOf(node: WktNode): string[] {
  return node.nodes.filter(isAxis).map(({ values }) => (values[1] ?? "").toLowerCase());
}

/** Code of `AUTHORITY["EPSG","2056"]` or `ID["EPSG",2056]`. */
function epsgOf(node: WktNode): number | null {
  const id = child(node, "AUTHORITY", "ID");
  const code = Number(id?.values[1]);
  return id?.values[0]?.toUpperCase() === "EPSG" && Number.isInteger(code) ? code : null;
}

function required(node: WktNode, ...keywords: readonly string[]): WktNode {
  const found = child(node, ...keywords);
  if (found === undefined) throw invalidText(`${keywords[0]} in ${node.keyword}`, nameOf(node));
  return found;
}

const nameOf = (node: WktNode): string => (node.values[0] ?? "").slice(0, 200);

function numberAt(node: WktNode, index: number): number {
  const value = Number(node.values[index]);
  if (node.values[index] === undefined || !Number.isFinite(value))
    throw invalidText(`a number in ${node.keyword}`, nameOf(node));
  return value;
}

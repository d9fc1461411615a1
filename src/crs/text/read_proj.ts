import type { DatumShift, Ellipsoid, Geographic, ProjectionMethod, SystemDefinition, Unit } from "../definition.ts";
import { findGeographic, utm } from "../epsg_lookup.ts";
import { findUnit, findUnitBySize } from "../units.ts";
import { geographicOfWgs84 } from "../wgs84.ts";
import { COMPUTED_METHODS } from "../computed_methods.ts";
import { DATUMS, ELLIPSOIDS, MERIDIANS, UNITS } from "./proj_words.ts";
import { invalidText, requireFigure, unsupportedText } from "./text_limits.ts";

type Words = ReadonlyMap<string, string>;

/** Words of a projection that are read; angles in degrees, lengths in metres. */
const PARAMETERS = new Set("lat_0 lon_0 lonc lat_1 lat_2 lat_ts k_0 x_0 y_0 alpha gamma h_0 h sweep".split(" "));
const FLAGS = new Set(["no_uoff", "hyperbolic"]);
/** Words that say nothing that we do not do. */
const IGNORED = new Set(
  "proj no_defs type wktext over title ellps datum a b rf R towgs84 nadgrids pm units to_meter axis zone south k no_off".split(
    " ",
  ),
);

/**
 * A system out of a proj string; EPSG:3857 by its code.
 * @throws `crs.invalid`, `crs.unsupported`
 */
export function projToDefinition(text: string, code: string): SystemDefinition | string {
  const words = wordsOf(text);
  const proj = words.get("proj");
  if (proj === undefined) throw invalidText("+proj= in a proj string", text);
  if (isWebMercator(words)) return "EPSG:3857";
  const known = [...words.keys()].filter((word) => !IGNORED.has(word) && !PARAMETERS.has(word) && !FLAGS.has(word));
  if (known.length > 0) throw unsupportedText(`'+${known[0]}'`, text);
  const base = geographicOf(words, text);
  const projection = GEOGRAPHIC.has(proj) ? null : projectionOf(proj, words, text);
  return {
    code,
    name: text.trim().slice(0, 80),
    base,
    projection,
    unit: projection === null ? base.unit : unitOf(words, text),
    axisOrder: "xy",
    directions: directionsOf(words, text),
    areaOfUse: [-180, -90, 180, 90],
  };
}

const GEOGRAPHIC = new Set(["longlat", "latlong", "lonlat", "latlon"]);

function wordsOf(text: string): Words {
  const words = text.trim().split(/\s+/);
  return new Map(
    words.map((word): [string, string] => {
      const [, key = "", value = "1"] = /^\+?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
      return [key, value];
    }),
  );
}

/** Sphere of the WGS 84 axis without datum, no false origin: what every service writes for web mercator. */
function isWebMercator(words: Words): boolean {
  const sphere = words.get("a") === "6378137" && words.get("b") === "6378137" && words.get("nadgrids") === "@null";
  const zero = ["lon_0", "lat_ts", "x_0", "y_0"].every((key) => Number(words.get(key) ?? 0) === 0);
  const plain = Number(words.get("k") ?? words.get("k_0") ?? 1) === 1 && (words.get("units") ?? "m") === "m";
  return (words.get("proj") === "merc" && sphere && zero && plain) || words.get("proj") === "webmerc";
}

function numberOf(words: Words, key: string, text: string): number {
  const value = Number(words.get(key));
  if (!Number.isFinite(value)) throw invalidText(`a number for +${key}`, text);
  return value;
}

function projectionOf(proj: string, words: Words, text: string): ProjectionMethod {
  if (proj === "utm") {
    const zone = numberOf(words, "zone", text);
    if (!Number.isInteger(zone) || zone < 1 || zone > 60) throw invalidText("+zone= from 1 to 60", text);
    return utm(zone, words.has("south"));
  }
  if (!COMPUTED_METHODS.has(proj)) throw unsupportedText(`the projection '${proj.slice(0, 30)}'`, text);
  const parameters: Record<string, number> = {};
  for (const key of words.keys()) {
    if (FLAGS.has(key)) parameters[key] = 1;
    else if (PARAMETERS.has(key)) parameters[key] = numberOf(words, key, text);
    else if (key === "k") parameters["k_0"] = numberOf(words, key, text);
  }
  if (proj === "omerc" && words.has("no_off")) parameters["no_uoff"] = 1;
  return { method: proj, parameters: proj === "lcc" ? oneParallel(parameters) : parameters };
}

/** PROJ takes the latitude of origin for the parallel, and the one parallel for the latitude of origin. */
function oneParallel(parameters: Record<string, number>): Record<string, number> {
  const { lat_1: first, lat_2: second, lat_0: origin } = parameters;
  if (second !== undefined) return parameters;
  return { ...parameters, lat_0: origin ?? first ?? 0, lat_1: first ?? origin ?? 0 };
}

function unitOf(words: Words, text: string): Unit {
  const size = words.get("to_meter");
  if (size !== undefined) {
    const [over = Number.NaN, under = 1] = size.split("/").map(Number);
    const metres = over / under;
    if (!(metres > 0)) throw invalidText("a positive number for +to_meter", text);
    return findUnitBySize(metres) ?? { name: "unnamed", size: metres };
  }
  const word = words.get("units") ?? "m";
  const unit = Object.hasOwn(UNITS, word) ? findUnit(UNITS[word] as string) : null;
  if (unit === null) throw unsupportedText(`the unit '${word.slice(0, 30)}'`, text);
  return unit;
}

function directionsOf(words: Words, text: string): string {
  const axis = words.get("axis") ?? "enu";
  if (!/^(?:[ew][ns]|[ns][ew])u$/.test(axis)) throw unsupportedText(`'+axis=${axis.slice(0, 10)}'`, text);
  return axis.slice(0, 2);
}

function geographicOf(words: Words, text: string): Geographic {
  const meridian = meridianOf(words, text);
  const datum = words.get("datum");
  const code = datum === undefined ? undefined : Object.hasOwn(DATUMS, datum) ? DATUMS[datum] : null;
  if (code === null) throw unsupportedText(`the datum '${datum?.slice(0, 30)}'`, text);
  const known = code === undefined ? null : findGeographic(code);
  if (known !== null && !words.has("towgs84") && !words.has("nadgrids")) return { ...known, primeMeridian: meridian };
  const ellipsoid = known?.ellipsoid ?? requireFigure(ellipsoidOf(words, text), text);
  return {
    code: null,
    name: "unknown",
    datumName: `unknown_based_on_${ellipsoid.name.replaceAll(/\W+/g, "_")}_${words.get("towgs84") ?? words.get("nadgrids") ?? ""}`,
    ellipsoid,
    primeMeridian: meridian,
    shift: shiftOf(words, ellipsoid, text),
    operation: null,
    accuracyM: null,
    unit: { name: "degree", size: 1 },
  };
}

function meridianOf(words: Words, text: string): { name: string; degrees: number } {
  const word = words.get("pm") ?? "greenwich";
  const named = Object.hasOwn(MERIDIANS, word) ? MERIDIANS[word] : undefined;
  const degrees = named ?? numberOf(words, "pm", text);
  return { name: named === undefined ? "unnamed" : word.charAt(0).toUpperCase() + word.slice(1), degrees };
}

function ellipsoidOf(words: Words, text: string): Ellipsoid {
  if (words.has("R")) return { name: "sphere", a: numberOf(words, "R", text), rf: 0 };
  const word = words.get("ellps");
  if (word !== undefined && !Object.hasOwn(ELLIPSOIDS, word))
    throw unsupportedText(`the ellipsoid '${word.slice(0, 30)}'`, text);
  const named = word === undefined ? undefined : ELLIPSOIDS[word];
  if (!words.has("a")) return named ?? geographicOfWgs84.ellipsoid;
  const a = numberOf(words, "a", text);
  if (words.has("rf")) return { name: "unnamed", a, rf: numberOf(words, "rf", text) };
  const b = words.has("b") ? numberOf(words, "b", text) : a;
  return { name: "unnamed", a, rf: a === b ? 0 : a / (a - b) };
}

/** Without a word about the datum, coordinates on the figures of WGS 84 and GRS 80 are taken as WGS 84; PROJ does so for every figure, which may be 500 m off. */
function shiftOf(words: Words, ellipsoid: Ellipsoid, text: string): DatumShift {
  const shift = words.get("towgs84");
  if (shift !== undefined) {
    const parameters = shift.split(",").map(Number);
    if (![3, 7].includes(parameters.length) || !parameters.every(Number.isFinite))
      throw invalidText("3 or 7 numbers for +towgs84", text);
    return parameters.some((value) => value !== 0) ? { kind: "helmert", parameters } : { kind: "null" };
  }
  const grid = words.get("nadgrids");
  if (grid !== undefined && grid !== "@null") return { kind: "grid", grid };
  const modern =
    ellipsoid.a === geographicOfWgs84.ellipsoid.a && Math.abs(ellipsoid.rf - geographicOfWgs84.ellipsoid.rf) < 1e-4;
  return grid === "@null" || modern ? { kind: "null" } : { kind: "unknown" };
}

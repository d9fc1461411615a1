import type { Bbox } from "../geo/index.ts";
import { findOperation } from "./datum_operations.ts";
import type { DatumShift, Ellipsoid, Geographic, ProjectionMethod, SystemDefinition, Unit } from "./definition.ts";
import { AREAS, ELLIPSOIDS, GEOGRAPHIC, METHODS, PROJECTED } from "./epsg_table.ts";
import { COMPUTED_METHODS } from "./computed_methods.ts";
import { findUnit } from "./units.ts";

/** Lines of one block by their first word; made when the first system is asked for. */
function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

const linesOf = (block: string): string[] => block.trim().split("\n");
const byCode = (block: string): Map<number, string> =>
  new Map(linesOf(block).map((line) => [Number(line.slice(0, line.indexOf("|"))), line]));

const ellipsoids = lazily(() => linesOf(ELLIPSOIDS));
const areas = lazily(() => linesOf(AREAS));
const methods = lazily(() => linesOf(METHODS));
const geographic = lazily(() => byCode(GEOGRAPHIC));
const projected = lazily(() => byCode(PROJECTED));

/** Number in base 36, as the table refers to its dictionaries. */
const at = (lines: readonly string[], index = ""): string => lines[Number.parseInt(index, 36)] ?? "";

const DEGREE: Unit = { name: "degree", size: 1 };
const METRE: Unit = { name: "metre", size: 1 };

function areaAt(index: string | undefined): Bbox {
  return at(areas(), index).split(",").map(Number) as unknown as Bbox;
}

function ellipsoidAt(index: string | undefined): Ellipsoid {
  const [name = "", a, rf] = at(ellipsoids(), index).split(",");
  return { name, a: Number(a), rf: Number(rf) };
}

/** The geographic system of that code, with the way to WGS 84 that is best for `area` (the code of the system that is asked for). */
export function findGeographic(code: number, usedBy = code): Geographic | null {
  const line = geographic().get(code);
  if (line === undefined) return null;
  const [, name = "", datum, ellipsoid, meridian, grid, , unit] = line.split("|");
  const [meridianName, degrees] = (meridian || "Greenwich,0").split(",") as [string, string];
  const own = findOperation(usedBy);
  const operation = own === undefined ? findOperation(code) : own;
  return {
    code,
    name,
    datumName: datum || name.replaceAll(/\W+/g, "_"),
    ellipsoid: ellipsoidAt(ellipsoid),
    primeMeridian: { name: meridianName, degrees: Number(degrees) },
    shift: operation?.shift ?? missingShift(grid),
    operation: operation?.code ?? null,
    accuracyM: operation?.accuracyM ?? null,
    unit: findUnit(unit || "degree") ?? DEGREE,
  };
}

function missingShift(grid: string | undefined): DatumShift {
  return grid ? { kind: "grid", grid } : { kind: "unknown" };
}

/** The system of that EPSG code out of our table, null when it is not there. */
export function findEpsg(code: number): SystemDefinition | null {
  const line = projected().get(code);
  return line === undefined ? findEpsgGeographic(code) : projectedOf(line.split("|"));
}

function findEpsgGeographic(code: number): SystemDefinition | null {
  const base = findGeographic(code);
  const [, , , , , , area, , axes] = geographic().get(code)?.split("|") ?? [];
  if (base === null) return null;
  return {
    code: `EPSG:${code}`,
    name: base.name,
    base,
    projection: null,
    unit: base.unit,
    axisOrder: axes === "x" ? "xy" : "yx",
    directions: "en",
    areaOfUse: areaAt(area),
  };
}

function projectedOf([code, name = "", baseCode, method, values, area, unit, axes]: string[]): SystemDefinition | null {
  const base = findGeographic(Number(baseCode), Number(code));
  if (base === null) return null;
  const [word = "", directions, keys = ""] = at(methods(), method).split(" ");
  return {
    code: `EPSG:${code}`,
    name: name.replace(/^~/, base.name),
    base,
    projection: projectionOf(word, keys, values),
    unit: findUnit(unit || "metre") ?? METRE,
    axisOrder: axes === "y" ? "yx" : "xy",
    directions: directions?.slice(0, 2) || "en",
    areaOfUse: areaAt(area),
  };
}

function projectionOf(method: string, keys: string, values = ""): ProjectionMethod {
  const numbers = values.split(",").map(Number);
  const parameters = Object.fromEntries(keys.split(",").map((key, i) => [key, numbers[i] ?? 0]));
  return method === "utm" ? utm(parameters["zone"] ?? 0, parameters["south"] === 1) : { method, parameters };
}

/** Transverse Mercator of one zone (EPSG method 9824 has the zone's meridian as zone * 6 - 183). */
export function utm(zone: number, south: boolean): ProjectionMethod {
  const parameters = { lat_0: 0, lon_0: zone * 6 - 183, k_0: 0.9996, x_0: 500_000, y_0: south ? 10_000_000 : 0 };
  return { method: "tmerc", parameters };
}

/** Codes and names of the systems of the table that are computed, by code. */
export function listEpsg(): { code: string; name: string; kind: "geographic" | "projected" }[] {
  const rows = [...geographic().keys()].map((code) => ({ code, kind: "geographic" as const }));
  const all = [
    ...rows,
    ...[...projected().keys()].filter(isComputed).map((code) => ({ code, kind: "projected" as const })),
  ];
  return all
    .sort((a, b) => a.code - b.code)
    .map(({ code, kind }) => ({ code: `EPSG:${code}`, name: nameOf(code), kind }));
}

function isComputed(code: number): boolean {
  const [, , , method] = projected().get(code)?.split("|") ?? [];
  const [word = ""] = at(methods(), method).split(" ");
  return word === "utm" || COMPUTED_METHODS.has(word);
}

/** Codes and names of the geographic systems. */
export function listGeographic(): { code: number; name: string }[] {
  return [...geographic().keys()].map((code) => ({ code, name: nameOf(code) }));
}

function nameOf(code: number): string {
  const [, name = "", base] = (projected().get(code) ?? geographic().get(code) ?? "").split("|");
  return name.startsWith("~") ? nameOf(Number(base)) + name.slice(1) : name;
}

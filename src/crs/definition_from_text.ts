import type { DatumShift, Geographic, SystemDefinition, Unit } from "./definition.ts";
import { findEpsg } from "./epsg_lookup.ts";
import { recognizeGeographic } from "./text/datum_names.ts";
import { projToDefinition } from "./text/read_proj.ts";
import { projJsonToTree } from "./text/read_projjson.ts";
import type { RawGeographic, RawSystem } from "./text/raw_system.ts";
import { readWkt } from "./text/read_wkt.ts";
import { resolveMethod } from "./text/resolve_method.ts";
import { sameProjection } from "./text/same_projection.ts";
import { invalidText, MAX_TEXT_LENGTH, requireFigure } from "./text/text_limits.ts";
import { parseWkt } from "./text/wkt_tree.ts";
import { findUnitBySize } from "./units.ts";
import { geographicOfWgs84 } from "./wgs84.ts";

/** True for a text that can only be a definition: well-known text, PROJJSON or a proj string. */
export function isDefinition(text: string): boolean {
  return /^\s*(?:[A-Za-z_]{4,}\s*[[(]|\{|\+)/.test(text);
}

/**
 * A system out of well-known text (OGC 01-009, ESRI, ISO 19162), PROJJSON or a proj string. One that names a code of EPSG and agrees with it within
 * rounding is the system of that code; `"EPSG:3857"` and `"EPSG:4326"` are returned by their code alone.
 * @throws `crs.invalid` when the text cannot be read, `crs.unsupported` when what it says cannot be computed
 */
export function definitionFromText(text: string): SystemDefinition | string {
  if (text.length > MAX_TEXT_LENGTH) throw invalidText(`at most ${MAX_TEXT_LENGTH} characters`, text);
  if (/^\s*\+/.test(text)) return projToDefinition(text, codeOfText(text));
  return resolve(readWkt(/^\s*\{/.test(text) ? projJsonToTree(text) : parseWkt(text)), text);
}

function resolve(raw: RawSystem, text: string): SystemDefinition | string {
  if (isWebMercator(raw)) return "EPSG:3857";
  const definition = define(raw, text);
  const known = raw.epsg === null ? null : findEpsg(raw.epsg);
  return known !== null && agrees(known, definition) ? known.code : definition;
}

function agrees(known: SystemDefinition, read: SystemDefinition): boolean {
  const { ellipsoid } = known.base;
  return (
    Math.abs(ellipsoid.a - read.base.ellipsoid.a) < 1e-3 &&
    Math.abs(ellipsoid.rf - read.base.ellipsoid.rf) < 1e-5 &&
    Math.abs(known.base.primeMeridian.degrees - read.base.primeMeridian.degrees) < 3e-7 &&
    Math.abs(known.unit.size - read.unit.size) < 1e-9 * known.unit.size &&
    sameProjection(known.projection, read.projection)
  );
}

function define(raw: RawSystem, text: string): SystemDefinition {
  const base = geographicOf(raw.geographic);
  const method = raw.method === null ? null : resolveMethod(raw);
  const north = raw.directions[0] === "north";
  return {
    code: codeOfText(text, raw.name),
    name: raw.name || "unnamed",
    base,
    projection: method?.projection ?? null,
    unit: method === null ? base.unit : unitOf(raw.unit),
    axisOrder: north && !(raw.directions[1] === "north") ? "yx" : "xy",
    directions: method?.directions ?? "en",
    areaOfUse: [-180, -90, 180, 90],
  };
}

const unitOf = (unit: Unit): Unit => findUnitBySize(unit.size) ?? unit;

function geographicOf(raw: RawGeographic): Geographic {
  requireFigure(raw.ellipsoid, raw.name);
  const known = raw.toWgs84 === null && raw.grid === null ? recognizeGeographic(raw) : null;
  if (known !== null) return { ...known, unit: raw.unit };
  return {
    code: null,
    name: raw.name,
    datumName: raw.datumName,
    ellipsoid: raw.ellipsoid,
    primeMeridian: raw.primeMeridian,
    shift: shiftOf(raw),
    operation: null,
    accuracyM: null,
    unit: raw.unit,
  };
}

function shiftOf({ toWgs84, grid }: RawGeographic): DatumShift {
  if (toWgs84 !== null) {
    return toWgs84.some((value) => value !== 0) ? { kind: "helmert", parameters: toWgs84 } : { kind: "null" };
  }
  return grid === null ? { kind: "unknown" } : { kind: "grid", grid };
}

/** GDAL writes web mercator as Mercator_1SP with a proj string on the sphere, ESRI as Mercator_Auxiliary_Sphere, EPSG as a method of its own. */
function isWebMercator({ geographic, method, proj, unit }: RawSystem): boolean {
  const plain = method?.parameters.every(({ name, value }) => value === (/scale/i.test(name) ? 1 : 0)) ?? false;
  const named = /^(mercator_auxiliary_sphere|popular visualisation pseudo[ -]mercator)$/i.test(method?.name ?? "");
  const extended = proj !== null && /\+proj=merc\b/.test(proj) && proj.includes("+nadgrids=@null");
  const wgs84 = Math.abs(geographic.ellipsoid.a - geographicOfWgs84.ellipsoid.a) < 1e-3;
  return plain && (named || extended) && wgs84 && unit.size === 1;
}

/** A readable name that is the same for the same text: FNV-1a over its characters, 32 bits. */
function codeOfText(text: string, name = "proj"): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  const words = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replaceAll(/^-|-$/g, "");
  return `CUSTOM:${words || "unnamed"}-${hash.toString(16).padStart(8, "0")}`;
}

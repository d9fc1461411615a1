import { isTilthError } from "../../core/index.ts";
import { findCrs, type Crs } from "../../crs/index.ts";
import { KEY, USER_DEFINED, type GeoKeys } from "./geo_keys.ts";
import { geographicWkt, linearUnit, type LinearUnit } from "./geographic_keys.ts";
import { METHODS, STAND_INS } from "./projection_keys.ts";

export interface FoundCrs {
  readonly crs: Crs | null;
  /** What was found, or why there is none. */
  readonly note: string;
}

/** The CRS that an image's geokeys describe: by a code of EPSG, by well-known text in a citation, or by parameters. */
export function crsFromKeys(keys: GeoKeys): FoundCrs {
  if (keys.isEmpty) return { crs: null, note: "the file names no CRS" };
  try {
    return findByKeys(keys);
  } catch (error) {
    if (!isTilthError(error)) throw error;
    return { crs: null, note: `the file's CRS cannot be computed: ${error.message}` };
  }
}

function findByKeys(keys: GeoKeys): FoundCrs {
  const model = keys.findNumber(KEY.modelType);
  const projected = keys.findNumber(KEY.projectedType);
  if (model === 3) return { crs: null, note: "the file's CRS is geocentric" };
  if (projected !== null && projected > 0 && projected < USER_DEFINED) return byCode(projected, keys);
  const cited = byCitation(keys);
  if (cited !== null) return cited;
  if (model === 1 || projected !== null || keys.findNumber(KEY.projectionMethod) !== null) return byProjection(keys);
  const geographic = keys.findNumber(KEY.geographicType);
  if (geographic !== null && geographic > 0 && geographic < USER_DEFINED) return byCode(geographic, keys);
  if (model !== 2 && geographic === null) return { crs: null, note: "the file names no CRS" };
  return byText(geographicWkt(keys), "a geographic CRS by its parameters");
}

function byCode(code: number, keys: GeoKeys): FoundCrs {
  const crs = findCrs(`EPSG:${code}`);
  if (crs !== null) return { crs, note: crs.code };
  const name = keys.text(KEY.projectedCitation) || keys.text(KEY.citation);
  return { crs: null, note: `EPSG:${code}${name === "" ? "" : ` (${name})`} is not known here` };
}

function byText(text: string, note: string): FoundCrs {
  const crs = findCrs(text);
  return crs === null ? { crs, note: `${note} is not known here` } : { crs, note: `${note}: ${crs.name}` };
}

/** ESRI and others write well-known text into a citation. */
function byCitation(keys: GeoKeys): FoundCrs | null {
  for (const key of [KEY.projectedCitation, KEY.citation, KEY.geographicCitation]) {
    const text = /(?:PROJCS|PROJCRS|GEOGCS|GEOGCRS)\s*\[.*\]/s.exec(keys.text(key))?.[0];
    if (text !== undefined && (key !== KEY.geographicCitation || !isProjected(keys)))
      return byText(text, "well-known text in the geokeys");
  }
  return null;
}

const isProjected = (keys: GeoKeys): boolean => keys.findNumber(KEY.modelType) === 1;

function byProjection(keys: GeoKeys): FoundCrs {
  const zone = utmOf(keys);
  const geographic = geographicWkt(keys);
  const unit = linearUnit(keys);
  const text = zone === null ? projectedWkt(keys, geographic, unit) : utmWkt(zone, geographic, unit);
  if (text !== null) return byText(text, "a projected CRS by its parameters");
  const method = keys.findNumber(KEY.projectionMethod);
  return { crs: null, note: `projection method ${method ?? "of no number"} of the geokeys is not known here` };
}

/** Codes of ProjectionGeoKey: 160zz and 161zz are UTM. */
function utmOf(keys: GeoKeys): { zone: number; isNorth: boolean } | null {
  const code = keys.findNumber(KEY.projection) ?? 0;
  const zone = code % 100;
  if ((code < 16_001 || code > 16_060) && (code < 16_101 || code > 16_160)) return null;
  return { zone, isNorth: code < 16_100 };
}

function utmWkt({ zone, isNorth }: { zone: number; isNorth: boolean }, geographic: string, unit: LinearUnit): string {
  const values: [string, number][] = [
    ["latitude_of_origin", 0],
    ["central_meridian", zone * 6 - 183],
    ["scale_factor", 0.9996],
    ["false_easting", 500_000 / unit.metres],
    ["false_northing", (isNorth ? 0 : 10_000_000) / unit.metres],
  ];
  return wkt(`UTM zone ${zone}${isNorth ? "N" : "S"}`, geographic, "Transverse_Mercator", values, unit);
}

/** Null for a method that is not known. */
function projectedWkt(keys: GeoKeys, geographic: string, unit: LinearUnit): string | null {
  const method = METHODS[keys.findNumber(KEY.projectionMethod) ?? 0];
  if (method === undefined) return null;
  const values = method.parameters.map(([key, name]): [string, number] => [name, parameter(keys, key)]);
  const name = keys.text(KEY.projectedCitation) || keys.text(KEY.citation) || "unnamed";
  return wkt(name, geographic, method.name, values, unit);
}

const SCALES: ReadonlySet<number> = new Set([3092, 3093]);

function parameter(keys: GeoKeys, key: number): number {
  for (const candidate of [key, ...(STAND_INS[key] ?? [])]) {
    const value = keys.findNumber(candidate);
    if (value !== null) return value;
  }
  return SCALES.has(key) ? 1 : 0;
}

function wkt(
  name: string,
  geographic: string,
  method: string,
  values: readonly [string, number][],
  { name: unitName, metres }: LinearUnit,
): string {
  const parameters = values.map(([key, value]) => `PARAMETER["${key}",${value}]`).join(",");
  return `PROJCS["${quoted(name)}",${geographic},PROJECTION["${method}"],${parameters},UNIT["${unitName}",${metres}]]`;
}

const quoted = (text: string): string => text.replaceAll(/["[\]]/g, " ").slice(0, 120);

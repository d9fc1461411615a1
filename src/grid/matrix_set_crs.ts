import { findCrs, type Crs } from "../crs/index.ts";
import { invalidGrid, isObject, type JsonObject } from "./json_fields.ts";

/**
 * The `crs` of a 2D TMS document: a URI, URN or code, `{ "uri" }`, `{ "wkt" }` (PROJJSON or text), `{ "referenceSystem" }`, or PROJJSON itself
 * (OGC 17-083r4, 8.1). A definition with an id that is known is that; others are read.
 * @throws `grid.invalid` when it says no CRS, or none that is known; `crs.invalid`, `crs.unsupported` for a definition
 */
export function readMatrixSetCrs(value: unknown): Crs {
  for (const text of listNames(value)) {
    const crs = findCrs(text);
    if (crs !== null) return crs;
  }
  throw invalidGrid("a CRS that is known (a URI, a code, or a definition)", value);
}

function listNames(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (!isObject(value)) return [];
  const inner = value["uri"] ?? value["wkt"] ?? value["referenceSystem"];
  if (typeof inner === "string") return [inner];
  const definition = isObject(inner) ? inner : value;
  const names = [idOf(definition), "type" in definition ? JSON.stringify(definition) : null];
  return names.filter((name) => name !== null);
}

/** `{ id: { authority | codeSpace, code } }`, or the first of `ids`. */
function idOf(definition: JsonObject): string | null {
  const ids: unknown = definition["ids"];
  const id = definition["id"] ?? (Array.isArray(ids) ? (ids as unknown[])[0] : undefined);
  if (!isObject(id)) return null;
  const authority = id["authority"] ?? id["codeSpace"];
  const code = id["code"];
  const named = typeof authority === "string" && (typeof code === "string" || typeof code === "number");
  return named ? `${authority}:${code}` : null;
}

/** `EPSG:2154` to `http://www.opengis.net/def/crs/EPSG/0/2154`; null for a CRS without an authority's code (OGC 11-135r2). */
export function crsToUri({ code }: Crs): string | null {
  if (code === "OGC:CRS84") return "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
  const parts = /^(EPSG|ESRI|IGNF|IAU_2015):(\w+)$/.exec(code);
  return parts === null ? null : `http://www.opengis.net/def/crs/${parts[1]}/0/${parts[2]}`;
}

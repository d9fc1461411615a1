import { TilthError } from "../core/index.ts";
import type { Crs } from "./crs_type.ts";
import { systemOf } from "./system.ts";
import { definitionToWkt1 } from "./text/write_wkt1.ts";
import { PSEUDO_MERCATOR_WKT, WGS84_WKT } from "./text/known_wkt1.ts";

const KNOWN: Readonly<Record<string, string>> = {
  "EPSG:3857": PSEUDO_MERCATOR_WKT,
  "EPSG:4326": WGS84_WKT,
  "OGC:CRS84": WGS84_WKT.replace(
    'AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]',
    'AXIS["Longitude",EAST],AXIS["Latitude",NORTH]',
  ),
};

/**
 * OGC 01-009 well-known text as GDAL writes it: PROJCS or GEOGCS with AXIS in the authority's order and, for systems of EPSG, AUTHORITY.
 * A projection that the dialect cannot name is a proj string in an EXTENSION node, which GDAL and PROJ read.
 * @throws `crs.unsupported` for a system that did not come from this room
 */
export function crsToWkt1(crs: Crs): string {
  const { definition } = systemOf(crs);
  if (definition !== null) return definitionToWkt1(definition);
  const known = Object.hasOwn(KNOWN, crs.code) ? KNOWN[crs.code] : undefined;
  if (known !== undefined) return known;
  throw new TilthError("crs.unsupported", `expected a system made by getCrs, got '${crs.code}' of unknown make`, {
    fields: { crs: crs.code },
  });
}

import type { Crs } from "./crs_type.ts";
import { definitionToProj } from "./proj_string.ts";
import { systemOf } from "./system.ts";

/** The sphere of EPSG:3857, whose longitudes and latitudes are those of WGS 84. */
const WEB_MERCATOR =
  "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +no_defs";

/**
 * A proj string for libraries that draw: x east or longitude first, whatever the authority's order. Where a grid of shifts leads to WGS 84
 * it is left out, which may be some 100 m off. Null for a system that was made elsewhere.
 */
export function crsToProj(crs: Crs): string | null {
  if (crs.code === "EPSG:3857") return WEB_MERCATOR;
  if (crs.code === "EPSG:4326" || crs.code === "OGC:CRS84") return "+proj=longlat +datum=WGS84 +no_defs";
  const { definition } = systemOf(crs);
  return definition === null ? null : definitionToProj(definition);
}

import type { Bbox } from "../geo/index.ts";

/** Radius of the sphere of EPSG:3857, metres (WGS 84 semi-major axis). */
export const EARTH_RADIUS_M = 6_378_137;

/** Half the width of the web mercator square, metres. */
export const WEB_MERCATOR_EXTENT_M = Math.PI * EARTH_RADIUS_M;

/** Latitude at which web mercator becomes a square, degrees: atan(sinh(pi)). */
export const WEB_MERCATOR_MAX_LATITUDE = (Math.atan(Math.sinh(Math.PI)) * 180) / Math.PI;

/**
 * A coordinate reference system. x is always the easting or longitude here (in systems that count to the west or south: what PROJ puts first for a map);
 * `axisOrder` says what the authority writes.
 */
export interface Crs {
  /** Authority and code: `EPSG:3857`. */
  readonly code: string;
  readonly name: string;
  /** Order of the axes as the authority defines it and as WMS 1.3.0 and WMTS use it. */
  readonly axisOrder: "xy" | "yx";
  readonly kind: "geographic" | "projected";
  /** `degree`, `metre`, `US survey foot` ... */
  readonly unit: string;
  /** For scale denominators (OGC 0.28 mm pixel): metres for one unit; degrees by the WGS 84 equator. */
  readonly metresPerUnit: number;
  /** Where the system is meant to be used: lon/lat degrees; west is greater than east across the antimeridian. */
  readonly areaOfUse: Bbox;
  /** Text from which `getCrs` makes the same system, on any thread. */
  readonly definition: string;
  /** Expected accuracy of its lon/lat, metres: what the change of datum to WGS 84 costs; null when nobody says. */
  readonly accuracyM: number | null;
  /** True when x depends on the longitude alone and y on the latitude alone. */
  readonly separable: boolean;
  /**
   * To lon/lat degrees (WGS 84); NaN, NaN for a point that has no image.
   * @throws `crs.unsupported` when no way from its datum to WGS 84 is known
   */
  toLonLat(x: number, y: number): [lon: number, lat: number];
  /**
   * From lon/lat degrees (WGS 84). Web mercator and WGS 84 clamp the latitude to their square; elsewhere a point without image is NaN, NaN.
   * @throws `crs.unsupported` when no way from WGS 84 to its datum is known
   */
  fromLonLat(lon: number, lat: number): [x: number, y: number];
}

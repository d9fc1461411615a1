import { TilthError } from "../core/index.ts";
import type { Bbox } from "../geo/index.ts";

/** Radius of the sphere of EPSG:3857, metres (WGS 84 semi-major axis). */
export const EARTH_RADIUS_M = 6_378_137;

/** Half the width of the web mercator square, metres. */
export const WEB_MERCATOR_EXTENT_M = Math.PI * EARTH_RADIUS_M;

/** Latitude at which web mercator becomes a square, degrees: atan(sinh(pi)). */
export const WEB_MERCATOR_MAX_LATITUDE = (Math.atan(Math.sinh(Math.PI)) * 180) / Math.PI;

/** A coordinate reference system. x is always the easting or longitude here; `axisOrder` says what the authority writes. */
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
  /** To lon/lat degrees (WGS 84). */
  toLonLat(x: number, y: number): [lon: number, lat: number];
  /** From lon/lat degrees; latitudes outside of the area of use are clamped to it. */
  fromLonLat(lon: number, lat: number): [x: number, y: number];
}

const DEG = 180 / Math.PI;

/** EPSG:3857; formulas: EPSG guidance note 7-2, method 1024 (Popular Visualisation Pseudo Mercator). */
const webMercator: Crs = {
  code: "EPSG:3857",
  name: "WGS 84 / Pseudo-Mercator",
  definition: "EPSG:3857",
  accuracyM: 0,
  kind: "projected",
  axisOrder: "xy",
  unit: "metre",
  metresPerUnit: 1,
  areaOfUse: [-180, -WEB_MERCATOR_MAX_LATITUDE, 180, WEB_MERCATOR_MAX_LATITUDE],
  separable: true,
  toLonLat: (x, y) => [(x / EARTH_RADIUS_M) * DEG, Math.atan(Math.sinh(y / EARTH_RADIUS_M)) * DEG],
  fromLonLat(lon, lat) {
    const limit = WEB_MERCATOR_MAX_LATITUDE;
    const phi = Math.min(limit, Math.max(-limit, lat)) / DEG;
    return [(lon / DEG) * EARTH_RADIUS_M, Math.asinh(Math.tan(phi)) * EARTH_RADIUS_M];
  },
};

function geographic(code: string, name: string, axisOrder: "xy" | "yx"): Crs {
  return {
    code,
    name,
    definition: code,
    accuracyM: 0,
    kind: "geographic",
    axisOrder,
    unit: "degree",
    metresPerUnit: (2 * Math.PI * EARTH_RADIUS_M) / 360,
    areaOfUse: [-180, -90, 180, 90],
    separable: true,
    toLonLat: (x, y) => [x, y],
    fromLonLat: (lon, lat) => [lon, Math.min(90, Math.max(-90, lat))],
  };
}

const KNOWN: readonly Crs[] = [
  webMercator,
  geographic("EPSG:4326", "WGS 84", "yx"),
  geographic("OGC:CRS84", "WGS 84 (CRS84)", "xy"),
];

/** Old or unofficial names of the same systems. */
const ALIASES: Readonly<Record<string, string>> = {
  "EPSG:900913": "EPSG:3857",
  "EPSG:102100": "EPSG:3857",
  "EPSG:102113": "EPSG:3857",
  "EPSG:3785": "EPSG:3857",
  "ESRI:102100": "EPSG:3857",
  "CRS:84": "OGC:CRS84",
  "OGC:84": "OGC:CRS84",
};

/** `EPSG:3857` out of any usual spelling: `epsg:3857`, `[EPSG:3857]`, `urn:ogc:def:crs:EPSG::3857`, `http://www.opengis.net/def/crs/EPSG/0/3857`. */
export function normalizeCrsCode(text: string): string {
  const trimmed = text.trim().replace(/^\[(.*)\]$/, "$1");
  const urn = /^urn:(?:x-)?ogc:def:crs:([a-z]+):[^:]*:(\w+)$/i.exec(trimmed);
  const uri =
    /^https?:\/\/www\.opengis\.net\/(?:def\/crs\/([a-z]+)\/[^/]+\/(\w+)|gml\/srs\/([a-z]+)\.xml#(\w+))$/i.exec(trimmed);
  const authority = urn?.[1] ?? uri?.[1] ?? uri?.[3];
  const code = urn?.[2] ?? uri?.[2] ?? uri?.[4];
  const plain = (
    authority !== undefined && code !== undefined ? `${authority}:${code}` : trimmed.replace("::", ":")
  ).toUpperCase();
  return ALIASES[plain] ?? plain;
}

/** null when the system is not known. */
export function findCrs(code: string): Crs | null {
  const wanted = normalizeCrsCode(code);
  return KNOWN.find((crs) => crs.code === wanted) ?? null;
}

/** @throws `crs.unknown` */
export function getCrs(code: string): Crs {
  const crs = findCrs(code);
  if (crs !== null) return crs;
  throw new TilthError("crs.unknown", `expected one of ${KNOWN.map((known) => known.code).join(", ")}, got '${code}'`, {
    fields: { crs: code },
  });
}

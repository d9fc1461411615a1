import { EARTH_RADIUS_M, WEB_MERCATOR_MAX_LATITUDE, type Crs } from "./crs_type.ts";

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

/** The three systems whose formulas are our own, by code. */
export const KNOWN_SYSTEMS: ReadonlyMap<string, Crs> = new Map(
  [webMercator, geographic("EPSG:4326", "WGS 84", "yx"), geographic("OGC:CRS84", "WGS 84 (CRS84)", "xy")].map((crs) => [
    crs.code,
    crs,
  ]),
);

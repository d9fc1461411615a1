import { EARTH_RADIUS_M, WEB_MERCATOR_MAX_LATITUDE, type Crs } from "./crs_type.ts";
import type { Projector } from "./projector.ts";
import { registerSystem } from "./system.ts";
import { geographicOfWgs84 } from "./wgs84.ts";

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

/** The same formulas on radians. Nothing is clamped here: what is warped beyond the square must not be drawn from its edge. */
const webMercatorProjector: Projector = {
  toGeodetic(point) {
    point.x = point.x / EARTH_RADIUS_M;
    point.y = Math.atan(Math.sinh(point.y / EARTH_RADIUS_M));
  },
  fromGeodetic(point) {
    point.x = point.x * EARTH_RADIUS_M;
    point.y = Math.asinh(Math.tan(latitude(point.y))) * EARTH_RADIUS_M;
  },
};

/** Beyond the poles there is nothing; what arithmetic adds to them is taken off. */
function latitude(radians: number): number {
  const beyond = Math.abs(radians) - Math.PI / 2;
  if (beyond <= 0) return radians;
  return beyond < 1e-12 ? Math.sign(radians) * (Math.PI / 2) : Number.NaN;
}

const degreesProjector: Projector = {
  toGeodetic(point) {
    point.x = point.x / DEG;
    point.y = latitude(point.y / DEG);
  },
  fromGeodetic(point) {
    point.x = point.x * DEG;
    point.y = latitude(point.y) * DEG;
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

function known(crs: Crs, projector: Projector): [string, Crs] {
  const method = crs === webMercator ? "web mercator" : "";
  return [crs.code, registerSystem(crs, { base: geographicOfWgs84, projector, definition: null, method })];
}

/** The three systems whose formulas are our own, by code. */
export const KNOWN_SYSTEMS: ReadonlyMap<string, Crs> = new Map([
  known(webMercator, webMercatorProjector),
  known(geographic("EPSG:4326", "WGS 84", "yx"), degreesProjector),
  known(geographic("OGC:CRS84", "WGS 84 (CRS84)", "xy"), degreesProjector),
]);

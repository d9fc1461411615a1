import { get, getTransform, transform, type ProjectionLike } from "ol/proj.js";
import type Projection from "ol/proj/Projection.js";
import type { Crs, Extent } from "../api/types.ts";

/** Those that OpenLayers brings along; for any other proj4 is loaded (35 kB). */
const BUILT_IN = new Set(["EPSG:3857", "EPSG:4326"]);

/** The projection of a CRS, x east and y north, ready for transforms to and from all others that were asked for. */
export async function loadProjection(crs: Crs): Promise<Projection> {
  const known = BUILT_IN.has(crs.code) ? get(crs.code) : null;
  if (known !== null) return known;
  if (crs.proj === null) throw new Error(`The page has no arithmetic for ${crs.code}; choose another CRS for the map.`);
  const [{ default: proj4 }, { register }] = await Promise.all([import("proj4"), import("ol/proj/proj4.js")]);
  proj4.defs(crs.code, crs.proj);
  register(proj4);
  const projection = get(crs.code);
  if (projection === null) throw new Error(`The page has no arithmetic for ${crs.code}.`);
  projection.setExtent(widen(crs.extent));
  const [west, south, east, north] = crs.areaOfUse;
  projection.setWorldExtent([west, south, east < west ? east + 360 : east, north]);
  return projection;
}

/** OpenLayers warps tiles only within a projection's extent; the area of use is smaller than what a map shows. */
function widen([minX, minY, maxX, maxY]: Extent): Extent {
  const [width, height] = [maxX - minX, maxY - minY];
  return [minX - width / 2, minY - height / 2, maxX + width / 2, maxY + height / 2];
}

/** Degrees to the map's units; null where the projection has no image. */
export function projectorOf(projection: Projection): (lon: number, lat: number) => [number, number] | null {
  return (lon, lat) => {
    const [x = NaN, y = NaN] = transform([lon, lat], "EPSG:4326", projection);
    return Number.isFinite(x) && Number.isFinite(y) ? [x, y] : null;
  };
}

/** The map's units to degrees, longitudes from -180 to 180. */
export function toLonLat([x = 0, y = 0]: readonly number[], projection: Projection): [number, number] {
  const [lon = 0, lat = 0] = transform([x, y], projection, "EPSG:4326");
  return [Math.abs(lon) <= 180 ? lon : ((((lon + 180) % 360) + 360) % 360) - 180, lat];
}

/** From one projection to another; both must have been loaded. */
export function transformBetween(from: ProjectionLike, to: ProjectionLike): (coordinate: number[]) => number[] {
  const between = getTransform(from, to);
  if (between === null) throw new Error("The page has no arithmetic between these two systems.");
  return (coordinate) => between(coordinate, undefined, 2);
}

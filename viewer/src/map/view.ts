import View from "ol/View.js";
import { getCenter } from "ol/extent.js";
import { getPointResolution, transformExtent } from "ol/proj.js";
import type Projection from "ol/proj/Projection.js";
import type { Cache, Crs } from "../api/types.ts";
import { projectorOf, toLonLat } from "./projections.ts";

/** Share of the extent by which the middle of the map may leave it. */
const LEEWAY = 0.5;
/** Metres for one pixel at which nothing more is to be seen. */
const FINEST_METRES = 0.02;

/**
 * A view of a CRS. `from`: the view before; its middle and scale are kept when they lie within the area of use.
 * @param padding of the window that something lies over: top, right, bottom, left; CSS pixels
 */
export function createView(crs: Crs, projection: Projection, from: View | undefined, padding: number[]): View {
  const [minX, minY, maxX, maxY] = crs.extent;
  const [width, height] = [maxX - minX, maxY - minY];
  return new View({
    projection,
    padding,
    center: getCenter(crs.extent),
    resolution: Math.max(width, height) / 600,
    extent: [minX - width * LEEWAY, minY - height * LEEWAY, maxX + width * LEEWAY, maxY + height * LEEWAY],
    constrainOnlyCenter: true,
    maxResolution: Math.max(width, height) / 256,
    minResolution: FINEST_METRES / crs.metresPerUnit,
    enableRotation: false,
    showFullExtent: true,
    ...placeIn(crs, projection, from),
  });
}

/** Where another view looked, in the units of `crs`; nothing when that is out of it or larger than it. */
function placeIn(crs: Crs, projection: Projection, from: View | undefined): { center?: number[]; resolution?: number } {
  const [before, scale] = [from?.getCenter(), from?.getResolution()];
  if (from === undefined || before === undefined || scale === undefined) return {};
  const [lon, lat] = toLonLat(before, from.getProjection());
  const [west, south, east, north] = crs.areaOfUse;
  const inLon = west <= east ? lon >= west && lon <= east : lon >= west || lon <= east;
  const center = projectorOf(projection)(lon, lat);
  if (!inLon || lat < south || lat > north || center === null) return {};
  const metres = getPointResolution(from.getProjection(), scale, before, "m");
  const resolution = metres / getPointResolution(projection, 1, center, "m");
  const largest = Math.max(crs.extent[2] - crs.extent[0], crs.extent[3] - crs.extent[1]) / 400;
  return resolution > largest ? {} : { center, resolution };
}

/** The box of a cache on a map, in the map's units. */
export function extentOn(cache: Cache, map: Projection): number[] {
  const [west, south, east, north] = cache.bounds;
  const limit = map.getCode() === "EPSG:3857" ? 85.06 : 90;
  const box = [west, Math.max(-limit, south), east < west ? east + 360 : east, Math.min(limit, north)];
  return transformExtent(box, "EPSG:4326", map, 16);
}

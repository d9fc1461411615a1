import View from "ol/View.js";
import { getCenter } from "ol/extent.js";
import { transformExtent } from "ol/proj.js";
import type Projection from "ol/proj/Projection.js";
import type { Cache, Crs } from "../api/types.ts";

/** Share of the extent by which the middle of the map may leave it. */
const LEEWAY = 0.5;
/** Metres for one pixel at which nothing more is to be seen. */
const FINEST_METRES = 0.02;

/** A view of the whole CRS. `from`: the view before; what it showed stays in sight. */
export function createView(crs: Crs, projection: Projection, from: View | undefined): View {
  const [minX, minY, maxX, maxY] = crs.extent;
  const [width, height] = [maxX - minX, maxY - minY];
  const view = new View({
    projection,
    center: getCenter(crs.extent),
    extent: [minX - width * LEEWAY, minY - height * LEEWAY, maxX + width * LEEWAY, maxY + height * LEEWAY],
    constrainOnlyCenter: true,
    maxResolution: Math.max(width, height) / 256,
    minResolution: FINEST_METRES / crs.metresPerUnit,
    resolution: Math.max(width, height) / 768,
    enableRotation: false,
    showFullExtent: true,
  });
  const before = from?.isDef() === true ? from.getCenter() : undefined;
  if (from === undefined || before === undefined) return view;
  const seen = transformExtent(from.calculateExtent([600, 600]), from.getProjection(), projection, 16);
  if (seen.every(Number.isFinite)) view.fit(seen, { size: [600, 600] });
  return view;
}

/** The box of a cache on a map, in the map's units. */
export function extentOn(cache: Cache, map: Projection): number[] {
  const [west, south, east, north] = cache.bounds;
  const limit = map.getCode() === "EPSG:3857" ? 85.06 : 90;
  const box = [west, Math.max(-limit, south), east < west ? east + 360 : east, Math.min(limit, north)];
  return transformExtent(box, "EPSG:4326", map, 16);
}

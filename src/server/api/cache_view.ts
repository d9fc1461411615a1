import type { z } from "zod";
import type { Bbox } from "../../geo/index.ts";
import { crsToProj, type Crs } from "../../crs/index.ts";
import type { TileMatrixSet } from "../../grid/index.ts";
import { boundsOf } from "../grid_bounds.ts";
import type { JobRequest } from "../jobs/job.ts";
import type { ServedCache } from "../served_cache.ts";
import { sourceOf } from "./cache_source.ts";
import type { cacheShape, crsShape, gridShape } from "./shapes.ts";

/** A cache as the page needs it to draw it in its own grid. @param fills what jobs fill files from */
export function cacheView(served: ServedCache, fills: ReadonlyMap<string, JobRequest>): z.infer<typeof cacheShape> {
  const { name, title, attribution, minZoom, maxZoom, cache } = served;
  const { store } = cache;
  return {
    name,
    title: title || name,
    attribution,
    format: store.metadata.format,
    minZoom,
    maxZoom,
    bounds: mutable(boundsOf(served)),
    live: cache.source !== null,
    source: sourceOf(served, fills),
    maxAgeMs: cache.maxAgeMs ?? null,
    tiles: `/tiles/${name}/{z}/{x}/{y}`,
    grid: gridView(store.grid),
    crs: crsView(store.grid.crs),
  };
}

function gridView({ id, title, bbox, matrices }: TileMatrixSet): z.infer<typeof gridShape> {
  const levels = matrices.map((matrix, z) => {
    const { cellSize, pointOfOrigin, tileWidth, tileHeight, matrixWidth, matrixHeight } = matrix;
    const origin: [number, number] = [pointOfOrigin[0], pointOfOrigin[1]];
    return { z, cellSize, origin, tileWidth, tileHeight, matrixWidth, matrixHeight };
  });
  return { id, title, extent: mutable(bbox), levels };
}

export function crsView(crs: Crs): z.infer<typeof crsShape> {
  const { code, name, kind, unit, metresPerUnit, axisOrder, areaOfUse } = crs;
  const shown = { code, name, kind, unit, metresPerUnit, axisOrder };
  return { ...shown, proj: crsToProj(crs), areaOfUse: mutable(areaOfUse), extent: extentOf(crs) };
}

/** Lines of longitude and of latitude over the area of use that are looked at. */
const STEPS = 16;

/** Box around the area of use; points without an image are left out. */
function extentOf(crs: Crs): [number, number, number, number] {
  const [west, south, east, north] = crs.areaOfUse;
  const width = east >= west ? east - west : east + 360 - west;
  const extent: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i <= STEPS; i++)
    for (let j = 0; j <= STEPS; j++) {
      const lon = west + (width * i) / STEPS;
      const [x, y] = crs.fromLonLat(lon > 180 ? lon - 360 : lon, south + ((north - south) * j) / STEPS);
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      [extent[0], extent[2]] = [Math.min(extent[0], x), Math.max(extent[2], x)];
      [extent[1], extent[3]] = [Math.min(extent[1], y), Math.max(extent[3], y)];
    }
  return extent;
}

function mutable([a, b, c, d]: Bbox): [number, number, number, number] {
  return [a, b, c, d];
}

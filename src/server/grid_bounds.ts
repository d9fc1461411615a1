import type { LonLatBbox } from "../geo/index.ts";
import type { TileMatrixSet } from "../grid/index.ts";
import type { ServedCache } from "./served_cache.ts";

/** Points along each edge of a grid's extent that are asked for their longitude and latitude. */
const STEPS = 16;

/** Where a cache has tiles, as far as is known; else all of its grid. */
export function boundsOf({ bounds, cache }: ServedCache): LonLatBbox {
  return bounds ?? cache.source?.info.bounds ?? gridLonLatBounds(cache.store.grid);
}

/** The lon/lat box around a grid's extent: its edges where they have an image, else the CRS's area of use. */
export function gridLonLatBounds(grid: TileMatrixSet): LonLatBbox {
  const [minX, minY, maxX, maxY] = grid.bbox;
  const [areaWest, areaSouth, areaEast, areaNorth] = grid.crs.areaOfUse;
  // Around a pole or across the antimeridian the edges do not tell what is inside.
  const points = Array.from({ length: STEPS + 1 }, (_, i) => i / STEPS).flatMap((t) => {
    const [x, y] = [minX + t * (maxX - minX), minY + t * (maxY - minY)];
    return [
      grid.crs.toLonLat(x, minY),
      grid.crs.toLonLat(x, maxY),
      grid.crs.toLonLat(minX, y),
      grid.crs.toLonLat(maxX, y),
    ];
  });
  if (areaWest > areaEast || !points.flat().every(Number.isFinite)) return [-180, areaSouth, 180, areaNorth];
  const [lons, lats] = [points.map(([lon]) => lon), points.map(([, lat]) => lat)];
  // An inverse projection may end a hair beyond its bounds.
  const box: LonLatBbox = [
    Math.max(-180, Math.min(...lons)),
    Math.max(-90, Math.min(...lats)),
    Math.min(180, Math.max(...lons)),
    Math.min(90, Math.max(...lats)),
  ];
  const polar = areaNorth >= 89 || areaSouth <= -89;
  return polar && grid.crs.kind === "projected" && !grid.crs.separable ? [-180, areaSouth, 180, areaNorth] : box;
}

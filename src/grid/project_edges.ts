import type { Polygon, Position } from "../geo/index.ts";
import { clipPolygon } from "./clip_polygon.ts";
import { domainOf, isEndless } from "./crs_domain.ts";
import { windowsOf } from "./grid_window.ts";
import { RingPen, type ProjectedEdges } from "./ring_pen.ts";
import type { TileMatrixSet } from "./tile_matrix_set.ts";

/**
 * All rings, each edge off its true image by at most `tolerance` CRS units. Polygons beyond 180 degrees come in again on the other side;
 * what lies outside of the grid's surroundings is cut away.
 */
export function projectEdges(grid: TileMatrixSet, polygons: readonly Polygon[], tolerance: number): ProjectedEdges {
  const pen = new RingPen(grid.crs, tolerance, isFolded(grid));
  let owner = 0;
  for (const polygon of polygons) {
    for (const part of listParts(grid, polygon)) {
      for (const ring of part) pen.draw(ring, owner);
      owner += 1;
    }
  }
  return pen.finish();
}

/** A transverse Mercator of the whole Earth: near the points where it grows beyond measure, an image may lead elsewhere. */
function isFolded(grid: TileMatrixSet): boolean {
  return domainOf(grid.crs).cutEquator && windowsOf(grid).some(([west, , east]) => east - west > 180);
}

function* listParts(grid: TileMatrixSet, polygon: Polygon): Generator<Polygon> {
  const boxes = isEndless(grid.crs) ? [null] : windowsOf(grid);
  for (const shift of listShifts(polygon)) {
    const moved = shift === 0 ? polygon : polygon.map((ring) => ring.map(([lon, lat]): Position => [lon + shift, lat]));
    for (const box of boxes) {
      const part = box === null ? moved : clipPolygon(moved, box);
      if (part !== null) yield part;
    }
  }
}

function listShifts(polygon: Polygon): number[] {
  const longitudes = (polygon[0] ?? []).map(([lon]) => lon);
  const shifts = [0];
  if (longitudes.some((lon) => lon > 180)) shifts.push(-360);
  if (longitudes.some((lon) => lon < -180)) shifts.push(360);
  return shifts;
}

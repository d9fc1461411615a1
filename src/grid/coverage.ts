import { normalizeLonLatBbox, parseGeoJsonPolygons, type LonLatBbox, type Polygon } from "../geo/index.ts";
import type { GridCoverage } from "./grid_coverage.ts";
import { PolygonScan } from "./polygon_scan.ts";
import { rangeCount, type TileRange } from "./tile.ts";
import type { TileMatrixSet } from "./tile_matrix_set.ts";

/** Area of a task, lon/lat degrees: a box, or polygons. JSON-safe, so that it can be kept in a file. */
export type Coverage = { readonly bbox: LonLatBbox } | { readonly polygons: readonly Polygon[] };

export function bboxCoverage(bbox: readonly number[]): Coverage {
  normalizeLonLatBbox(bbox);
  const [west = 0, south = 0, east = 0, north = 0] = bbox;
  return { bbox: [west, south, east, north] };
}

/** @throws `coverage.invalid` */
export function geoJsonCoverage(text: string): Coverage {
  return { polygons: parseGeoJsonPolygons(text) };
}

export function coverGrid(grid: TileMatrixSet, coverage: Coverage): GridCoverage {
  return "bbox" in coverage ? new BoxCoverage(grid, coverage.bbox) : new PolygonScan(grid, coverage.polygons);
}

/** A lon/lat box, cut at the antimeridian. On a separable grid it is a rectangle of tiles, or two. */
class BoxCoverage implements GridCoverage {
  readonly #grid: TileMatrixSet;
  readonly #boxes: readonly LonLatBbox[];

  constructor(grid: TileMatrixSet, bbox: LonLatBbox) {
    this.#grid = grid;
    this.#boxes = normalizeLonLatBbox(bbox);
  }

  listRanges(z: number): readonly TileRange[] {
    const ranges: TileRange[] = [];
    for (const [west, south, east, north] of this.#boxes) {
      const [minX, minY] = this.#grid.crs.fromLonLat(west, south);
      const [maxX, maxY] = this.#grid.crs.fromLonLat(east, north);
      const range = this.#grid.bboxToRange([minX, minY, maxX, maxY], z);
      if (range !== null) ranges.push(range);
    }
    return mergeOverlapping(ranges);
  }

  count(z: number): number {
    return this.listRanges(z).reduce((sum, range) => sum + rangeCount(range), 0);
  }

  listSpans(): null {
    return null;
  }
}

/** The halves of a box share their rows, so only columns can overlap (on coarse levels both halves touch the same tile). */
function mergeOverlapping(ranges: readonly TileRange[]): readonly TileRange[] {
  const [a, b] = ranges.toSorted((first, second) => first.minX - second.minX);
  if (a === undefined || b === undefined || b.minX > a.maxX + 1) return ranges;
  return [{ ...a, maxX: Math.max(a.maxX, b.maxX) }];
}

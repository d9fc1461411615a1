import {
  bboxIntersection,
  normalizeLonLatBbox,
  parseGeoJsonPolygons,
  type LonLatBbox,
  type Polygon,
} from "../geo/index.ts";
import { isEndless } from "./crs_domain.ts";
import type { GridCoverage } from "./grid_coverage.ts";
import { windowsOf } from "./grid_window.ts";
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

/**
 * Which tiles of a grid share area with a coverage; parts of it outside of the grid, or without an image in its CRS, have none.
 * @param finestZ deepest level that will be asked for: lines that bend are followed to 1/1000 of its tiles
 */
export function coverGrid(grid: TileMatrixSet, coverage: Coverage, finestZ = grid.maxZ): GridCoverage {
  if ("polygons" in coverage) return new PolygonScan(grid, coverage.polygons, finestZ);
  if (grid.crs.separable) return new BoxCoverage(grid, coverage.bbox);
  return new PolygonScan(grid, normalizeLonLatBbox(coverage.bbox).map(boxToPolygon), finestZ);
}

function boxToPolygon([west, south, east, north]: LonLatBbox): Polygon {
  return [
    [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
    ],
  ];
}

/** A lon/lat box on a separable grid: rectangles of tiles, cut at the antimeridian and where the map is cut open. */
class BoxCoverage implements GridCoverage {
  readonly #grid: TileMatrixSet;
  readonly #boxes: readonly LonLatBbox[];

  constructor(grid: TileMatrixSet, bbox: LonLatBbox) {
    this.#grid = grid;
    this.#boxes = normalizeLonLatBbox(bbox).flatMap((box) => clipBox(grid, box));
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

/** Parts of a box that are mapped in one piece; web mercator and WGS 84 have all of it, with latitudes cut to their square. */
function clipBox(grid: TileMatrixSet, box: LonLatBbox): LonLatBbox[] {
  if (isEndless(grid.crs)) return [box];
  return windowsOf(grid)
    .map((window) => bboxIntersection(box, window))
    .filter((part) => part !== null);
}

/** The parts of a box share their rows, so only columns can overlap (on coarse levels two parts touch the same tile). */
function mergeOverlapping(ranges: readonly TileRange[]): readonly TileRange[] {
  const merged: TileRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.minX - b.minX)) {
    const last = merged.at(-1);
    if (last !== undefined && range.minX <= last.maxX + 1)
      merged[merged.length - 1] = { ...last, maxX: Math.max(last.maxX, range.maxX) };
    else merged.push(range);
  }
  return merged;
}

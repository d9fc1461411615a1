import { EARTH_RADIUS_M, type Crs } from "../crs/index.ts";
import {
  bboxIntersection,
  normalizeLonLatBbox,
  parseGeoJsonPolygons,
  type Bbox,
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
  /** CRS units. */
  readonly #boxes: readonly Bbox[];

  constructor(grid: TileMatrixSet, bbox: LonLatBbox) {
    this.#grid = grid;
    this.#boxes = normalizeLonLatBbox(bbox)
      .flatMap((box) => clipBox(grid, box))
      .flatMap((box) => projectBox(grid.crs, box));
  }

  listRanges(z: number): readonly TileRange[] {
    const ranges = this.#boxes.map((box) => this.#grid.bboxToRange(box, z)).filter((range) => range !== null);
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

/** Another datum moves a meridian by up to a degree where it comes near the pole, and turns it around there. */
const CALM_LATITUDE = 85;

/** Boxes in CRS units around a lon/lat box. Another datum bends its sides a little, and may push them over the antimeridian. */
function projectBox(crs: Crs, [west, south, east, north]: LonLatBbox): Bbox[] {
  const calm = (lat: number): number => Math.min(CALM_LATITUDE, Math.max(-CALM_LATITUDE, lat));
  const lats = isEndless(crs) ? [south] : [calm(south), calm((south + north) / 2), calm(north)];
  const lons = isEndless(crs) ? [west] : [west, (west + east) / 2, east];
  const x = (lon: number): number[] => lats.map((lat) => unwrapX(crs, lon, crs.fromLonLat(lon, lat)[0]));
  const y = (lat: number): number[] => lons.map((lon) => crs.fromLonLat(lon, lat)[1]);
  const box = [Math.min(...x(west)), Math.min(...y(south)), Math.max(...x(east)), Math.max(...y(north))] as const;
  const turns = crs.kind === "geographic" && !isEndless(crs) ? [-1, 0, 1] : [0];
  return turns.map((turn) => [box[0] + turn * turnOf(crs), box[1], box[2] + turn * turnOf(crs), box[3]]);
}

/** 360 degrees in units of a geographic CRS. */
const turnOf = ({ metresPerUnit }: Crs): number => (2 * Math.PI * EARTH_RADIUS_M) / metresPerUnit;

/** In a geographic CRS the x that is nearest to the longitude, beyond 180 degrees where need be. */
function unwrapX(crs: Crs, lon: number, x: number): number {
  if (crs.kind !== "geographic" || isEndless(crs)) return x;
  const turn = turnOf(crs);
  return x + turn * Math.round(lon / 360 - x / turn);
}

function rangeUnion(a: TileRange, b: TileRange): TileRange {
  const [minX, minY] = [Math.min(a.minX, b.minX), Math.min(a.minY, b.minY)];
  return { z: a.z, minX, minY, maxX: Math.max(a.maxX, b.maxX), maxY: Math.max(a.maxY, b.maxY) };
}

/** The parts of a box share their rows, so only columns can overlap (on coarse levels two parts touch the same tile). */
function mergeOverlapping(ranges: readonly TileRange[]): readonly TileRange[] {
  const merged: TileRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.minX - b.minX)) {
    const last = merged.at(-1);
    if (last !== undefined && range.minX <= last.maxX + 1) merged[merged.length - 1] = rangeUnion(last, range);
    else merged.push(range);
  }
  return merged;
}

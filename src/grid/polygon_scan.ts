import { TilthError } from "../core/index.ts";
import type { Polygon, Position } from "../geo/index.ts";
import type { GridCoverage, Span } from "./grid_coverage.ts";
import type { TileRange } from "./tile.ts";
import { ceilSnapped, floorSnapped, type TileMatrixSet } from "./tile_matrix_set.ts";

/** Horizontal bands over the polygon's height; each lists the edges that touch it. */
const BAND_COUNT = 1024;

/** An edge straight in lon/lat bends on the grid: it is cut into pieces of at most this many degrees. */
const MAX_PIECE_DEG = 0.5;

/**
 * Which tiles share area with polygons, row by row: a tile of a row is covered when an edge passes through the row inside of it,
 * or when the row's middle line is inside of the polygon there. Memory follows the polygon's vertices, not the tiles.
 */
export class PolygonScan implements GridCoverage {
  readonly #grid: TileMatrixSet;
  /** x0, y0, x1, y1 of each edge in CRS units. */
  readonly #edges: Float64Array;
  /** Polygon of each edge: holes count against their own polygon only, and overlapping polygons add up. */
  readonly #owners: Uint32Array;
  readonly #bands: readonly Uint32Array[];
  readonly #minX: number;
  readonly #minY: number;
  readonly #maxX: number;
  readonly #maxY: number;
  readonly #counts = new Map<number, number>();

  /** @throws `coverage.invalid` when the polygons have no area on the grid */
  constructor(grid: TileMatrixSet, polygons: readonly Polygon[]) {
    this.#grid = grid;
    const { edges, owners } = projectEdges(grid, polygons);
    this.#edges = edges;
    this.#owners = owners;
    [this.#minX, this.#minY, this.#maxX, this.#maxY] = extentOf(edges);
    if (!(this.#maxX > this.#minX && this.#maxY > this.#minY))
      throw new TilthError("coverage.invalid", "expected polygons with an area, got none");
    this.#bands = this.#indexBands();
  }

  listRanges(z: number): readonly TileRange[] {
    const range = this.#grid.bboxToRange([this.#minX, this.#minY, this.#maxX, this.#maxY], z);
    return range === null ? [] : [range];
  }

  count(z: number): number {
    let count = this.#counts.get(z);
    if (count === undefined) {
      count = this.#countTiles(z);
      this.#counts.set(z, count);
    }
    return count;
  }

  listSpans(z: number, y: number, minX: number, maxX: number): readonly Span[] {
    const { cellSize, tileWidth, tileHeight, pointOfOrigin } = this.#grid.getMatrix(z);
    const height = cellSize * tileHeight;
    const top = pointOfOrigin[1] - y * height;
    const toColumn = (x: number): number => (x - pointOfOrigin[0]) / (cellSize * tileWidth);
    const spans: [number, number][] = [];
    const add = (x0: number, x1: number): void => {
      const first = Math.max(minX, floorSnapped(toColumn(x0)));
      const last = Math.min(maxX, ceilSnapped(toColumn(x1)) - 1);
      if (first <= last) spans.push([first, last]);
    };
    this.#scanRow(top, top - height, add);
    return mergeSpans(spans);
  }

  #countTiles(z: number): number {
    let count = 0;
    for (const range of this.listRanges(z)) {
      for (let y = range.minY; y <= range.maxY; y++) {
        for (const [first, last] of this.listSpans(z, y, range.minX, range.maxX)) count += last - first + 1;
      }
    }
    return count;
  }

  /** Calls `add` with the x extent of each piece of edge within the row and of each stretch inside along its middle. */
  #scanRow(top: number, bottom: number, add: (x0: number, x1: number) => void): void {
    const edges = this.#edges;
    const middle = (top + bottom) / 2;
    const tolerance = (top - bottom) * 1e-6;
    const crossings: { owner: number; x: number }[] = [];
    this.#visitEdges(bottom, top, (edge) => {
      const [x0, y0, x1, y1] = [
        edges[edge * 4] ?? 0,
        edges[edge * 4 + 1] ?? 0,
        edges[edge * 4 + 2] ?? 0,
        edges[edge * 4 + 3] ?? 0,
      ];
      if (Math.max(y0, y1) <= bottom + tolerance || Math.min(y0, y1) >= top - tolerance) return;
      const atTop = xAt(x0, y0, x1, y1, top);
      const atBottom = xAt(x0, y0, x1, y1, bottom);
      add(Math.min(atTop, atBottom), Math.max(atTop, atBottom));
      if (y0 <= middle !== y1 <= middle)
        crossings.push({ owner: this.#owners[edge] ?? 0, x: xAt(x0, y0, x1, y1, middle) });
    });
    crossings.sort((a, b) => a.owner - b.owner || a.x - b.x);
    for (let index = 0; index + 1 < crossings.length; index += 2)
      add(crossings[index]?.x ?? 0, crossings[index + 1]?.x ?? 0);
  }

  #visitEdges(bottom: number, top: number, visit: (edge: number) => void): void {
    const first = this.#bandOf(bottom);
    const last = this.#bandOf(top);
    for (let band = first; band <= last; band++) {
      for (const edge of this.#bands[band] ?? []) {
        // An edge of several bands is visited in the first of them only.
        const lowest = Math.min(this.#edges[edge * 4 + 1] ?? 0, this.#edges[edge * 4 + 3] ?? 0);
        if (Math.max(first, this.#bandOf(lowest)) === band) visit(edge);
      }
    }
  }

  #bandOf(y: number): number {
    const band = Math.floor(((y - this.#minY) / (this.#maxY - this.#minY)) * BAND_COUNT);
    return Math.min(BAND_COUNT - 1, Math.max(0, band));
  }

  #indexBands(): Uint32Array[] {
    const lists: number[][] = Array.from({ length: BAND_COUNT }, () => []);
    for (let edge = 0; edge < this.#owners.length; edge++) {
      const y0 = this.#edges[edge * 4 + 1] ?? 0;
      const y1 = this.#edges[edge * 4 + 3] ?? 0;
      for (let band = this.#bandOf(Math.min(y0, y1)); band <= this.#bandOf(Math.max(y0, y1)); band++)
        lists[band]?.push(edge);
    }
    return lists.map((list) => Uint32Array.from(list));
  }
}

/** x of an edge at height y, held within the edge. */
function xAt(x0: number, y0: number, x1: number, y1: number, y: number): number {
  // Level: one end at the row's top, the other at its bottom, so that the whole edge counts.
  if (y0 === y1) return y < y0 ? x0 : x1;
  const share = Math.min(1, Math.max(0, (y - y0) / (y1 - y0)));
  return x0 + share * (x1 - x0);
}

function mergeSpans(spans: [number, number][]): Span[] {
  spans.sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (last !== undefined && span[0] <= last[1] + 1) last[1] = Math.max(last[1], span[1]);
    else merged.push([span[0], span[1]]);
  }
  return merged;
}

/** Edges of all rings in CRS units, cut into short pieces; polygons beyond 180 degrees come in again on the other side. */
function projectEdges(grid: TileMatrixSet, polygons: readonly Polygon[]): { edges: Float64Array; owners: Uint32Array } {
  const edges: number[] = [];
  const owners: number[] = [];
  let owner = 0;
  for (const polygon of polygons) {
    for (const shift of shiftsOf(polygon)) {
      for (const ring of polygon) {
        ring.forEach((from, index) =>
          addEdge(grid, from, ring[(index + 1) % ring.length] ?? from, shift, (x0, y0, x1, y1) => {
            edges.push(x0, y0, x1, y1);
            owners.push(owner);
          }),
        );
      }
      owner += 1;
    }
  }
  return { edges: Float64Array.from(edges), owners: Uint32Array.from(owners) };
}

function shiftsOf(polygon: Polygon): number[] {
  const longitudes = (polygon[0] ?? []).map(([lon]) => lon);
  const shifts = [0];
  if (longitudes.some((lon) => lon > 180)) shifts.push(-360);
  if (longitudes.some((lon) => lon < -180)) shifts.push(360);
  return shifts;
}

function addEdge(
  grid: TileMatrixSet,
  from: Position,
  to: Position,
  shift: number,
  add: (x0: number, y0: number, x1: number, y1: number) => void,
): void {
  const { crs } = grid;
  // Along a meridian or a parallel an edge stays straight on a separable grid.
  const straight = crs.separable && (from[0] === to[0] || from[1] === to[1]);
  const length = Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]));
  const pieces = straight ? 1 : Math.max(1, Math.ceil(length / MAX_PIECE_DEG));
  let [x0, y0] = crs.fromLonLat(from[0] + shift, from[1]);
  for (let piece = 1; piece <= pieces; piece++) {
    const share = piece / pieces;
    const [x1, y1] = crs.fromLonLat(from[0] + (to[0] - from[0]) * share + shift, from[1] + (to[1] - from[1]) * share);
    add(x0, y0, x1, y1);
    [x0, y0] = [x1, y1];
  }
}

function extentOf(edges: Float64Array): [minX: number, minY: number, maxX: number, maxY: number] {
  const extent: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let index = 0; index < edges.length; index += 2) {
    const x = edges[index] ?? 0;
    const y = edges[index + 1] ?? 0;
    extent[0] = Math.min(extent[0], x);
    extent[1] = Math.min(extent[1], y);
    extent[2] = Math.max(extent[2], x);
    extent[3] = Math.max(extent[3], y);
  }
  return extent;
}

import { TilthError } from "../core/index.ts";
import { bboxIntersection, type Bbox, type Polygon } from "../geo/index.ts";
import type { GridCoverage, Span } from "./grid_coverage.ts";
import { gridExtent } from "./grid_window.ts";
import { projectEdges } from "./project_edges.ts";
import type { TileRange } from "./tile.ts";
import { ceilSnapped, floorSnapped, type TileMatrixSet } from "./tile_matrix_set.ts";

const EMPTY: Bbox = [0, 0, 1, 1];

/** Horizontal bands over the polygon's height; each lists the edges that touch it. */
const BAND_COUNT = 1024;

/** Edges are off their true images by at most this share of a tile of the finest level that is asked for. */
const TOLERANCE_TILES = 1e-3;

/**
 * Which tiles share area with polygons, row by row: a tile of a row is covered when an edge passes through the row inside of it,
 * or when the row's middle line is inside of the polygon there. Memory follows the polygon's vertices, not the tiles.
 */
export class PolygonScan implements GridCoverage {
  readonly #grid: TileMatrixSet;
  readonly #edges: Float64Array;
  readonly #owners: Uint32Array;
  readonly #real: Uint8Array;
  readonly #bands: readonly Uint32Array[];
  /** Around the edges, as far as the grid reaches; null when they lie beside it. */
  readonly #extent: Bbox | null;
  readonly #counts = new Map<number, number>();

  /**
   * @param finestZ level whose tiles say how exact the edges must be
   * @throws `coverage.invalid` when the polygons have no area
   */
  constructor(grid: TileMatrixSet, polygons: readonly Polygon[], finestZ = grid.maxZ) {
    requireArea(polygons);
    this.#grid = grid;
    const { cellSize, tileWidth, tileHeight } = grid.getMatrix(finestZ);
    const tolerance = cellSize * Math.min(tileWidth, tileHeight) * TOLERANCE_TILES;
    const { edges, owners, real } = projectEdges(grid, polygons, tolerance);
    [this.#edges, this.#owners, this.#real] = [edges, owners, real];
    this.#extent = bboxIntersection(extentOf(edges), gridExtent(grid));
    this.#bands = this.#extent === null ? [] : this.#indexBands(this.#extent);
  }

  listRanges(z: number): readonly TileRange[] {
    const range = this.#extent === null ? null : this.#grid.bboxToRange(this.#extent, z);
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
      if (this.#real[edge] === 1) {
        const atTop = xAt(x0, y0, x1, y1, top);
        const atBottom = xAt(x0, y0, x1, y1, bottom);
        add(Math.min(atTop, atBottom), Math.max(atTop, atBottom));
      }
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

  #bandOf(y: number, [, minY, , maxY] = this.#extent ?? EMPTY): number {
    const band = Math.floor(((y - minY) / (maxY - minY)) * BAND_COUNT);
    return Math.min(BAND_COUNT - 1, Math.max(0, band));
  }

  #indexBands(extent: Bbox): Uint32Array[] {
    const lists: number[][] = Array.from({ length: BAND_COUNT }, () => []);
    for (let edge = 0; edge < this.#owners.length; edge++) {
      const y0 = this.#edges[edge * 4 + 1] ?? 0;
      const y1 = this.#edges[edge * 4 + 3] ?? 0;
      if (Math.max(y0, y1) < extent[1] || Math.min(y0, y1) > extent[3]) continue;
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

function requireArea(polygons: readonly Polygon[]): void {
  const [[first] = []] = polygons[0] ?? [];
  const differs = (axis: 0 | 1): boolean =>
    polygons.some((polygon) => polygon.some((ring) => ring.some((position) => position[axis] !== first?.[axis])));
  if (!differs(0) || !differs(1)) throw new TilthError("coverage.invalid", "expected polygons with an area, got none");
}

/** Box around points x0, y0, x1, y1 ... */
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

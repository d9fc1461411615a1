import { TilthError } from "../core/index.ts";
import { getCrs, type Crs } from "../crs/index.ts";
import type { Bbox, LonLatBbox } from "../geo/index.ts";
import { projectArea } from "./projected_area.ts";
import {
  cellSizeToScale,
  scaleToCellSize,
  TileMatrixSet,
  type CornerOfOrigin,
  type TileMatrix,
} from "./tile_matrix_set.ts";

/** Levels of a grid at the most; 61 are enough for steps of the square root of 2 down to a centimetre. */
export const MAX_LEVELS = 100;

/** Tiles along a side of a level at the most: their numbers fit into 32 bits. */
export const MAX_MATRIX_SIZE = 2 ** 31;

/** Pixels along a side of a tile at the most. */
export const MAX_TILE_SIZE = 65_536;

/** Levels stop at this cell size, metres, unless their number is said. */
const FINEST_CELL_M = 0.05;

/** A box that is larger than a whole number of tiles by less than this share of a tile does not get another one. */
const TOLERANCE_TILES = 1e-6;

/** What a grid is made of. One of `resolutions`, `scales` and the steps (`maxResolution`, `factor`, `levels`) says its levels. */
export interface GridParts {
  id?: string;
  title?: string;
  crs: Crs | string;
  /** Area of the grid, CRS units, x first. @default the area of use of the CRS */
  bbox?: Bbox;
  /** The same in lon/lat degrees; excludes `bbox`. */
  bounds?: LonLatBbox;
  /** Corner of the area that the tiles begin at, or a point in CRS units, x first, which must not lie inside of the area. @default nw */
  origin?: "nw" | "sw" | readonly [x: number, y: number];
  /** What a point as `origin` is; rows are counted from there by services, from the top in here. @default topLeft */
  cornerOfOrigin?: CornerOfOrigin;
  /** CRS units for one pixel, in any order. */
  resolutions?: readonly number[];
  /** Scale denominators by the pixel of 0.28 mm, in any order. */
  scales?: readonly number[];
  /** CRS units for one pixel on level 0. @default one tile holds the whole area */
  maxResolution?: number;
  /** Ratio of a level's resolution to that of the next. @default 2 */
  factor?: number;
  /** @default down to 0.05 m, at most 31 */
  levels?: number;
  /** Pixels. @default 256 */
  tileSize?: number | readonly [width: number, height: number];
}

/** @throws `grid.invalid`, `crs.unknown` */
export function makeGrid(parts: GridParts): TileMatrixSet {
  const crs = typeof parts.crs === "string" ? getCrs(parts.crs) : parts.crs;
  const bbox = areaOf(parts, crs);
  const tileSize = tileSizeOf(parts.tileSize ?? 256);
  const corner = cornerOf(parts);
  const origin = originOf(parts, bbox, corner);
  const cellSizes = cellSizesOf(parts, crs, bbox, tileSize);
  const matrices = cellSizes.map((cellSize, z) => makeMatrix({ z, cellSize, crs, bbox, origin, corner, tileSize }));
  const id = parts.id ?? `grid of ${crs.code}`;
  return new TileMatrixSet({ id, title: parts.title ?? id, crs, matrices });
}

interface MatrixParts {
  z: number;
  cellSize: number;
  crs: Crs;
  bbox: Bbox;
  origin: readonly [x: number, y: number];
  corner: CornerOfOrigin;
  tileSize: readonly [width: number, height: number];
}

function makeMatrix({ z, cellSize, crs, bbox, origin, corner, tileSize }: MatrixParts): TileMatrix {
  const [tileWidth, tileHeight] = tileSize;
  const count = (length: number, pixels: number): number =>
    Math.max(1, Math.ceil(length / (cellSize * pixels) - TOLERANCE_TILES));
  const matrixWidth = count(bbox[2] - origin[0], tileWidth);
  const fromBottom = corner === "bottomLeft";
  const matrixHeight = count(fromBottom ? bbox[3] - origin[1] : origin[1] - bbox[1], tileHeight);
  if (matrixWidth > MAX_MATRIX_SIZE || matrixHeight > MAX_MATRIX_SIZE)
    throw invalid(`at most ${MAX_MATRIX_SIZE} tiles along a side`, `${matrixWidth} x ${matrixHeight} on level ${z}`);
  const top = fromBottom ? origin[1] + matrixHeight * tileHeight * cellSize : origin[1];
  const matrix = {
    id: String(z),
    scaleDenominator: cellSizeToScale(cellSize, crs),
    cellSize,
    pointOfOrigin: [origin[0], top] as const,
    tileWidth,
    tileHeight,
    matrixWidth,
    matrixHeight,
  };
  return fromBottom ? { ...matrix, cornerOfOrigin: corner } : matrix;
}

function areaOf({ bbox, bounds }: GridParts, crs: Crs): Bbox {
  if (bbox !== undefined && bounds !== undefined) throw invalid("either a bbox or bounds", "both");
  const area = bbox ?? projectArea(crs, bounds ?? crs.areaOfUse);
  if (area === null)
    throw invalid(`an area that ${crs.code} has an image of`, `[${(bounds ?? crs.areaOfUse).join(", ")}]`);
  if (area.length === 4 && area.every(Number.isFinite) && area[0] < area[2] && area[1] < area[3]) return area;
  throw invalid("a bbox [minX, minY, maxX, maxY] with an area", `[${area.join(", ")}]`);
}

function cornerOf({ origin, cornerOfOrigin }: GridParts): CornerOfOrigin {
  if (typeof origin !== "string") return cornerOfOrigin ?? "topLeft";
  if (cornerOfOrigin !== undefined) throw invalid("a cornerOfOrigin only with a point as origin", `'${origin}'`);
  return origin === "sw" ? "bottomLeft" : "topLeft";
}

function originOf({ origin }: GridParts, bbox: Bbox, corner: CornerOfOrigin): readonly [x: number, y: number] {
  const edge = corner === "bottomLeft" ? bbox[1] : bbox[3];
  if (origin === undefined || typeof origin === "string") return [bbox[0], edge];
  const [x, y] = origin;
  const slack = (bbox[2] - bbox[0]) * 1e-9;
  const outside = x <= bbox[0] + slack && (corner === "bottomLeft" ? y <= edge + slack : y >= edge - slack);
  if (outside && Number.isFinite(x) && Number.isFinite(y)) return [x, y];
  throw invalid(
    `an origin at or beyond the ${corner === "bottomLeft" ? "lower" : "upper"} left corner [${bbox[0]}, ${edge}] of the area`,
    `[${x}, ${y}]`,
  );
}

function tileSizeOf(size: number | readonly number[]): readonly [width: number, height: number] {
  const [width = Number.NaN, height = width, ...rest] = typeof size === "number" ? [size] : size;
  const fits = [width, height].every((one) => Number.isInteger(one) && one >= 1 && one <= MAX_TILE_SIZE);
  if (fits && rest.length === 0) return [width, height];
  throw invalid(`tiles of 1 to ${MAX_TILE_SIZE} pixels`, String(size));
}

function cellSizesOf(parts: GridParts, crs: Crs, bbox: Bbox, tileSize: readonly [number, number]): number[] {
  const steps = [parts.maxResolution, parts.factor, parts.levels].some((one) => one !== undefined);
  const ways = [parts.resolutions !== undefined, parts.scales !== undefined, steps].filter(Boolean);
  if (ways.length > 1) throw invalid("one of resolutions, scales and maxResolution/factor/levels", "more of them");
  const listed = parts.resolutions ?? parts.scales?.map((scale) => scaleToCellSize(scale, crs));
  const sizes = listed ?? stepsOf(parts, crs, bbox, tileSize);
  const usable =
    sizes.length >= 1 && sizes.length <= MAX_LEVELS && sizes.every((one) => Number.isFinite(one) && one > 0);
  if (!usable)
    throw invalid(
      `1 to ${MAX_LEVELS} resolutions above 0`,
      sizes.length > 8 ? `${sizes.length} of them` : `[${sizes.join(", ")}]`,
    );
  const sorted = sizes.toSorted((a, b) => b - a);
  const twice = sorted.find((one, index) => one === sorted[index + 1]);
  if (twice !== undefined) throw invalid("resolutions that differ", `${twice} twice`);
  return sorted;
}

function stepsOf(parts: GridParts, crs: Crs, bbox: Bbox, [width, height]: readonly [number, number]): number[] {
  const { factor = 2, maxResolution = Math.max((bbox[2] - bbox[0]) / width, (bbox[3] - bbox[1]) / height) } = parts;
  if (!(factor > 1 && Number.isFinite(factor))) throw invalid("a factor above 1", String(factor));
  const { levels } = parts;
  if (levels !== undefined && !(Number.isInteger(levels) && levels >= 1 && levels <= MAX_LEVELS))
    throw invalid(`1 to ${MAX_LEVELS} levels`, String(levels));
  const sizes: number[] = [];
  for (let size = maxResolution; sizes.length < (levels ?? 31); size = maxResolution / factor ** sizes.length) {
    sizes.push(size);
    if (levels === undefined && size * crs.metresPerUnit <= FINEST_CELL_M) break;
  }
  return sizes;
}

function invalid(expected: string, got: string): TilthError {
  return new TilthError("grid.invalid", `expected ${expected} for a grid, got ${got}`);
}

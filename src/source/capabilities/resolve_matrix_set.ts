import type { Crs } from "../../crs/index.ts";
import type { LonLatBbox } from "../../geo/index.ts";
import { findGrid, STANDARD_PIXEL_SIZE_M, TileMatrixSet, type TileMatrix, type TileRange } from "../../grid/index.ts";
import { chooseReading, type Readings } from "./axis_order.ts";
import { findSameGrid } from "./same_grid.ts";
import { findServiceCrs } from "./service_crs.ts";
import type { MatrixSetLink, ServiceMatrix, ServiceMatrixSet } from "./service_description.ts";

/** One level of the grid as the service knows it. */
export interface ResolvedLevel {
  readonly z: number;
  /** The service's name of the level. */
  readonly matrix: string;
  /** Where it has tiles: rows from the top of the grid, inclusive; null = nowhere. */
  readonly range: TileRange | null;
}

export interface ResolvedMatrixSet {
  /** A grid of our own where the set is one; else the service's. */
  readonly grid: TileMatrixSet;
  /** By z, without gaps. */
  readonly levels: readonly ResolvedLevel[];
  /** What was read otherwise than written. */
  readonly notes: readonly string[];
}

/** Why a set cannot be used. */
export interface UnusableMatrixSet {
  readonly reason: string;
}

/**
 * A grid out of a service's matrix set: corners with x first, levels coarsest first, cell sizes from scale denominators (OGC 07-057r7, 6.1).
 * A set whose CRS is not known today becomes usable when `findCrs` knows it.
 * @param link limits that a layer has in the set
 * @param bounds lon/lat box of the layers in it, which helps to tell swapped corners
 */
export function resolveMatrixSet(
  set: ServiceMatrixSet,
  link: MatrixSetLink | null = null,
  bounds: LonLatBbox | null = null,
): ResolvedMatrixSet | UnusableMatrixSet {
  if (set.problem !== null) return { reason: set.problem };
  if (set.matrices.length === 0)
    return {
      reason: set.link === null ? "it has no levels that can be read" : "it is defined in a document of its own",
    };
  const crs = findServiceCrs(set.crs);
  if (crs === null) return { reason: `its CRS '${set.crs}' is not known` };
  const reading = readCorners(set.matrices, crs, bounds);
  if (reading === null) return { reason: `its corners lie outside of ${crs.code} and of its layers, in either order` };
  const swapped = reading === "swapped";
  const written = set.matrices.map((matrix) => ({ matrix, level: toTileMatrix(matrix, crs, swapped) }));
  const sorted = written.toSorted((a, b) => b.level.cellSize - a.level.cellSize);
  if (new Set(sorted.map(({ level }) => level.id)).size < sorted.length)
    return { reason: "two levels have the same name" };
  const notes = swapped
    ? [`corners are written ${crs.axisOrder === "yx" ? "x first" : "y first"}, against the rule of ${crs.code}`]
    : [];
  const same = findSameGrid(
    crs,
    sorted.map(({ level, matrix }) => ({ ...level, fromBottom: isFromBottom(matrix) })),
  );
  const grid =
    same?.grid ??
    ownGrid(
      set,
      crs,
      sorted.map(({ level }) => level),
    );
  const levels = sorted.map(({ matrix, level }, index) => {
    const z = (same?.firstZ ?? 0) + index;
    return { z, matrix: matrix.id, range: rangeOf(matrix, level, grid, z, link) };
  });
  return { grid, levels, notes };
}

export const isUsable = (resolved: ResolvedMatrixSet | UnusableMatrixSet): resolved is ResolvedMatrixSet =>
  "grid" in resolved;

const isFromBottom = (matrix: ServiceMatrix): boolean => matrix.cornerOfOrigin === "bottomLeft";

/** Both may be written, one of them rounded: when they mean the same, the one with more digits counts. */
function cellSizeOf({ cellSize, scaleDenominator }: ServiceMatrix, crs: Crs): number {
  const byScale = ((scaleDenominator ?? 0) * STANDARD_PIXEL_SIZE_M) / crs.metresPerUnit;
  if (cellSize === null || scaleDenominator === null) return cellSize ?? byScale;
  const same = Math.abs(byScale - cellSize) <= cellSize * 1e-4;
  return same && countDigits(scaleDenominator) > countDigits(cellSize) ? byScale : cellSize;
}

const countDigits = (value: number): number => value.toExponential().replace(/e.*|\D/g, "").length;

/** @param flip the numbers stand the other way round than they should */
function toTileMatrix(matrix: ServiceMatrix, crs: Crs, flip: boolean): TileMatrix {
  const { id, tileWidth, tileHeight, matrixWidth, matrixHeight, corner } = matrix;
  const cellSize = cellSizeOf(matrix, crs);
  const order = matrix.cornerOrder === "authority" ? crs.axisOrder : matrix.cornerOrder;
  const [x, y] = (order === "yx") !== flip ? [corner[1], corner[0]] : corner;
  const top = isFromBottom(matrix) ? y + matrixHeight * tileHeight * cellSize : y;
  const scaleDenominator = matrix.scaleDenominator ?? (cellSize * crs.metresPerUnit) / STANDARD_PIXEL_SIZE_M;
  return { id, scaleDenominator, cellSize, pointOfOrigin: [x, top], tileWidth, tileHeight, matrixWidth, matrixHeight };
}

/** Told from the finest level, whose extent is the tightest; all levels of a set are written alike. */
function readCorners(matrices: readonly ServiceMatrix[], crs: Crs, bounds: LonLatBbox | null): keyof Readings | null {
  const finest = matrices.reduce((a, b) => (cellSizeOf(b, crs) < cellSizeOf(a, crs) ? b : a));
  if (finest.cornerOrder !== "authority") return "authority";
  const extent = (flip: boolean) =>
    new TileMatrixSet({ id: "reading", crs, matrices: [toTileMatrix(finest, crs, flip)] }).bbox;
  return chooseReading(crs, { authority: extent(false), swapped: extent(true) }, bounds);
}

/** A set that is called as one of our own and is none gets another name: an archive would be read by the wrong grid. */
function ownGrid(set: ServiceMatrixSet, crs: Crs, matrices: readonly TileMatrix[]): TileMatrixSet {
  const id = findGrid(set.id)?.id === set.id ? `${set.id} of the service` : set.id;
  return new TileMatrixSet({ id, title: set.title, crs, matrices });
}

/** The service's columns and rows of a level, cut to its limits, in the grid's. */
function rangeOf(
  matrix: ServiceMatrix,
  level: TileMatrix,
  grid: TileMatrixSet,
  z: number,
  link: MatrixSetLink | null,
): TileRange | null {
  const held = grid.getMatrix(z);
  const limits = link?.limits?.find((one) => one.matrix === matrix.id);
  // Who gives limits names the levels that have tiles: a layer with levels 6 to 16 lists those (so does the French WMTS).
  if ((link?.limits?.length ?? 0) > 0 && limits === undefined) return null;
  const minX = Math.max(0, limits?.minCol ?? 0);
  const maxX = Math.min(held.matrixWidth, level.matrixWidth, (limits?.maxCol ?? Infinity) + 1) - 1;
  const first = Math.max(0, limits?.minRow ?? 0);
  const last = Math.min(held.matrixHeight, level.matrixHeight, (limits?.maxRow ?? Infinity) + 1) - 1;
  const [minY, maxY] = isFromBottom(matrix)
    ? [held.matrixHeight - 1 - last, held.matrixHeight - 1 - first]
    : [first, last];
  return minX <= maxX && minY <= maxY ? { z, minX, minY, maxX, maxY } : null;
}

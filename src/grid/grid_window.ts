import { bboxIntersection, bboxUnion, type Bbox } from "../geo/index.ts";
import { CUT_MARGIN_DEG, domainOf } from "./crs_domain.ts";
import type { TileMatrixSet } from "./tile_matrix_set.ts";

/** Pieces along each side of a grid whose corners are asked for their lon/lat. */
const PIECES = 32;

/** The window is larger than what the points say by this share and a degree. */
const MARGIN = 0.1;

const windows = new WeakMap<TileMatrixSet, readonly Bbox[]>();

/** Box in CRS units around all levels. */
export function gridExtent(grid: TileMatrixSet): Bbox {
  return grid.matrices.map((_, z) => grid.rangeToBbox(grid.levelRange(z))).reduce(bboxUnion);
}

/**
 * Lon/lat boxes, each mapped in one piece, that hold together all of the grid: what of a coverage lies outside of them has no tile. They are
 * cut at the antimeridian, at the meridian where the map is cut open and, where need be, at the equator.
 */
export function windowsOf(grid: TileMatrixSet): readonly Bbox[] {
  let boxes = windows.get(grid);
  if (boxes === undefined) {
    boxes = findWindows(grid);
    windows.set(grid, boxes);
  }
  return boxes;
}

function findWindows(grid: TileMatrixSet): Bbox[] {
  const { south, north, cutLon, cutEquator } = domainOf(grid.crs);
  const around = findSurroundings(grid);
  const lons = cutLon === null ? [[-180, 180] as const] : [[-180, cutLon] as const, [cutLon, 180] as const];
  const lats = cutEquator
    ? [[south, -CUT_MARGIN_DEG] as const, [CUT_MARGIN_DEG, north] as const]
    : [[south, north] as const];
  const parts = lons.flatMap(([west, east]) =>
    lats.map(([low, high]): Bbox => [west + CUT_MARGIN_DEG, low, east - CUT_MARGIN_DEG, high]),
  );
  return parts.flatMap((part) => around.map((box) => bboxIntersection(part, box)).filter((box) => box !== null));
}

/** Lon/lat boxes around the grid, one or (across the antimeridian) two; the whole Earth when the grid is not the image of a part of it. */
function findSurroundings(grid: TileMatrixSet): readonly Bbox[] {
  const world: Bbox = [-180, -90, 180, 90];
  const extent = gridExtent(grid);
  const points = listLonLats(grid, extent);
  if (points === null) return [world];
  const [middleLon = 0] = points[Math.floor(points.length / 2)] ?? [];
  const offsets = points.map(([lon]) => wrapOffset(lon - middleLon));
  const lats = points.map(([, lat]) => lat);
  const [low, high] = widen(Math.min(...lats), Math.max(...lats));
  const south = hasPole(grid, extent, -90) ? -90 : Math.max(-90, low);
  const north = hasPole(grid, extent, 90) ? 90 : Math.min(90, high);
  const [left, right] = widen(Math.min(...offsets), Math.max(...offsets));
  const narrow = right - left < 300 && !hasPole(grid, extent, -90) && !hasPole(grid, extent, 90);
  if (!narrow) return [[-180, south, 180, north]];
  return [-360, 0, 360]
    .map((shift): Bbox => [middleLon + left + shift, south, middleLon + right + shift, north])
    .filter(([west, , east]) => west < 180 && east > -180)
    .map(([west, , east]): Bbox => [Math.max(-180, west), south, Math.min(180, east), north]);
}

const wrapOffset = (offset: number): number => (offset > 180 ? offset - 360 : offset < -180 ? offset + 360 : offset);

function widen(low: number, high: number): [number, number] {
  const margin = (high - low) * MARGIN + 1;
  return [low - margin, high + margin];
}

function hasPole({ crs }: TileMatrixSet, extent: Bbox, lat: number): boolean {
  return [0, 90, 180, -90].some((lon) => {
    const [x, y] = crs.fromLonLat(lon, lat);
    return x >= extent[0] && x <= extent[2] && y >= extent[1] && y <= extent[3];
  });
}

/** lon/lat of points all over the grid, the middle one in the middle; null when one has none, or one that leads elsewhere. */
function listLonLats({ crs }: TileMatrixSet, [minX, minY, maxX, maxY]: Bbox): [lon: number, lat: number][] | null {
  const tolerance = Math.max(maxX - minX, maxY - minY) * 1e-6;
  const points: [lon: number, lat: number][] = [];
  for (let index = 0; index < (PIECES + 1) ** 2; index++) {
    const x = minX + ((maxX - minX) * (index % (PIECES + 1))) / PIECES;
    const y = minY + ((maxY - minY) * Math.floor(index / (PIECES + 1))) / PIECES;
    const [lon, lat] = crs.toLonLat(x, y);
    const [backX, backY] = crs.fromLonLat(lon, lat);
    // Written so that NaN is 'no'.
    if (!(Math.abs(backX - x) <= tolerance && Math.abs(backY - y) <= tolerance)) return null;
    points.push([lon, lat]);
  }
  return points;
}

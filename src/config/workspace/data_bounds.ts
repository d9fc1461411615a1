import { bboxUnion, normalizeLonLatBbox, polygonBounds, type Bbox, type LonLatBbox } from "../../geo/index.ts";
import type { Coverage, TileMatrixSet, TileRange } from "../../grid/index.ts";
import { parseTask } from "../../seed/index.ts";
import type { TileStore } from "../../store/index.ts";

/** Points along each side of a box that are asked for their longitude and latitude. */
const STEPS = 16;

/**
 * Lon/lat box of what a store holds: the areas that it was seeded with; of a file that no seed made, what the tiles of its deepest level cover.
 * Null when neither tells. @param extents of the store's tiles, by level @throws `store.*`
 */
export async function dataBounds(store: TileStore, extents: readonly TileRange[]): Promise<LonLatBbox | null> {
  const deepest = extents.at(-1);
  const seeded = await seededBounds(store);
  return seeded ?? (deepest === undefined ? null : tilesLonLatBounds(store.grid, deepest));
}

/** Null around a pole, across the antimeridian, and beyond where the CRS has an image: there the sides of a box do not tell what is inside. */
export function tilesLonLatBounds(grid: TileMatrixSet, { z, minX, minY, maxX, maxY }: TileRange): LonLatBbox | null {
  const [left, , , top] = grid.tileToBbox({ z, x: minX, y: minY });
  const [, bottom, right] = grid.tileToBbox({ z, x: maxX, y: maxY });
  const points = around([left, bottom, right, top]).map(([x, y]) => grid.crs.toLonLat(x, y));
  const jumps = points.some(([lon], index) => Math.abs(lon - (points.at(index - 1)?.[0] ?? lon)) > 180);
  const known = points.flat().every(Number.isFinite) && !hasPole(grid, [left, bottom, right, top]);
  if (!known || jumps) return null;
  const [lons, lats] = [points.map(([lon]) => lon), points.map(([, lat]) => lat)];
  // An inverse projection may end a hair beyond its bounds.
  const [west, east] = [Math.max(-180, Math.min(...lons)), Math.min(180, Math.max(...lons))];
  return [west, Math.max(-90, Math.min(...lats)), east, Math.min(90, Math.max(...lats))];
}

/** Points on the sides of a box, in their order around it. */
function around([minX, minY, maxX, maxY]: Bbox): [number, number][] {
  const corners: [number, number][] = [
    [minX, minY],
    [maxX, minY],
    [maxX, maxY],
    [minX, maxY],
  ];
  return corners.flatMap(([x, y], index) => {
    const [nextX, nextY] = corners[(index + 1) % corners.length] ?? [x, y];
    const shares = Array.from({ length: STEPS }, (_, step) => step / STEPS);
    return shares.map((t): [number, number] => [x + t * (nextX - x), y + t * (nextY - y)]);
  });
}

function hasPole({ crs }: TileMatrixSet, [minX, minY, maxX, maxY]: Bbox): boolean {
  if (crs.separable) return false;
  return [-90, 90].some((lat) => {
    const [x, y] = crs.fromLonLat(0, lat);
    return x >= minX && x <= maxX && y >= minY && y <= maxY;
  });
}

/** Lon/lat box around everything that a store was seeded with; null when it knows of no seed. @throws `store.*` */
export async function seededBounds(store: TileStore): Promise<LonLatBbox | null> {
  const tasks = await store.listTasks();
  const boxes = tasks.map(({ definition }) => coverageBounds(parseTask(definition).coverage));
  return boxes.length === 0 ? null : boxes.reduce(bboxUnion);
}

/** Across the antimeridian: all longitudes. */
export function coverageBounds(coverage: Coverage): LonLatBbox {
  if ("bbox" in coverage) return normalizeLonLatBbox(coverage.bbox).reduce(bboxUnion);
  return coverage.polygons.map(polygonBounds).reduce(bboxUnion);
}

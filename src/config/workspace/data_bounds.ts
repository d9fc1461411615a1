import { bboxUnion, normalizeLonLatBbox, type LonLatBbox, type Polygon } from "../../geo/index.ts";
import type { Coverage } from "../../grid/index.ts";
import { parseTask } from "../../seed/index.ts";
import type { TileStore } from "../../store/index.ts";

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

/** Of its outer ring; a loop, because a ring may have more corners than a call has arguments. */
function polygonBounds([outer = []]: Polygon): LonLatBbox {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon, lat] of outer) {
    [west, east] = [Math.min(west, lon), Math.max(east, lon)];
    [south, north] = [Math.min(south, lat), Math.max(north, lat)];
  }
  return [west, south, east, north];
}

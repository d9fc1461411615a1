import type { GeoJson } from "../api/job_types.ts";
import type { LonLatBox } from "../api/types.ts";
import { listPolygons } from "../text/read_geojson.ts";

/** What a job is to cover: a box, or polygons in degrees. */
export type Area = { kind: "box"; box: LonLatBox } | { kind: "polygon"; geojson: GeoJson; title: string };

/** Steps along an edge, so that it stays where it is on any map. */
const EDGE_STEPS = 16;

/** Rings of an area in degrees; edges of a box divided, for they bend on other maps. */
export function ringsOf(area: Area): [number, number][][] {
  if (area.kind === "polygon") return listPolygons(area.geojson).flat();
  const [west, south, east, north] = area.box;
  if (west > east) return [boxRing([west, south, 180, north]), boxRing([-180, south, east, north])];
  return [boxRing(area.box)];
}

export function boxRing([west, south, east, north]: LonLatBox): [number, number][] {
  const corners: [number, number][] = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
  ];
  const ring = corners.flatMap(([x, y], index) => {
    const [toX, toY] = corners[(index + 1) % 4] ?? [x, y];
    return Array.from({ length: EDGE_STEPS }, (_, step): [number, number] => [
      x + ((toX - x) * step) / EDGE_STEPS,
      y + ((toY - y) * step) / EDGE_STEPS,
    ]);
  });
  return [...ring, [west, south]];
}

/** The part of a request that says where. */
export function requestOf(area: Area): { bbox: LonLatBox } | { coverage: GeoJson } {
  return area.kind === "box" ? { bbox: area.box } : { coverage: area.geojson };
}

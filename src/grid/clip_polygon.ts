import type { Bbox, Polygon, Position, Ring } from "../geo/index.ts";

/**
 * What of a polygon lies in a lon/lat box; null when nothing does. Parts that the box cuts off from each other stay in one ring, joined along its
 * border (Sutherland and Hodgman, Reentrant polygon clipping, CACM 17, 1974).
 */
export function clipPolygon(polygon: Polygon, box: Bbox): Polygon | null {
  const [outer] = polygon;
  if (outer === undefined || isBeside(outer, box)) return null;
  if (polygon.every((ring) => isInside(ring, box))) return polygon;
  const rings = polygon.map((ring) => clipRing(ring, box)).filter(({ length }) => length >= 3);
  return rings.length === 0 ? null : rings;
}

function isInside(ring: Ring, [west, south, east, north]: Bbox): boolean {
  return ring.every(([lon, lat]) => lon >= west && lon <= east && lat >= south && lat <= north);
}

function isBeside(ring: Ring, [west, south, east, north]: Bbox): boolean {
  return (
    ring.every(([lon]) => lon <= west) ||
    ring.every(([lon]) => lon >= east) ||
    ring.every(([, lat]) => lat <= south) ||
    ring.every(([, lat]) => lat >= north)
  );
}

function clipRing(ring: Ring, [west, south, east, north]: Bbox): Ring {
  const left = clipSide(ring, 0, west, 1);
  const right = clipSide(left, 0, east, -1);
  return clipSide(clipSide(right, 1, south, 1), 1, north, -1);
}

/** Keeps what is on the side of `limit` on an axis that `sign` points to. */
function clipSide(ring: Ring, axis: 0 | 1, limit: number, sign: 1 | -1): Ring {
  const kept: Position[] = [];
  ring.forEach((to, index) => {
    const from = ring.at(index - 1) ?? to;
    const wasIn = (from[axis] - limit) * sign >= 0;
    const isIn = (to[axis] - limit) * sign >= 0;
    if (wasIn !== isIn) kept.push(crossing(from, to, axis, limit));
    if (isIn) kept.push(to);
  });
  return kept;
}

/** Where an edge meets a side: never past the edge's ends, where rounding would put it outside a box that it was cut to before (by 2e-15 of 10). */
function crossing(from: Position, to: Position, axis: 0 | 1, limit: number): Position {
  const other = axis === 0 ? 1 : 0;
  const exact = from[other] + ((to[other] - from[other]) * (limit - from[axis])) / (to[axis] - from[axis]);
  const value = Math.min(Math.max(exact, Math.min(from[other], to[other])), Math.max(from[other], to[other]));
  return axis === 0 ? [limit, value] : [value, limit];
}

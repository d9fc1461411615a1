import { orient } from "./orient.ts";
import { doubleAreaOf, type Cycle, type HalfEdges } from "./trace_faces.ts";
import type { VertexTable } from "./vertex_table.ts";

/** Vertices of rings, the first not repeated: the outer one counterclockwise, holes clockwise. */
export interface FacePolygon {
  readonly outer: readonly number[];
  readonly holes: (readonly number[])[];
}

/**
 * The faces that lie within an odd number of rings, as polygons that are simple in the sense of OGC 06-103r4: rings do not cross and
 * touch at points only, no ring touches itself.
 */
export function fillFaces(edges: HalfEdges, vertices: VertexTable): FacePolygon[] {
  const inside = findInside(edges, vertices);
  const polygons: (FacePolygon & { component: number })[] = [];
  const loose: { ring: readonly number[]; component: number }[] = [];
  for (const [index, cycle] of edges.cycles.entries()) {
    if (inside[index] !== 1) continue;
    const { component } = cycle;
    const rings = splitAtRepeats(cycle.vertices);
    const isOuter = (ring: readonly number[]): boolean => doubleAreaOf(ring, vertices) > 0;
    const [outer] = cycle.doubleArea > 0 ? rings.filter(isOuter) : [];
    const holes = rings.filter((ring) => !isOuter(ring));
    if (outer === undefined) loose.push(...holes.map((ring) => ({ ring, component })));
    else polygons.push({ outer, holes, component });
  }
  for (const { ring, component } of loose) {
    const others = polygons.filter((polygon) => polygon.component !== component);
    smallestAround(ring, others, vertices)?.holes.push(ring);
  }
  return polygons.map(({ outer, holes }) => ({ outer, holes }));
}

/** 1 for cycles whose face is within, 0 for the others: it changes over every segment. */
function findInside(edges: HalfEdges, vertices: VertexTable): number[] {
  const { cycles, cycleOf } = edges;
  const inside = Array.from({ length: cycles.length }, () => -1);
  const outers = cycles.flatMap((cycle, index) => (cycle.doubleArea < 0 ? [{ cycle, index }] : []));
  for (const { cycle, index } of outers) {
    inside[index] = outers.length === 1 ? 0 : parityAt(cycle, edges, vertices);
    const line = [index];
    for (let at = line.pop(); at !== undefined; at = line.pop()) {
      for (const edge of (cycles[at] as Cycle).edges) {
        const beyond = cycleOf[edge ^ 1] as number;
        if (inside[beyond] !== -1) continue;
        inside[beyond] = 1 - (inside[at] as number);
        line.push(beyond);
      }
    }
  }
  return inside;
}

/** Whether the surroundings of a component lie within the others: odd or even, the segments to the west of one of its places. */
function parityAt({ vertices: [vertex = 0], component }: Cycle, edges: HalfEdges, vertices: VertexTable): 0 | 1 {
  const { from, components } = edges;
  const [x, y] = [vertices.x(vertex), vertices.y(vertex)];
  let parity: 0 | 1 = 0;
  for (let edge = 0; edge < from.length; edge += 2) {
    const a = from[edge] as number;
    if (components[a] !== component && isEastOf(x, y, a, from[edge + 1] as number, vertices)) parity = flip(parity);
  }
  return parity;
}

const flip = (parity: 0 | 1): 0 | 1 => (parity === 0 ? 1 : 0);

/** Whether a place lies to the east of a segment, whose lower end counts and whose upper does not. */
function isEastOf(x: number, y: number, a: number, b: number, vertices: VertexTable): boolean {
  const [ay, by] = [vertices.y(a), vertices.y(b)];
  if (ay > y === by > y) return false;
  const side = orient(vertices.x(a), ay, vertices.x(b), by, x, y);
  return by > ay ? side < 0 : side > 0;
}

/** Whether a place that is not on a ring lies within it. */
function isWithin(ring: readonly number[], x: number, y: number, vertices: VertexTable): boolean {
  let parity: 0 | 1 = 0;
  for (let i = 0; i < ring.length; i++)
    if (isEastOf(x, y, ring[i] as number, ring[(i + 1) % ring.length] as number, vertices)) parity = flip(parity);
  return parity === 1;
}

/** Parts of a walk between two visits of a vertex, so that no ring touches itself. */
function splitAtRepeats(walk: readonly number[]): number[][] {
  const rings: number[][] = [];
  const path: number[] = [];
  const places = new Map<number, number>();
  for (const vertex of walk) {
    const seen = places.get(vertex);
    if (seen !== undefined) {
      const ring = path.splice(seen);
      for (const each of ring) places.delete(each);
      rings.push(ring);
    }
    places.set(vertex, path.push(vertex) - 1);
  }
  return [...rings, path];
}

/** The polygon in whose face a hole lies. */
function smallestAround(
  hole: readonly number[],
  polygons: readonly FacePolygon[],
  vertices: VertexTable,
): FacePolygon | null {
  const [vertex = 0] = hole;
  const [x, y] = [vertices.x(vertex), vertices.y(vertex)];
  let best: FacePolygon | null = null;
  let bestArea = Infinity;
  for (const polygon of polygons) {
    if (!isWithin(polygon.outer, x, y, vertices)) continue;
    const area = doubleAreaOf(polygon.outer, vertices);
    if (area < bestArea) [best, bestArea] = [polygon, area];
  }
  return best;
}

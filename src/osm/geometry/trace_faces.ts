import { orient } from "./orient.ts";
import type { SegmentSet } from "./segment_set.ts";
import type { VertexTable } from "./vertex_table.ts";

/** Closed walk along the edge of a face, which lies to its left; vertices, the first not repeated. */
export interface Cycle {
  readonly vertices: readonly number[];
  /** Half-edges of the walk. */
  readonly edges: readonly number[];
  /** Connected part of the segments to which it belongs. */
  readonly component: number;
  /** Twice its area in units; negative when it goes round from outside. */
  readonly doubleArea: number;
}

/** Two of each segment, one behind the other (`edge ^ 1` goes back), with the vertex at which each begins. */
export interface HalfEdges {
  readonly from: readonly number[];
  readonly cycles: readonly Cycle[];
  /** Cycle of each. */
  readonly cycleOf: Int32Array;
  /** Connected part of each vertex. */
  readonly components: readonly number[];
}

/** Edges of all faces between segments that meet at their ends only. */
export function traceFaces(set: SegmentSet, vertices: VertexTable): HalfEdges {
  const from: number[] = [];
  const outgoing: number[][] = Array.from({ length: vertices.count }, () => []);
  set.each((a, b) => {
    outgoing[a]?.push(from.push(a) - 1);
    outgoing[b]?.push(from.push(b) - 1);
  });
  const next = linkEdges(from, outgoing, vertices);
  const components = findComponents(from, vertices.count);
  const cycleOf = new Int32Array(from.length).fill(-1);
  const cycles: Cycle[] = [];
  for (const start of from.keys()) {
    if (cycleOf[start] !== -1) continue;
    const edges: number[] = [];
    for (let edge = start; cycleOf[edge] === -1; edge = next[edge] as number) {
      cycleOf[edge] = cycles.length;
      edges.push(edge);
    }
    const walk = edges.map((edge) => from[edge] as number);
    cycles.push({
      vertices: walk,
      edges,
      component: components[from[start] as number] as number,
      doubleArea: doubleAreaOf(walk, vertices),
    });
  }
  return { from, cycles, cycleOf, components };
}

/** What follows each half-edge along the face to its left: the first one clockwise from the way back. */
function linkEdges(from: readonly number[], outgoing: readonly number[][], vertices: VertexTable): Int32Array {
  const next = new Int32Array(from.length).fill(-1);
  for (let vertex = 0; vertex < outgoing.length; vertex++) {
    const edges = outgoing[vertex] as number[];
    // Of two either comes before the other.
    if (edges.length > 2) sortByDirection(edges, vertex, from, vertices);
    let clockwise = edges.at(-1) as number;
    for (const edge of edges) {
      next[edge ^ 1] = clockwise;
      clockwise = edge;
    }
  }
  return next;
}

/** Counterclockwise. */
function sortByDirection(edges: number[], vertex: number, from: readonly number[], vertices: VertexTable): void {
  const [x, y] = [vertices.x(vertex), vertices.y(vertex)];
  const endX = (edge: number): number => vertices.x(from[edge ^ 1] as number);
  const endY = (edge: number): number => vertices.y(from[edge ^ 1] as number);
  const isUpper = (edge: number): number => (endY(edge) > y || (endY(edge) === y && endX(edge) > x) ? 0 : 1);
  edges.sort((e, f) => isUpper(e) - isUpper(f) || -orient(x, y, endX(e), endY(e), endX(f), endY(f)));
}

/** Connected parts by a forest of vertices, halved on the way. */
function findComponents(from: readonly number[], count: number): number[] {
  const parents = Array.from({ length: count }, (_, i) => i);
  const rootOf = (vertex: number): number => {
    let at = vertex;
    while (parents[at] !== at) at = parents[at] = parents[parents[at] as number] as number;
    return at;
  };
  for (let edge = 0; edge < from.length; edge += 2) {
    const [a, b] = [rootOf(from[edge] as number), rootOf(from[edge + 1] as number)];
    if (a !== b) parents[b] = a;
  }
  return parents.map((_, vertex) => rootOf(vertex));
}

/** Relative to the first vertex, which keeps the products small. */
export function doubleAreaOf(walk: readonly number[], vertices: VertexTable): number {
  const x0 = vertices.x(walk[0] as number);
  const y0 = vertices.y(walk[0] as number);
  let sum = 0;
  let [ax, ay] = [0, 0];
  // The edges from and to the first vertex add nothing.
  for (let i = 1; i < walk.length; i++) {
    const bx = vertices.x(walk[i] as number) - x0;
    const by = vertices.y(walk[i] as number) - y0;
    sum += ax * by - bx * ay;
    ax = bx;
    ay = by;
  }
  return sum;
}

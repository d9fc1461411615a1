import { UNITS_PER_DEGREE } from "../osm_block.ts";
import { fillFaces, type FacePolygon } from "./fill_faces.ts";
import { nodeSegments } from "./node_segments.ts";
import { MAX_VERTICES, SegmentSet } from "./segment_set.ts";
import { traceFaces } from "./trace_faces.ts";
import { VertexTable } from "./vertex_table.ts";

/** x0, y0, x1, y1 ... in units of 1e-7 degrees. */
export type Line = Int32Array;

export type AreaProblem =
  /** Ends of a ring lay so close together that they were joined. */
  | "gapClosed"
  /** A ring crossed itself or another, or lay on it: what lies within an odd number of rings was taken. */
  | "crossing"
  /** A ring has no end. */
  | "open"
  /** Crossings could not be resolved. */
  | "tangled"
  /** No area is left. */
  | "empty";

export interface Area {
  /** Rings with the first position repeated at their end; the outer one first and counterclockwise. Null when there is no area. */
  readonly polygons: readonly (readonly Line[])[] | null;
  readonly problems: readonly AreaProblem[];
  /** Where the first of them is, degrees. */
  readonly place: readonly [lon: number, lat: number] | null;
}

/** Ends that are this close (about 10 m) were meant to meet. */
const GAP_UNITS = 1e-4 * UNITS_PER_DEGREE;

/**
 * The area of a multipolygon out of the lines of its members, whatever their roles say: rings are joined where ends are at the same place,
 * and what lies within an odd number of them is inside (wiki.openstreetmap.org/wiki/Relation:multipolygon). Edges that two rings share
 * are dropped, so inner rings that touch become one. The polygons are valid in the sense of OGC 06-103r4.
 */
export function assembleArea(lines: readonly Line[]): Area {
  const vertices = new VertexTable();
  const segments = new SegmentSet();
  for (const line of lines) addLine(line, segments, vertices);
  const problems: AreaProblem[] = [];
  let place: number | null = null;
  const tell = (problem: AreaProblem, vertex: number | null): void => {
    problems.push(problem);
    place ??= vertex;
  };
  const polygons = assemble(segments, vertices, tell);
  const places = place === null ? null : ([vertices.x(place), vertices.y(place)] as const);
  return { polygons, problems, place: places && [places[0] / UNITS_PER_DEGREE, places[1] / UNITS_PER_DEGREE] };
}

type Tell = (problem: AreaProblem, vertex: number | null) => void;

function assemble(segments: SegmentSet, vertices: VertexTable, tell: Tell): Line[][] | null {
  if (vertices.count > MAX_VERTICES) return (tell("tangled", null), null);
  if (!closeGaps(segments, vertices, tell)) return null;
  const noded = nodeSegments(segments, vertices);
  if (noded === null) return (tell("tangled", null), null);
  if (noded.crossings > 0) tell("crossing", noded.firstCrossing);
  const polygons = fillFaces(traceFaces(noded.segments, vertices), vertices);
  if (polygons.length === 0) return (tell("empty", vertices.count > 0 ? 0 : null), null);
  return polygons.map((polygon) => ringsOf(polygon, vertices));
}

function addLine(line: Line, segments: SegmentSet, vertices: VertexTable): void {
  let last = -1;
  for (let i = 0; i + 1 < line.length; i += 2) {
    const vertex = vertices.add(line[i] as number, line[i + 1] as number);
    if (last !== -1) segments.toggle(last, vertex);
    last = vertex;
  }
}

/** Joins open ends that lie close together, each with its nearest. @returns whether all rings are closed now */
function closeGaps(segments: SegmentSet, vertices: VertexTable, tell: Tell): boolean {
  const open = segments.listOpenEnds(vertices);
  const [first = null] = open;
  if (first === null) return true;
  const pairs = open.flatMap((a, i) => open.slice(i + 1).map((b) => ({ a, b, length: distance(a, b, vertices) })));
  const near = pairs.filter(({ length }) => length <= GAP_UNITS).toSorted((p, q) => p.length - q.length);
  const joined = new Set<number>();
  for (const { a, b } of near) {
    if (joined.has(a) || joined.has(b)) continue;
    joined.add(a).add(b);
    segments.toggle(a, b);
  }
  tell(joined.size === open.length ? "gapClosed" : "open", first);
  return joined.size === open.length;
}

function distance(a: number, b: number, vertices: VertexTable): number {
  return Math.hypot(vertices.x(a) - vertices.x(b), vertices.y(a) - vertices.y(b));
}

function ringsOf({ outer, holes }: FacePolygon, vertices: VertexTable): Line[] {
  return [outer, ...holes].map((ring) => {
    const line = new Int32Array((ring.length + 1) * 2);
    for (let i = 0; i <= ring.length; i++) {
      const vertex = ring[i % ring.length] as number;
      line[2 * i] = vertices.x(vertex);
      line[2 * i + 1] = vertices.y(vertex);
    }
    return line;
  });
}

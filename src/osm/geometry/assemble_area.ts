import { UNITS_PER_DEGREE } from "../osm_block.ts";
import { fillFaces, type FacePolygon } from "./fill_faces.ts";
import type { Line } from "./line.ts";
import { nodeSegments } from "./node_segments.ts";
import { MAX_VERTICES, SegmentSet } from "./segment_set.ts";
import { hasLoneEnd, openEndsOf, pairNear } from "./open_ends.ts";
import { simpleArea } from "./simple_area.ts";
import { traceFaces } from "./trace_faces.ts";
import { VertexTable } from "./vertex_table.ts";

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

/**
 * The area of a multipolygon out of the lines of its members, whatever their roles say: rings are joined where ends are at the same place,
 * and what lies within an odd number of them is inside (wiki.openstreetmap.org/wiki/Relation:multipolygon). Edges that two rings share
 * are dropped, so inner rings that touch become one. The polygons are valid in the sense of OGC 06-103r4.
 */
export function assembleArea(lines: readonly Line[]): Area {
  const open = openEndsOf(lines);
  if (hasLoneEnd(open))
    return { polygons: null, problems: ["open"], place: degreesOf(open.xs[0] as number, open.ys[0] as number) };
  const polygons = simpleArea(lines);
  return polygons === null ? assembleFaces(lines) : { polygons, problems: [], place: null };
}

/** The same, always by the general way. Of open ends it may name another one. */
export function assembleFaces(lines: readonly Line[]): Area {
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
  return { polygons, problems, place: place === null ? null : degreesOf(vertices.x(place), vertices.y(place)) };
}

function degreesOf(x: number, y: number): [lon: number, lat: number] {
  return [x / UNITS_PER_DEGREE, y / UNITS_PER_DEGREE];
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
  const pairs = pairNear({
    xs: open.map((vertex) => vertices.x(vertex)),
    ys: open.map((vertex) => vertices.y(vertex)),
  });
  for (const [a, b] of pairs) segments.toggle(open[a] as number, open[b] as number);
  const isClosed = 2 * pairs.length === open.length;
  tell(isClosed ? "gapClosed" : "open", first);
  return isClosed;
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

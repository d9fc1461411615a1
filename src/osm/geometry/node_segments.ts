import { orient } from "./orient.ts";
import { SegmentSet } from "./segment_set.ts";
import type { VertexTable } from "./vertex_table.ts";

/** Crossings are rounded to places of 1e-7 degrees, which may make new ones; after so many rounds it is given up. */
const MAX_ROUNDS = 10;

interface Segment {
  readonly a: number;
  readonly b: number;
  readonly minX: number;
  readonly maxX: number;
  readonly minY: number;
  readonly maxY: number;
  /** Vertices on it, between its ends. */
  cuts: number[] | null;
}

export interface Noded {
  readonly segments: SegmentSet;
  /** Places at which segments crossed or lay on each other. */
  readonly crossings: number;
  /** Vertex at the first of them. */
  readonly firstCrossing: number | null;
}

/**
 * The same segments cut wherever two of them touch, so that they meet at their ends only. Null when that could not be had.
 * @param vertices gets the places of crossings
 */
export function nodeSegments(set: SegmentSet, vertices: VertexTable): Noded | null {
  let segments = set;
  let crossings = 0;
  let firstCrossing: number | null = null;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const list: Segment[] = [];
    segments.each((a, b) => list.push(makeSegment(a, b, vertices)));
    const found = findCuts(list, vertices);
    if (found.count === 0) return { segments, crossings, firstCrossing };
    crossings += found.count;
    firstCrossing ??= found.first;
    segments = cutAll(list, vertices);
  }
  return null;
}

function makeSegment(a: number, b: number, vertices: VertexTable): Segment {
  const ax = vertices.x(a);
  const ay = vertices.y(a);
  const bx = vertices.x(b);
  const by = vertices.y(b);
  return {
    a,
    b,
    minX: ax < bx ? ax : bx,
    maxX: ax < bx ? bx : ax,
    minY: ay < by ? ay : by,
    maxY: ay < by ? by : ay,
    cuts: null,
  };
}

/** A sweep from west to east: each segment is held against those that begin before it ends. */
function findCuts(segments: Segment[], vertices: VertexTable): { count: number; first: number | null } {
  segments.sort((s, t) => s.minX - t.minX);
  let count = 0;
  let first: number | null = null;
  for (let i = 0; i < segments.length; i++) {
    const one = segments[i] as Segment;
    for (let j = i + 1; j < segments.length; j++) {
      const other = segments[j] as Segment;
      if (other.minX > one.maxX) break;
      if (other.minY > one.maxY || other.maxY < one.minY) continue;
      const at = cutPair(one, other, vertices);
      if (at === null) continue;
      count += 1;
      first ??= at;
    }
  }
  return { count, first };
}

/** @returns a vertex at which one of the two is to be cut; null when they meet at ends only, or not at all */
function cutPair(s: Segment, t: Segment, vertices: VertexTable): number | null {
  const sa = sideOf(s, t.a, vertices);
  const sb = sideOf(s, t.b, vertices);
  if ((sa > 0 && sb > 0) || (sa < 0 && sb < 0)) return null;
  // Neighbours in a ring, as most pairs are: one end is the same, and the other lies aside.
  if ((sa !== 0 && hasEnd(s, t.b)) || (sb !== 0 && hasEnd(s, t.a))) return null;
  const ta = sideOf(t, s.a, vertices);
  const tb = sideOf(t, s.b, vertices);
  if ((ta > 0 && tb > 0) || (ta < 0 && tb < 0)) return null;
  const touches = [
    cutAt(s, t.a, sa, vertices),
    cutAt(s, t.b, sb, vertices),
    cutAt(t, s.a, ta, vertices),
    cutAt(t, s.b, tb, vertices),
  ];
  const touch = touches.find((vertex) => vertex !== null);
  if (touch !== undefined) return touch;
  if (sa === 0 || sb === 0 || ta === 0 || tb === 0) return null;
  const crossing = crossingOf(t, Math.abs(sa) / (Math.abs(sa) + Math.abs(sb)), vertices);
  for (const each of [s, t]) addCut(each, crossing);
  return crossing;
}

function sideOf({ a, b }: Segment, vertex: number, vertices: VertexTable): number {
  return orient(vertices.x(a), vertices.y(a), vertices.x(b), vertices.y(b), vertices.x(vertex), vertices.y(vertex));
}

function hasEnd({ a, b }: Segment, vertex: number): boolean {
  return a === vertex || b === vertex;
}

/** Cuts a segment at a vertex that lies on it, not at its ends. */
function cutAt(s: Segment, vertex: number, side: number, vertices: VertexTable): number | null {
  if (side !== 0 || vertex === s.a || vertex === s.b) return null;
  const [x, y] = [vertices.x(vertex), vertices.y(vertex)];
  if (x < s.minX || x > s.maxX || y < s.minY || y > s.maxY) return null;
  addCut(s, vertex);
  return vertex;
}

function addCut(segment: Segment, vertex: number): void {
  if (vertex === segment.a || vertex === segment.b) return;
  (segment.cuts ??= []).push(vertex);
}

/** @param share of `t`, from its beginning to the crossing */
function crossingOf(t: Segment, share: number, vertices: VertexTable): number {
  const [ax, ay] = [vertices.x(t.a), vertices.y(t.a)];
  const x = Math.round(ax + share * (vertices.x(t.b) - ax));
  const y = Math.round(ay + share * (vertices.y(t.b) - ay));
  return vertices.add(x, y);
}

function cutAll(segments: readonly Segment[], vertices: VertexTable): SegmentSet {
  const result = new SegmentSet();
  for (const { a, b, cuts } of segments) {
    if (cuts === null) {
      result.toggle(a, b);
      continue;
    }
    const [dx, dy] = [vertices.x(b) - vertices.x(a), vertices.y(b) - vertices.y(a)];
    const along = (vertex: number): number => vertices.x(vertex) * dx + vertices.y(vertex) * dy;
    const stops = [a, ...cuts.toSorted((p, q) => along(p) - along(q)), b];
    for (let i = 1; i < stops.length; i++) result.toggle(stops[i - 1] as number, stops[i] as number);
  }
  return result;
}

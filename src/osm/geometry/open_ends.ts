import { UNITS_PER_DEGREE } from "../osm_block.ts";
import type { Line } from "./line.ts";
import { VertexTable } from "./vertex_table.ts";

/** Ends that are this close (about 10 m) were meant to meet. */
const GAP_UNITS = 1e-4 * UNITS_PER_DEGREE;

/** Each is held against each other one: of more none is closed. */
const MAX_ENDS = 1024;

/** Places, units. */
export interface Ends {
  readonly xs: readonly number[];
  readonly ys: readonly number[];
}

/** Where an odd number of lines begin or end, and with them of their segments: within a line as many come as go. In the order of the lines. */
export function openEndsOf(lines: readonly Line[]): Ends {
  const ends = new VertexTable();
  const counts: number[] = [];
  for (const line of lines) {
    // A place alone is no line.
    if (line.length < 4) continue;
    for (const at of [0, line.length - 2]) {
      const end = ends.add(line[at] as number, line[at + 1] as number);
      counts[end] = (counts[end] ?? 0) + 1;
    }
  }
  const isOpen = (_: number, i: number): boolean => (counts[i] as number) % 2 === 1;
  return { xs: ends.xs.filter(isOpen), ys: ends.ys.filter(isOpen) };
}

/** Whether one of them has no other close by, and so stays open whatever is joined; or they are too many to find out. */
export function hasLoneEnd(ends: Ends): boolean {
  if (ends.xs.length > MAX_ENDS) return true;
  for (let a = 0; a < ends.xs.length; a++) {
    let isLone = true;
    for (let b = 0; b < ends.xs.length && isLone; b++) isLone = b === a || distance(ends, a, b) > GAP_UNITS;
    if (isLone) return true;
  }
  return false;
}

/** Pairs of ends that lie close together, the closest first, each end in one of them at the most. */
export function pairNear(ends: Ends): [a: number, b: number][] {
  const near: { a: number; b: number; length: number }[] = [];
  for (let a = 0; a < ends.xs.length; a++)
    for (let b = a + 1; b < ends.xs.length; b++) {
      const length = distance(ends, a, b);
      if (length <= GAP_UNITS) near.push({ a, b, length });
    }
  const joined = new Set<number>();
  const pairs: [number, number][] = [];
  for (const { a, b } of near.sort((p, q) => p.length - q.length)) {
    if (joined.has(a) || joined.has(b)) continue;
    joined.add(a).add(b);
    pairs.push([a, b]);
  }
  return pairs;
}

function distance({ xs, ys }: Ends, a: number, b: number): number {
  return Math.hypot((xs[a] as number) - (xs[b] as number), (ys[a] as number) - (ys[b] as number));
}

import type { Line } from "./line.ts";
import { closeRings, reversed } from "./close_rings.ts";
import { orient } from "./orient.ts";
import { doubleAreaOfRing, edgesMeet, isSimpleRing } from "./simple_ring.ts";

/** Each ring is held against each other one: past this the way round is shorter. */
const MAX_RINGS = 64;
/** Values of a ring: of more the general way is no slower. */
const MAX_VALUES = 200_000;
/** Pairs of edges of different rings that are held against each other. */
const MAX_PAIRS = 1_000_000;

interface Ring {
  readonly line: Line;
  readonly doubleArea: number;
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

/**
 * The polygons of lines that make simple rings of which none touches another, as nearly all that are whole: what lies within an odd number of rings is inside. Null for all
 * others. In half the time of the general way, most of which goes into garbage.
 */
export function simpleArea(lines: readonly Line[]): Line[][] | null {
  const closed = closeRings(lines);
  if (closed === null || closed.length === 0 || closed.length > MAX_RINGS) return null;
  const rings: Ring[] = [];
  for (const line of closed) {
    if (line.length > MAX_VALUES || !isSimpleRing(line, 0, line.length)) return null;
    const ring = measure(line);
    if (!hasSureArea(ring)) return null;
    rings.push(ring);
  }
  return areApart(rings) ? nest(rings) : null;
}

function measure(line: Line): Ring {
  let [minX, minY] = [line[0] as number, line[1] as number];
  let [maxX, maxY] = [minX, minY];
  for (let i = 2; i < line.length; i += 2) {
    const x = line[i] as number;
    const y = line[i + 1] as number;
    if (x < minX) minX = x;
    if (x > maxX) maxX = x;
    if (y < minY) minY = y;
    if (y > maxY) maxY = y;
  }
  return { line, doubleArea: doubleAreaOfRing(line, 0, line.length), minX, minY, maxX, maxY };
}

/** Whether the area is not so small beside the ring's box that rounding could turn its sign. */
function hasSureArea({ line, doubleArea, minX, minY, maxX, maxY }: Ring): boolean {
  return Math.abs(doubleArea) > (maxX - minX) * (maxY - minY) * line.length * 2 ** -50;
}

/** Whether no two rings have a place in common. False as well when finding out would take long. */
function areApart(rings: readonly Ring[]): boolean {
  let pairsLeft = MAX_PAIRS;
  for (let i = 0; i < rings.length; i++)
    for (let j = i + 1; j < rings.length; j++) {
      pairsLeft = holdAgainst(rings[i] as Ring, rings[j] as Ring, pairsLeft);
      if (pairsLeft < 0) return false;
    }
  return true;
}

/** @returns pairs of edges that may still be looked at; less than 0 when the rings meet, or that is not known */
function holdAgainst(a: Ring, b: Ring, pairs: number): number {
  if (a.minX > b.maxX || a.maxX < b.minX || a.minY > b.maxY || a.maxY < b.minY) return pairs;
  let left = pairs;
  const { line } = a;
  for (let i = 0; i + 3 < line.length; i += 2) {
    const ax = line[i] as number;
    const ay = line[i + 1] as number;
    const bx = line[i + 2] as number;
    const by = line[i + 3] as number;
    if ((ax < b.minX && bx < b.minX) || (ax > b.maxX && bx > b.maxX)) continue;
    if ((ay < b.minY && by < b.minY) || (ay > b.maxY && by > b.maxY)) continue;
    left -= b.line.length / 2 - 1;
    if (left < 0 || edgeMeets(ax, ay, bx, by, b.line)) return -1;
  }
  return left;
}

function edgeMeets(ax: number, ay: number, bx: number, by: number, line: Line): boolean {
  for (let i = 0; i + 3 < line.length; i += 2) {
    const cx = line[i] as number;
    const cy = line[i + 1] as number;
    if (edgesMeet(ax, ay, bx, by, cx, cy, line[i + 2] as number, line[i + 3] as number)) return true;
  }
  return false;
}

/** Rings within an even number of others are outer ones, counterclockwise; the others are holes of the smallest that they lie in, clockwise. */
function nest(rings: readonly Ring[]): Line[][] {
  const around = rings.map((ring) => rings.filter((other) => other !== ring && isWithin(ring, other)));
  const polygons = new Map<Ring, Line[]>();
  for (let i = 0; i < rings.length; i++)
    if ((around[i] as Ring[]).length % 2 === 0) polygons.set(rings[i] as Ring, [turned(rings[i] as Ring, true)]);
  for (let i = 0; i < rings.length; i++) {
    const others = around[i] as Ring[];
    if (others.length % 2 === 0) continue;
    const smallest = others.reduce((a, b) => (Math.abs(b.doubleArea) < Math.abs(a.doubleArea) ? b : a));
    polygons.get(smallest)?.push(turned(rings[i] as Ring, false));
  }
  return [...polygons.values()];
}

function turned({ line, doubleArea }: Ring, isCounterclockwise: boolean): Line {
  return doubleArea > 0 === isCounterclockwise ? line : reversed(line);
}

/** Of two rings that have no place in common. */
function isWithin(ring: Ring, other: Ring): boolean {
  if (ring.minX < other.minX || ring.maxX > other.maxX || ring.minY < other.minY || ring.maxY > other.maxY)
    return false;
  const [x, y] = [ring.line[0] as number, ring.line[1] as number];
  const { line } = other;
  let isInside = false;
  // Edges to the west, whose lower end counts and whose upper does not.
  for (let i = 0; i + 3 < line.length; i += 2) {
    const ay = line[i + 1] as number;
    const by = line[i + 3] as number;
    if (ay > y === by > y) continue;
    const side = orient(line[i] as number, ay, line[i + 2] as number, by, x, y);
    if (by > ay ? side < 0 : side > 0) isInside = !isInside;
  }
  return isInside;
}

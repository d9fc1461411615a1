import { assembleArea, type Area } from "./assemble_area.ts";
import type { Line } from "./line.ts";
import { clipLine, cornersOf, placeOnEdge, type UnitBox } from "./clip_lines.ts";
import { joinLines } from "./join_lines.ts";

/** A part of the coast with the sea on its left, and where it comes to the edge of the box and leaves it. */
interface Shore {
  readonly line: readonly number[];
  readonly from: number;
  readonly to: number;
}

const EMPTY: Area = { polygons: null, problems: ["empty"], place: null };

/**
 * The sea within a box out of coastlines, which have the land on their left and the water on their right
 * (wiki.openstreetmap.org/wiki/Tag:natural=coastline). Without a coastline nobody knows, and it is taken for land. Where the coast ends within the box there
 * is no sea to be had: `open`, with the place.
 */
export function seaPolygons(coastlines: readonly Line[], box: UnitBox): Area {
  const chains = joinLines(coastlines);
  const rings: Line[] = [];
  const shores: Shore[] = [];
  for (const chain of chains) {
    const isClosed = chain[0] === chain.at(-2) && chain[1] === chain.at(-1);
    const parts = clipLine(chain, box);
    const whole = parts[0];
    if (isClosed && parts.length === 1 && whole !== undefined && whole.length === chain.length) {
      rings.push(whole);
      continue;
    }
    for (const part of isClosed ? joinLines(parts) : parts) {
      const shore = shoreOf(part, box);
      if (shore === null) return { polygons: null, problems: ["open"], place: degrees(part) };
      shores.push(shore);
    }
  }
  if (shores.length === 0 && rings.length === 0) return EMPTY;
  const outer = shores.length > 0 ? closeAlongEdge(shores, box) : rings.some(isIsland) ? [edgeOf(box)] : [];
  return assembleArea([...outer, ...rings]);
}

/** Null when an end is not on the edge. */
function shoreOf(part: Line, box: UnitBox): Shore | null {
  const line = reversed(part);
  const from = placeOnEdge(line[0] as number, line[1] as number, box);
  const to = placeOnEdge(line.at(-2) as number, line.at(-1) as number, box);
  return from === null || to === null ? null : { line, from, to };
}

/** From the end of each shore counterclockwise along the edge to the beginning of the next: that part of the edge is sea. */
function closeAlongEdge(shores: readonly Shore[], box: UnitBox): Line[] {
  const perimeter = 2 * (box[2] - box[0] + box[3] - box[1]);
  const left = new Set(shores);
  const rings: Line[] = [];
  for (const first of shores) {
    if (!left.delete(first)) continue;
    const ring = [...first.line];
    for (let shore = first; ;) {
      const candidates = [first, ...left];
      const ahead = (other: Shore): number => (other.from - shore.to + perimeter) % perimeter;
      const next = candidates.reduce((best, other) => (ahead(other) < ahead(best) ? other : best));
      ring.push(...cornersBetween(shore.to, ahead(next), box, perimeter));
      if (next === first) break;
      left.delete(next);
      ring.push(...next.line);
      shore = next;
    }
    ring.push(ring[0] as number, ring[1] as number);
    rings.push(Int32Array.from(ring));
  }
  return rings;
}

function cornersBetween(from: number, length: number, box: UnitBox, perimeter: number): number[] {
  return cornersOf(box)
    .map((corner) => ({ ...corner, ahead: (corner.place - from + perimeter) % perimeter }))
    .filter(({ ahead }) => ahead > 0 && ahead < length)
    .toSorted((a, b) => a.ahead - b.ahead)
    .flatMap(({ x, y }) => [x, y]);
}

/** The land lies within: the ring goes counterclockwise. */
function isIsland(ring: Line): boolean {
  let sum = 0;
  const [x0, y0] = [ring[0] as number, ring[1] as number];
  for (let i = 0; i + 3 < ring.length; i += 2)
    sum +=
      ((ring[i] as number) - x0) * ((ring[i + 3] as number) - y0) -
      ((ring[i + 2] as number) - x0) * ((ring[i + 1] as number) - y0);
  return sum > 0;
}

function edgeOf(box: UnitBox): Line {
  const corners = cornersOf(box);
  return Int32Array.from([...corners, ...corners.slice(0, 1)].flatMap(({ x, y }) => [x, y]));
}

function reversed(line: Line): number[] {
  const values: number[] = [];
  for (let i = line.length - 2; i >= 0; i -= 2) values.push(line[i] as number, line[i + 1] as number);
  return values;
}

function degrees(line: Line): readonly [number, number] {
  return [(line[0] as number) / 1e7, (line[1] as number) / 1e7];
}

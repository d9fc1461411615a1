export type Point = readonly [x: number, y: number];

export interface Box {
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

/** Ring cut to a box (Sutherland-Hodgman); empty when nothing is left. */
export function clipRing(ring: readonly Point[], box: Box): readonly Point[] {
  let points: readonly Point[] = ring;
  points = clipEdge(points, (p) => p[0] - box.minX);
  points = clipEdge(points, (p) => box.maxX - p[0]);
  points = clipEdge(points, (p) => p[1] - box.minY);
  return clipEdge(points, (p) => box.maxY - p[1]);
}

/** Keeps the side where `distance` is positive. */
function clipEdge(points: readonly Point[], distance: (point: Point) => number): readonly Point[] {
  const kept: Point[] = [];
  let from = points.at(-1);
  for (const to of points) {
    if (from !== undefined) {
      const [a, b] = [distance(from), distance(to)];
      if (a >= 0 !== b >= 0) kept.push(between(from, to, a / (a - b)));
      if (b >= 0) kept.push(to);
    }
    from = to;
  }
  return kept;
}

function between(from: Point, to: Point, share: number): Point {
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}

/** Pieces of a line within a box (Liang-Barsky for each segment), joined where they touch. */
export function clipLine(line: readonly Point[], box: Box): Point[][] {
  const pieces: Point[][] = [];
  for (let index = 0; index + 1 < line.length; index++) {
    const [from, to] = [line[index], line[index + 1]];
    const cut = from === undefined || to === undefined ? null : clipSegment(from, to, box);
    if (cut === null) continue;
    const last = pieces.at(-1)?.at(-1);
    if (last !== undefined && last[0] === cut[0][0] && last[1] === cut[0][1]) pieces.at(-1)?.push(cut[1]);
    else pieces.push([cut[0], cut[1]]);
  }
  return pieces;
}

function clipSegment(from: Point, to: Point, box: Box): [Point, Point] | null {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  let [enter, leave] = [0, 1];
  for (const [p, q] of [
    [-dx, from[0] - box.minX],
    [dx, box.maxX - from[0]],
    [-dy, from[1] - box.minY],
    [dy, box.maxY - from[1]],
  ] as const) {
    if (p === 0 && q < 0) return null;
    if (p < 0) enter = Math.max(enter, q / p);
    if (p > 0) leave = Math.min(leave, q / p);
  }
  return enter > leave ? null : [between(from, to, enter), leave === 1 ? to : between(from, to, leave)];
}

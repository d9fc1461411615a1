import type { Crs, LonLatBox } from "../api/types.ts";

/** A line or ring in the map's units: x, y, x, y ... and the box around it. */
export interface Path {
  points: Float64Array;
  box: [minX: number, minY: number, maxX: number, maxY: number];
}

export type Project = (lon: number, lat: number) => [number, number] | null;

/** Degrees shown around the area of use of a regional CRS: further away its plane is bent out of shape. */
const MARGIN_DEG = { lon: 20, lat: 12 };
/** Mercator's pole is infinitely far. */
const MAX_LAT = 85.06;
/** Edges are bent on most maps: points are put in every so many degrees. */
const MAX_EDGE_DEG = 2;

/** The parts of the plane of longitudes that a map in this CRS shows. */
export function windowsOf({ kind, areaOfUse }: Pick<Crs, "kind" | "areaOfUse">): LonLatBox[] {
  if (kind === "geographic") return [[-180, -90, 180, 90]];
  const [west, south, east, north] = areaOfUse;
  const bottom = south <= -89 ? -90 : Math.max(-MAX_LAT, south - MARGIN_DEG.lat);
  const top = north >= 89 ? 90 : Math.min(MAX_LAT, north + MARGIN_DEG.lat);
  const width = (east < west ? east + 360 : east) - west + 2 * MARGIN_DEG.lon;
  if (width >= 360) return [[-180, bottom, 180, top]];
  const left = west - MARGIN_DEG.lon < -180 ? west - MARGIN_DEG.lon + 360 : west - MARGIN_DEG.lon;
  if (left + width <= 180) return [[left, bottom, left + width, top]];
  return [
    [left, bottom, 180, top],
    [-180, bottom, left + width - 360, top],
  ];
}

/** Steps of a background file as flat degrees. */
export function decode(steps: readonly number[], scale: number): number[] {
  const sums = [0, 0];
  return steps.map((step, index) => (sums[index % 2] = (sums[index % 2] ?? 0) + step) / scale);
}

/** The part of a ring within a box (Sutherland and Hodgman); empty when there is none. */
export function clipRing(ring: readonly number[], [west, south, east, north]: LonLatBox): number[] {
  let cut = clipEdge(ring, 0, west, 1);
  cut = clipEdge(cut, 0, east, -1);
  cut = clipEdge(cut, 1, south, 1);
  return clipEdge(cut, 1, north, -1);
}

function clipEdge(ring: readonly number[], axis: 0 | 1, limit: number, sign: 1 | -1): number[] {
  const cut: number[] = [];
  for (let index = 0; index < ring.length; index += 2) {
    const before = (index + ring.length - 2) % ring.length;
    const [fromX = 0, fromY = 0] = [ring[before], ring[before + 1]];
    const [x = 0, y = 0] = [ring[index], ring[index + 1]];
    const from = sign * ((axis === 0 ? fromX : fromY) - limit);
    const to = sign * ((axis === 0 ? x : y) - limit);
    const share = from / (from - to);
    if (from >= 0 !== to >= 0) cut.push(fromX + (x - fromX) * share, fromY + (y - fromY) * share);
    if (to >= 0) cut.push(x, y);
  }
  return cut;
}

/** The edges of clipped rings that are coast: not those along the box's own sides. */
export function coastsOf(ring: readonly number[], [west, south, east, north]: LonLatBox): number[][] {
  const lines: number[][] = [[]];
  const onSide = (a: number, b: number, side: number): boolean =>
    Math.abs(a - side) < 0.02 && Math.abs(b - side) < 0.02;
  for (let index = 0; index + 3 < ring.length + 2; index += 2) {
    const [x = 0, y = 0] = [ring[index], ring[index + 1]];
    const [toX = 0, toY = 0] = [ring[(index + 2) % ring.length], ring[(index + 3) % ring.length]];
    lines.at(-1)?.push(x, y);
    const along =
      [west, east].some((side) => onSide(x, toX, side)) || [south, north].some((side) => onSide(y, toY, side));
    if (along) lines.push([]);
    else if (index + 2 >= ring.length) lines.at(-1)?.push(toX, toY);
  }
  return lines.filter((line) => line.length >= 4);
}

/** Runs of points within a box. */
export function clipLine(line: readonly number[], [west, south, east, north]: LonLatBox): number[][] {
  const runs: number[][] = [[]];
  for (let index = 0; index < line.length; index += 2) {
    const [x = 0, y = 0] = [line[index], line[index + 1]];
    if (x >= west && x <= east && y >= south && y <= north) runs.at(-1)?.push(x, y);
    else if (runs.at(-1)?.length !== 0) runs.push([]);
  }
  return runs.filter((run) => run.length >= 4);
}

/** A line on the map; points without an image are left out. Null when fewer than two are left. */
export function projectPath(line: readonly number[], project: Project): Path | null {
  const points: number[] = [];
  const box: Path["box"] = [Infinity, Infinity, -Infinity, -Infinity];
  const add = (lon: number, lat: number): void => {
    const image = project(lon, lat);
    if (image === null) return;
    const [x, y] = image;
    points.push(x, y);
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  };
  for (let index = 0; index < line.length; index += 2) {
    const [lon = 0, lat = 0, fromLon = lon, fromLat = lat] = [
      line[index],
      line[index + 1],
      line[index - 2],
      line[index - 1],
    ];
    const steps = Math.ceil(Math.max(Math.abs(lon - fromLon), Math.abs(lat - fromLat)) / MAX_EDGE_DEG);
    for (let step = 1; step < steps; step++)
      add(fromLon + ((lon - fromLon) * step) / steps, fromLat + ((lat - fromLat) * step) / steps);
    add(lon, lat);
  }
  return points.length < 4 ? null : { points: Float64Array.from(points), box };
}

import type { Line } from "./line.ts";

/** West, south, east, north in units of 1e-7 degrees. */
export type UnitBox = readonly [number, number, number, number];

/**
 * The parts of a line within a box, in its direction; those that leave and come back are several. Positions on the edge are rounded to units and lie
 * exactly on it.
 */
export function clipLine(line: Line, box: UnitBox): Line[] {
  const parts: Line[] = [];
  let part: number[] = [];
  const end = (): void => {
    if (part.length >= 4) parts.push(Int32Array.from(part));
    part = [];
  };
  for (let i = 0; i + 3 < line.length; i += 2) {
    const [ax, ay, bx, by] = [line[i] as number, line[i + 1] as number, line[i + 2] as number, line[i + 3] as number];
    const cut = clipSegment(ax, ay, bx, by, box);
    if (cut === null) {
      end();
      continue;
    }
    const [x0, y0, x1, y1] = cut;
    if (part.length === 0) part.push(x0, y0);
    if (x1 !== part.at(-2) || y1 !== part.at(-1)) part.push(x1, y1);
    if (x1 !== bx || y1 !== by) end();
  }
  end();
  return parts;
}

/** Liang and Barsky: the shares of a segment at which it enters and leaves. */
function clipSegment(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  box: UnitBox,
): [number, number, number, number] | null {
  const [west, south, east, north] = box;
  const [dx, dy] = [bx - ax, by - ay];
  let [enter, leave] = [0, 1];
  for (const [p, q] of [
    [-dx, ax - west],
    [dx, east - ax],
    [-dy, ay - south],
    [dy, north - ay],
  ] as const) {
    if (p === 0 && q < 0) return null;
    if (p < 0) enter = Math.max(enter, q / p);
    if (p > 0) leave = Math.min(leave, q / p);
  }
  if (enter >= leave) return null;
  const at = (share: number): [number, number] => onEdge(ax + share * dx, ay + share * dy, box);
  const [x0, y0] = enter === 0 ? [ax, ay] : at(enter);
  const [x1, y1] = leave === 1 ? [bx, by] : at(leave);
  return [x0, y0, x1, y1];
}

/** A place that lies on an edge but for rounding. */
function onEdge(x: number, y: number, [west, south, east, north]: UnitBox): [number, number] {
  const near = (value: number, edge: number): boolean => Math.abs(value - edge) < 0.5;
  const clampedX = near(x, west) ? west : near(x, east) ? east : Math.round(x);
  const clampedY = near(y, south) ? south : near(y, north) ? north : Math.round(y);
  return [clampedX, clampedY];
}

/** How far along the edge of a box a place lies, counterclockwise from the southwest corner; null when it is not on the edge. */
export function placeOnEdge(x: number, y: number, [west, south, east, north]: UnitBox): number | null {
  const [width, height] = [east - west, north - south];
  if (y === south && x >= west && x <= east) return x - west;
  if (x === east && y >= south && y <= north) return width + (y - south);
  if (y === north && x >= west && x <= east) return width + height + (east - x);
  if (x === west && y >= south && y <= north) return 2 * width + height + (north - y);
  return null;
}

/** Corners of a box with their places, counterclockwise from the southwest. */
export function cornersOf([west, south, east, north]: UnitBox): { x: number; y: number; place: number }[] {
  const [width, height] = [east - west, north - south];
  return [
    { x: west, y: south, place: 0 },
    { x: east, y: south, place: width },
    { x: east, y: north, place: width + height },
    { x: west, y: north, place: 2 * width + height },
  ];
}

import { UNITS_PER_DEGREE } from "../osm_block.ts";
import type { WantedArea } from "./feature_plan.ts";
import { PolygonMask } from "../geometry/polygon_mask.ts";

/** Whether places and lines, in units of 1e-7 degrees, lie in the area that is wanted. */
export interface AreaFilter {
  holds(x: number, y: number): boolean;
  /** Whether a line has a place within, or an edge that goes through. @param length values of the line */
  touches(line: Int32Array, length: number): boolean;
}

export function areaFilter(area: WantedArea): AreaFilter {
  if (area === null) return { holds: () => true, touches: (_line, length) => length > 0 };
  if ("polygons" in area) return new PolygonMask(area.polygons);
  const boxes = area.boxes.map((box) => box.map((value) => Math.round(value * UNITS_PER_DEGREE)));
  return {
    holds: (x, y) => boxes.some((box) => isIn(box, x, y)),
    touches: (line, length) => boxes.some((box) => touchesBox(box, line, length)),
  };
}

function isIn([west = 0, south = 0, east = 0, north = 0]: readonly number[], x: number, y: number): boolean {
  return x >= west && x <= east && y >= south && y <= north;
}

function touchesBox(box: readonly number[], line: Int32Array, length: number): boolean {
  for (let i = 0; i < length; i += 2) if (isIn(box, line[i] as number, line[i + 1] as number)) return true;
  for (let i = 2; i < length; i += 2) {
    const ends = [line[i - 2], line[i - 1], line[i], line[i + 1]] as [number, number, number, number];
    if (crossesBox(box, ...ends)) return true;
  }
  return false;
}

/** An edge with both ends outside crosses a box when it cuts one of its diagonals (Liang and Barsky's parameters, in short). */
function crossesBox(
  [west = 0, south = 0, east = 0, north = 0]: readonly number[],
  ax: number,
  ay: number,
  bx: number,
  by: number,
): boolean {
  const [dx, dy] = [bx - ax, by - ay];
  let [enter, leave] = [0, 1];
  for (const [delta, toLow, toHigh] of [
    [dx, west - ax, east - ax],
    [dy, south - ay, north - ay],
  ] as const) {
    if (delta === 0) {
      if (toLow > 0 || toHigh < 0) return false;
      continue;
    }
    const [s, t] = [toLow / delta, toHigh / delta];
    enter = Math.max(enter, Math.min(s, t));
    leave = Math.min(leave, Math.max(s, t));
  }
  return enter <= leave;
}

import { orient } from "./orient.ts";

/** Rings of so few corners are checked pair by pair, without sorting: nearly all of OpenStreetMap's. */
const FEW_CORNERS = 24;

/**
 * Whether a closed line, the last position of which repeats the first, crosses and touches itself nowhere else; anything else, and a ring
 * without three corners, has to go through `assembleArea`. Positions are x0, y0, x1, y1 ... in units of 1e-7 degrees.
 * @param from index of the first value in `values`
 */
export function isSimpleRing(values: Int32Array, from: number, to: number): boolean {
  const corners = (to - from) / 2 - 1;
  if (corners < 3) return false;
  if (corners <= FEW_CORNERS) return everyPairIsApart(values, from, corners);
  return sweepIsApart(values, from, corners);
}

/** Twice the area of a closed line; positive when it goes counterclockwise. */
export function doubleAreaOfRing(values: Int32Array, from: number, to: number): number {
  const [x0, y0] = [values[from] as number, values[from + 1] as number];
  let sum = 0;
  for (let i = from; i + 3 < to; i += 2) {
    const ax = (values[i] as number) - x0;
    const ay = (values[i + 1] as number) - y0;
    sum += ax * ((values[i + 3] as number) - y0) - ((values[i + 2] as number) - x0) * ay;
  }
  return sum;
}

function everyPairIsApart(values: Int32Array, from: number, corners: number): boolean {
  for (let i = 0; i < corners; i++) {
    for (let j = i + 1; j < corners; j++) if (!isApart(values, from, corners, i, j)) return false;
  }
  return true;
}

/** From west to east: each edge is held against those that begin before it ends. */
function sweepIsApart(values: Int32Array, from: number, corners: number): boolean {
  const minX = new Int32Array(corners);
  const order = new Uint32Array(corners);
  for (let i = 0; i < corners; i++) {
    minX[i] = Math.min(values[from + 2 * i] as number, values[from + 2 * i + 2] as number);
    order[i] = i;
  }
  order.sort((a, b) => (minX[a] as number) - (minX[b] as number));
  for (let at = 0; at < corners; at++) {
    const i = order[at] as number;
    const maxX = Math.max(values[from + 2 * i] as number, values[from + 2 * i + 2] as number);
    for (let next = at + 1; next < corners; next++) {
      const j = order[next] as number;
      if ((minX[j] as number) > maxX) break;
      if (!isApart(values, from, corners, Math.min(i, j), Math.max(i, j))) return false;
    }
  }
  return true;
}

/** Whether edges i < j of a ring have nothing in common but the corner between neighbours. */
function isApart(values: Int32Array, from: number, corners: number, i: number, j: number): boolean {
  // One by one: a list that is taken apart again costs more than all the rest of this function.
  const a = from + 2 * i;
  const c = from + 2 * j;
  const ax = values[a] as number;
  const ay = values[a + 1] as number;
  const bx = values[a + 2] as number;
  const by = values[a + 3] as number;
  const cx = values[c] as number;
  const cy = values[c + 1] as number;
  const dx = values[c + 2] as number;
  const dy = values[c + 3] as number;
  // An edge without length is a corner that stands twice.
  if ((ax === bx && ay === by) || (cx === dx && cy === dy)) return false;
  if (j === i + 1) return !turnsBack(ax, ay, bx, by, dx, dy);
  if (i === 0 && j === corners - 1) return !turnsBack(cx, cy, ax, ay, bx, by);
  return !edgesMeet(ax, ay, bx, by, cx, cy, dx, dy);
}

/** Whether two edges, from a to b and from c to d, have a place in common. */
export function edgesMeet(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  cx: number,
  cy: number,
  dx: number,
  dy: number,
): boolean {
  // Boxes that do not meet, without Math.min and Math.max: calls, until this is compiled for speed.
  if ((ax < cx && ax < dx && bx < cx && bx < dx) || (ax > cx && ax > dx && bx > cx && bx > dx)) return false;
  if ((ay < cy && ay < dy && by < cy && by < dy) || (ay > cy && ay > dy && by > cy && by > dy)) return false;
  const sideC = orient(ax, ay, bx, by, cx, cy);
  const sideD = orient(ax, ay, bx, by, dx, dy);
  if ((sideC > 0 && sideD > 0) || (sideC < 0 && sideD < 0)) return false;
  const sideA = orient(cx, cy, dx, dy, ax, ay);
  const sideB = orient(cx, cy, dx, dy, bx, by);
  if ((sideA > 0 && sideB > 0) || (sideA < 0 && sideB < 0)) return false;
  // All four on one line: the boxes met, so they lie on each other. Else they cross or touch.
  return true;
}

/** Whether the way a, b, c goes back over itself at b. */
function turnsBack(ax: number, ay: number, bx: number, by: number, cx: number, cy: number): boolean {
  if (orient(ax, ay, bx, by, cx, cy) !== 0) return false;
  return (cx - bx) * (ax - bx) + (cy - by) * (ay - by) > 0;
}

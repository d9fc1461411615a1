/** Above this the products of differences may have been rounded. */
const SAFE = 2 ** 52;

/**
 * On which side of the line from a to b c lies: positive to the left, negative to the right, 0 on it. Exact for whole numbers of 33 bits
 * (differences of coordinates in units of 1e-7 degrees), because polygons that are valid must be told from those that almost are.
 */
export function orient(ax: number, ay: number, bx: number, by: number, cx: number, cy: number): number {
  const left = (bx - ax) * (cy - ay);
  const right = (by - ay) * (cx - ax);
  const difference = left - right;
  if (Math.abs(left) < SAFE && Math.abs(right) < SAFE) return difference;
  // Rounding is at most a unit in the last place of each product.
  if (Math.abs(difference) > (Math.abs(left) + Math.abs(right)) * 2 ** -51) return difference;
  const exact = BigInt(bx - ax) * BigInt(cy - ay) - BigInt(by - ay) * BigInt(cx - ax);
  return exact > 0n ? 1 : exact < 0n ? -1 : 0;
}

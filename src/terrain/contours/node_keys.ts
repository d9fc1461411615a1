/**
 * Where a line may be joined, as one number: kind of place, row, column, and level. Only three rows of edges are remembered at a time, so
 * the row's last two bits tell it from the others. 6 + 24 + 20 bits of the 53 that a number has.
 */
export const PLACES = {
  /** Edge from the middle of a cell to that of the cell below. */
  vertical: 0,
  /** Edge from the middle of a cell to that of the cell to the right. */
  horizontal: 1,
  cell: 2,
  middleOfVertical: 3,
  middleOfHorizontal: 4,
  /** From the middle of a square's left, lower, right, upper edge to its centre: 5 to 8. */
  spoke: 5,
  /** One for all quarters of a square, or one for each: 9 to 12. */
  centre: 9,
} as const;

export const MAX_COLUMNS = 2 ** 24 - 2;
const RANKS = 2 ** 20;
const ZERO_RANK = 2 ** 17;

export function placeKey(place: number, row: number, column: number): number {
  return ((place * 4 + (row & 3)) * 2 ** 24 + column) * RANKS;
}

/** @param side of a level: 0 below, 1 above; of an area 0 */
export function nodeKey(place: number, rank: number, side: 0 | 1): number {
  return place + (rank + ZERO_RANK) * 2 + side;
}

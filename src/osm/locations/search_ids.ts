/**
 * Place of an id among ascending ones. Ids that are asked for one after another are mostly near each other, so the search begins at a place and doubles its steps.
 * @param ids at even places (of records of 16 bytes)
 * @param near where the search begins, below `count`
 * @returns -1 for one that is not there
 */
export function searchIds(ids: Float64Array, count: number, near: number, id: number): number {
  let low = near;
  let high = near;
  let step = 1;
  const at = ids[2 * near] as number;
  if (at === id) return near;
  if (at < id) {
    while (high < count && (ids[2 * high] as number) < id) {
      low = high;
      high += step;
      step *= 2;
    }
    high = Math.min(high, count - 1);
  } else {
    while (low > 0 && (ids[2 * low] as number) > id) {
      high = low;
      low -= step;
      step *= 2;
    }
    low = Math.max(low, 0);
  }
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const value = ids[2 * middle] as number;
    if (value === id) return middle;
    if (value < id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

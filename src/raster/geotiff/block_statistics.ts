import type { PixelArray } from "../pixel_type.ts";

/** Of valid pixels; `spread` is the sum of the squares of their distances from the mean. */
export interface PixelStatistics {
  readonly count: number;
  readonly least: number;
  readonly most: number;
  readonly mean: number;
  readonly spread: number;
}

export const NO_STATISTICS: PixelStatistics = { count: 0, least: Infinity, most: -Infinity, mean: 0, spread: 0 };

/** Of the pixels of a window that begins at the array's start. NaN and nodata are no data. */
export function statisticsOf(
  pixels: PixelArray,
  stride: number,
  { width, height }: { width: number; height: number },
  nodata: number | null,
): PixelStatistics {
  const marked =
    nodata === null || pixels instanceof Float64Array || !(pixels instanceof Float32Array)
      ? nodata
      : Math.fround(nodata);
  let count = 0;
  let least = Infinity;
  let most = -Infinity;
  let sum = 0;
  let squares = 0;
  // Around the first value: sums of squares of large numbers would lose what differs between them.
  let origin = Number.NaN;
  for (let y = 0; y < height; y++) {
    for (let i = y * stride, end = i + width; i < end; i++) {
      const value = pixels[i] as number;
      if (value === marked || value !== value) continue;
      if (count === 0) origin = value;
      const distance = value - origin;
      count++;
      sum += distance;
      squares += distance * distance;
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  if (count === 0) return NO_STATISTICS;
  return { count, least, most, mean: origin + sum / count, spread: Math.max(0, squares - (sum * sum) / count) };
}

/** Of both together (Chan, Golub and LeVeque 1979). */
export function joinStatistics(one: PixelStatistics, other: PixelStatistics): PixelStatistics {
  if (one.count === 0 || other.count === 0) return one.count === 0 ? other : one;
  const count = one.count + other.count;
  const distance = other.mean - one.mean;
  return {
    count,
    least: Math.min(one.least, other.least),
    most: Math.max(one.most, other.most),
    mean: one.mean + (distance * other.count) / count,
    spread: one.spread + other.spread + (distance * distance * one.count * other.count) / count,
  };
}

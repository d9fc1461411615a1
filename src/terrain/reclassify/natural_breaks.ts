import { throwIfAborted } from "../../core/index.ts";
import type { HeightHistogram } from "./height_histogram.ts";

/**
 * Limits of classes with the least sum of squared differences from their means: the optimum over a histogram of 65,536 buckets, not an approach to it
 * (Fisher 1958). Row by row of the table of costs, each by halves, since where the last class begins never moves back (Wang and Song, Ckmeans.1d.dp,
 * 2011): classes x buckets x 16 steps, 3 s for 255 classes.
 */
export function naturalLimits(
  histogram: HeightHistogram,
  most: number,
  classes: number,
  signal?: AbortSignal,
): number[] {
  const { leasts } = histogram;
  const size = leasts.length;
  const count = Math.min(classes, size);
  const cost = costOf(histogram);
  let best = Float64Array.from({ length: size }, (_, end) => cost(0, end));
  const starts: Uint32Array[] = [new Uint32Array(size)];
  for (let row = 1; row < count; row++) {
    throwIfAborted(signal);
    const next = { best: new Float64Array(size), starts: new Uint32Array(size) };
    fillRow(next, best, cost, row);
    best = next.best;
    starts.push(next.starts);
  }
  const limits: number[] = [most];
  for (let row = count - 1, end = size - 1; row >= 0; row--) {
    const start = row === 0 ? 0 : ((starts[row] as Uint32Array)[end] as number);
    limits.unshift(leasts[start] as number);
    end = start - 1;
  }
  return limits;
}

type Cost = (from: number, to: number) => number;

/** Squared differences from the mean within the buckets from one to another, but for those within a bucket, which no class changes. */
function costOf({ counts, sums }: HeightHistogram): Cost {
  const size = counts.length;
  const [n, s, q] = [new Float64Array(size + 1), new Float64Array(size + 1), new Float64Array(size + 1)];
  for (let i = 0; i < size; i++) {
    const [count, sum] = [counts[i] as number, sums[i] as number];
    n[i + 1] = (n[i] as number) + count;
    s[i + 1] = (s[i] as number) + sum;
    q[i + 1] = (q[i] as number) + (sum * sum) / count;
  }
  return (from, to) => {
    const sum = (s[to + 1] as number) - (s[from] as number);
    const squares = (q[to + 1] as number) - (q[from] as number);
    return squares - (sum * sum) / ((n[to + 1] as number) - (n[from] as number));
  };
}

interface CostRow {
  readonly best: Float64Array;
  readonly starts: Uint32Array;
}

/** @param row classes before the last one, and so the least bucket at which that can begin */
function fillRow(into: CostRow, before: Float64Array, cost: Cost, row: number): void {
  const size = before.length;
  // Ranges of ends with the range of starts that each can have: no recursion.
  const waiting: number[][] = [[row, size - 1, row, size - 1]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [low = 0, high = 0, first = 0, last = 0] = next;
    const end = (low + high) >>> 1;
    let [least, start] = [Infinity, first];
    for (let from = first; from <= Math.min(last, end); from++) {
      const sum = (before[from - 1] as number) + cost(from, end);
      if (sum < least) [least, start] = [sum, from];
    }
    into.best[end] = least;
    into.starts[end] = start;
    if (low < end) waiting.push([low, end - 1, first, start]);
    if (end < high) waiting.push([end + 1, high, start, last]);
  }
}

/** Buckets of a histogram. Whole heights that differ by less than this have a bucket each. */
export const BUCKETS = 65_536;

/** How many heights lie in each bucket, and what they are. Buckets without any are left out once it is `compact`. */
export interface HeightHistogram {
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  /** Lowest height of each. */
  readonly leasts: Float64Array;
}

export class HistogramBuilder {
  readonly #least: number;
  readonly #scale: number;
  readonly #counts = new Float64Array(BUCKETS);
  readonly #sums = new Float64Array(BUCKETS);
  readonly #leasts = new Float64Array(BUCKETS).fill(Infinity);

  constructor(least: number, most: number) {
    this.#least = least;
    this.#scale = most > least ? BUCKETS / (most - least) : 0;
  }

  add(line: Float64Array): void {
    for (const height of line) {
      if (Number.isNaN(height)) continue;
      const bucket = Math.min(BUCKETS - 1, Math.floor((height - this.#least) * this.#scale));
      (this.#counts[bucket] as number) += 1;
      // From the lowest height: squares of what is large lose what counts.
      (this.#sums[bucket] as number) += height - this.#least;
      if (height < (this.#leasts[bucket] as number)) this.#leasts[bucket] = height;
    }
  }

  compact(): HeightHistogram {
    const used = Array.from(this.#counts.keys()).filter((bucket) => (this.#counts[bucket] as number) > 0);
    const take = (from: Float64Array): Float64Array => Float64Array.from(used, (bucket) => from[bucket] as number);
    return { counts: take(this.#counts), sums: take(this.#sums), leasts: take(this.#leasts) };
  }
}

/**
 * Limits of classes of about as many cells: class `i` of `n` begins with the height that `i / n` of all lie before. Equal heights are of one class, so
 * there may be fewer classes. Exact for whole heights, else by less than 1/65,536 of the range too low.
 */
export function quantileLimits({ counts, leasts }: HeightHistogram, most: number, classes: number): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const limits = [leasts[0] as number];
  let [before, bucket] = [0, 0];
  for (let i = 1; i < classes; i++) {
    const wanted = Math.ceil((i * total) / classes);
    while (bucket < counts.length - 1 && before + (counts[bucket] as number) <= wanted)
      before += counts[bucket++] as number;
    const limit = leasts[bucket] as number;
    if (limit > (limits.at(-1) as number)) limits.push(limit);
  }
  return [...limits, most];
}

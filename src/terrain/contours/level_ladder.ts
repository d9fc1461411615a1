import { TilthError } from "../../core/index.ts";

/** Levels at `base + k * interval` for every whole k, or those of a list; in units of height. */
export type ContourLevels =
  | { readonly interval: number; /** @default 0 */ readonly base?: number }
  | { readonly levels: readonly number[] };

/** Levels between the lowest and the highest height, at most. Node keys have room for 131,072. */
export const MAX_CONTOUR_LEVELS = 100_000;
/** A height so near below a level counts as on it, and one on it as above: GDAL's `fudge` (alg/marching_squares/utility.h). */
const TOLERANCE = 1e-6;

/**
 * Levels as numbers in order. The rank of a height is how many levels lie below it, counted from where the first height lies: level `k` parts the
 * ranks `k` and `k + 1`, and only ranks say on which side a height is.
 */
export class LevelLadder {
  readonly tolerance: number;
  readonly #list: Float64Array | null;
  readonly #interval: number;
  readonly #base: number;
  #origin: number | null = null;
  #least = 0;
  #most = 0;

  /** @throws `argument.invalid` */
  constructor(levels: ContourLevels) {
    this.#list = "levels" in levels ? sortLevels(levels.levels) : null;
    this.#interval = "levels" in levels ? smallestGap(this.#list ?? new Float64Array()) : requireInterval(levels);
    this.#base = "levels" in levels ? 0 : (levels.base ?? 0);
    // Levels that lie close keep their order.
    this.tolerance = Math.min(TOLERANCE, this.#interval / 1000);
  }

  /** @throws `argument.invalid` for a height that is more than 100,000 levels away */
  rankOf(height: number): number {
    if (this.#list !== null) return countBelow(this.#list, height + this.tolerance);
    const steps = Math.ceil((height + this.tolerance - this.#base) / this.#interval);
    this.#origin ??= steps;
    const rank = steps - this.#origin;
    if (rank < this.#least) this.#least = rank;
    else if (rank > this.#most) this.#most = rank;
    if (!(this.#most - this.#least <= MAX_CONTOUR_LEVELS)) throw tooManyLevels(this.#interval);
    return rank;
  }

  /** Height of a level; null beyond the ends of a list. */
  levelAt(index: number): number | null {
    if (this.#list !== null) return this.#list[index] ?? null;
    // Whole steps first, as GDAL does it: the same double.
    return (index + (this.#origin ?? 0)) * this.#interval + this.#base;
  }

  /** Where along an edge from one height to another a level lies between them, 0 to 1. */
  crossing(index: number, from: number, to: number): number {
    const level = this.levelAt(index) as number;
    const low = this.#lift(from, level);
    const ratio = (level - low) / (this.#lift(to, level) - low);
    return ratio > 0 ? Math.min(ratio, 1) : 0;
  }

  #lift(height: number, level: number): number {
    return Math.abs(height - level) < this.tolerance ? level + this.tolerance : height;
  }
}

function requireInterval({ interval, base = 0 }: { interval: number; base?: number }): number {
  if (interval > 0 && Number.isFinite(interval) && Number.isFinite(base)) return interval;
  throw new TilthError(
    "argument.invalid",
    `expected an interval above 0 and a base that is a number, got ${interval} and ${base}`,
  );
}

function sortLevels(levels: readonly number[]): Float64Array {
  const sorted = Float64Array.from(new Set(levels)).sort();
  if (sorted.length >= 1 && sorted.length <= MAX_CONTOUR_LEVELS && sorted.every(Number.isFinite)) return sorted;
  throw new TilthError(
    "argument.invalid",
    `expected 1 to ${MAX_CONTOUR_LEVELS} levels that are numbers, got ${levels.length} of them`,
  );
}

function smallestGap(levels: Float64Array): number {
  let gap = Infinity;
  for (let i = 1; i < levels.length; i++) gap = Math.min(gap, (levels[i] as number) - (levels[i - 1] as number));
  return gap;
}

function countBelow(levels: Float64Array, height: number): number {
  let [low, high] = [0, levels.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((levels[middle] as number) < height) low = middle + 1;
    else high = middle;
  }
  return low;
}

function tooManyLevels(interval: number): TilthError {
  const message = `expected at most ${MAX_CONTOUR_LEVELS} levels between the lowest and the highest height, got more with an interval of ${interval}; take a larger one`;
  return new TilthError("argument.invalid", message, { fields: { interval } });
}

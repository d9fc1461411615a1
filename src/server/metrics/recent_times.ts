/** Times that are kept. */
const MAX_TIMES = 1024;

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** The last times of something, ms. */
export class RecentTimes {
  readonly #times = new Float64Array(MAX_TIMES);
  #count = 0;

  add(ms: number): void {
    this.#times[this.#count % MAX_TIMES] = ms;
    this.#count += 1;
  }

  /** Nearest rank; null before the first. */
  readPercentiles(): Percentiles | null {
    const sorted = this.#times.slice(0, Math.min(this.#count, MAX_TIMES)).toSorted();
    if (sorted.length === 0) return null;
    const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }
}

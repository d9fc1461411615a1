/**
 * Keeps retries a set share of the requests of a host, so that a host in trouble is not hit harder than a healthy one:
 * retries <= floor + ratio x first attempts. Source: the retry throttle of gRPC (A6) and Finagle's retry budget.
 */
export class RetryBudget {
  readonly ratio: number;
  readonly floor: number;
  #first = 0;
  #retries = 0;

  /** @param options.ratio share of retries, 0..1 @default 0.25; `floor` retries are always granted @default 100 */
  constructor(options: { ratio?: number; floor?: number } = {}) {
    this.ratio = options.ratio ?? 0.25;
    this.floor = options.floor ?? 100;
  }

  get retries(): number {
    return this.#retries;
  }

  get available(): number {
    return Math.max(0, Math.floor(this.floor + this.ratio * this.#first) - this.#retries);
  }

  countFirst(): void {
    this.#first += 1;
  }

  /** Takes one retry; false when the budget is used up. */
  tryTake(): boolean {
    if (this.available < 1) return false;
    this.#retries += 1;
    return true;
  }
}

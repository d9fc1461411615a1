import { isTilthError, messageOf } from "../core/index.ts";

/** Upper bounds of the latency histogram, seconds; all above the last falls into a bucket of its own. */
export const LATENCY_BOUNDS_S: readonly number[] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Figures of one host since its state was made. Attempts that our own side broke off (a cancel, the guard) are not in it. */
export interface HostStatistics {
  /** Attempts started a second, over the last 10 s, or since the first when that is less. */
  requestsPerSecond: number;
  /** Of the last 512 attempts, failed ones too; null when there was none. */
  latencyMs: { p50: number; p95: number; p99: number } | null;
  latency: {
    /** Attempts of at most `LATENCY_BOUNDS_S[i]`, each including those before; as Prometheus counts. */
    cumulative: readonly number[];
    count: number;
    sumSeconds: number;
  };
  /** Newest first, 20 at the most; secrets were cut when they were made. `atMs` UTC. */
  lastErrors: readonly HostError[];
  /** Bodies that came whole, as they came over the wire. */
  receivedBytes: number;
}

export interface HostError {
  readonly atMs: number;
  readonly code: string;
  readonly message: string;
}

const MAX_LATENCIES = 512;
const MAX_ERRORS = 20;
const MAX_MESSAGE_LENGTH = 500;
/** Seconds over which requests are counted. */
const RATE_SPAN_S = 10;

/** Counts what attempts cost. A call takes well below a microsecond and allocates nothing; sums are made when somebody reads. */
export class HostMeter {
  readonly #latencies = new Float32Array(MAX_LATENCIES);
  readonly #buckets = new Float64Array(LATENCY_BOUNDS_S.length + 1);
  #count = 0;
  #sumMs = 0;
  /** Starts in each of the last seconds and in the one that runs, by its number modulo the length. */
  readonly #starts = new Uint32Array(RATE_SPAN_S + 1);
  readonly #startSeconds = new Float64Array(RATE_SPAN_S + 1).fill(-1);
  #firstMs = Infinity;
  readonly #errors: HostError[] = [];
  #receivedBytes = 0;

  /** @param nowMs monotonic */
  countStart(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    const slot = second % this.#starts.length;
    if (this.#startSeconds[slot] !== second) {
      this.#startSeconds[slot] = second;
      this.#starts[slot] = 0;
    }
    this.#starts[slot] = (this.#starts[slot] ?? 0) + 1;
    if (this.#firstMs === Infinity) this.#firstMs = nowMs;
  }

  countLatency(latencyMs: number): void {
    this.#latencies[this.#count % MAX_LATENCIES] = latencyMs;
    this.#count += 1;
    this.#sumMs += latencyMs;
    let bucket = 0;
    while (bucket < LATENCY_BOUNDS_S.length && latencyMs > (LATENCY_BOUNDS_S[bucket] ?? 0) * 1000) bucket += 1;
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
  }

  /** @param atMs UTC */
  countError(error: unknown, atMs: number): void {
    const code = isTilthError(error) ? error.code : "internal";
    this.#errors.unshift({ atMs, code, message: messageOf(error).slice(0, MAX_MESSAGE_LENGTH) });
    if (this.#errors.length > MAX_ERRORS) this.#errors.pop();
  }

  countReceived(bytes: number): void {
    this.#receivedBytes += bytes;
  }

  /** @param nowMs monotonic */
  read(nowMs: number): HostStatistics {
    let sum = 0;
    const cumulative = Array.from(this.#buckets.subarray(0, -1), (count) => (sum += count));
    return {
      requestsPerSecond: this.#readRate(nowMs),
      latencyMs: this.#readPercentiles(),
      latency: { cumulative, count: this.#count, sumSeconds: this.#sumMs / 1000 },
      lastErrors: [...this.#errors],
      receivedBytes: this.#receivedBytes,
    };
  }

  #readRate(nowMs: number): number {
    const second = Math.floor(nowMs / 1000);
    const sinceSecond = second - RATE_SPAN_S;
    const starts = this.#starts.reduce(
      (sum, count, slot) => sum + ((this.#startSeconds[slot] ?? -1) >= sinceSecond ? count : 0),
      0,
    );
    // A second at least: two requests in the first millisecond are not 2000 a second.
    const spanMs = Math.max(1000, nowMs - Math.max(sinceSecond * 1000, this.#firstMs));
    return (starts * 1000) / spanMs;
  }

  /** Nearest rank. */
  #readPercentiles(): HostStatistics["latencyMs"] {
    const sorted = this.#latencies.slice(0, Math.min(this.#count, MAX_LATENCIES)).toSorted();
    if (sorted.length === 0) return null;
    const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }
}

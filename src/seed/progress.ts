import type { OutcomeCounts } from "../core/index.ts";

/** State of one host as a person sees it. */
export interface HostProgress {
  host: string;
  breaker: "closed" | "open" | "halfOpen";
  concurrencyLimit: number;
  inFlight: number;
  pausedMs: number;
  lastError: string | null;
}

/** A seed as it stands. */
export interface SeedProgress extends OutcomeCounts {
  /** `pausedDiskFull`: waits for space on the disk and goes on by itself. */
  state: "running" | "pausedDiskFull" | "finishing" | "ended";
  /** Tiles with an outcome. */
  done: number;
  /** Bytes of stored tiles. */
  bytes: number;
  requests: number;
  retries: number;
  elapsedMs: number;
  /** Fetched tiles a second over the last seconds. */
  tilesPerSecond: number;
  /** null while it cannot be told. */
  etaMs: number | null;
  /** Zoom that is being worked on. */
  zoom: number | null;
  hosts: HostProgress[];
}

/** Words of the command contract; `planned = present + stored + empty + failed + cancelled`. */
export interface SeedReport extends OutcomeCounts {
  bytes: number;
  seconds: number;
  tilesPerSecond: number;
  requests: number;
  retries: number;
  /** True when every planned tile is in the store or known to be empty, as counted in the store itself. */
  complete: boolean;
  /** Failed tiles by error code. */
  failures: Record<string, number>;
  /** Why the seed ended before its plan did; null when it did not. */
  stopped: "cancelled" | "hostDead" | null;
}

/** Seconds over which the rate is measured. */
const WINDOW_MS = 10_000;

/** Tiles a second over the last ten seconds, from at most one sample each 250 ms. */
export class RateMeter {
  readonly #samples: { atMs: number; count: number }[] = [];

  /** @param count fetched so far */
  sample(atMs: number, count: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && atMs - last.atMs < 250) return;
    this.#samples.push({ atMs, count });
    while ((this.#samples[0]?.atMs ?? atMs) < atMs - WINDOW_MS) this.#samples.shift();
  }

  perSecond(nowMs: number, count: number): number {
    const first = this.#samples[0];
    if (first === undefined || nowMs <= first.atMs) return 0;
    return ((count - first.count) * 1000) / (nowMs - first.atMs);
  }
}

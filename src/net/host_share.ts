import type { BreakerState } from "./breaker.ts";

/** What a probe found out: the host answers, it does not, or nothing (a cancel, a 429). */
export type ProbeResult = "good" | "bad" | "nothing";

/** What others and this process know together of a host. */
export interface HostShareStatus {
  readonly breaker: BreakerState;
  /** The probes of all are used up, and it is not yet time for another. */
  readonly dead: boolean;
  /** The host asked for a pause of this long, ms; 0 when it did not. */
  readonly pausedMs: number;
  /** Attempts at a time that are this process's; null = not bounded. */
  readonly places: number | null;
}

/**
 * This process's share of a host that others ask as well: permits of a rate, places, pauses and a breaker that are everybody's. It bounds what
 * `HostState` lets through and never adds to it. All calls return at once; what is missing is asked for in the background.
 */
export interface HostShare {
  readonly status: HostShareStatus;
  /**
   * Milliseconds until an attempt may start: 0 = now, null = when the watchers are called. Only for who would start one now: asking is wanting.
   * @param wanted attempts that this process would have under way at a time
   */
  delayMs(wanted: number): number | null;
  /** An attempt starts; only when `delayMs()` is 0. True when it is the one probe of a breaker that is half open. */
  begin(): boolean;
  /** An attempt has ended: its place is free. */
  end(): void;
  endProbe(result: ProbeResult): void;
  /** The host asked to be left alone for so long. */
  pause(ms: number): void;
  /** Too many attempts of this process failed: the breaker opens for all. */
  trip(): void;
  /** Calls when more, or less, may be started than before. @returns how to stop */
  watch(watcher: () => void): () => void;
}

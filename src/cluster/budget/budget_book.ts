import type { ProbeResult } from "../../net/index.ts";

/** What one worker's settings say of a host. Of all live workers the strictest counts, value by value. */
export interface SharePolicy {
  /** null: no limit. */
  readonly ratePerSecond: number | null;
  /** Attempts at a time over the whole cluster; null: each worker finds its own number. */
  readonly places: number | null;
  /** Of the breaker: first time spent open, ms; doubles with each failed probe up to `maxOpenMs`. */
  readonly openMs: number;
  readonly maxOpenMs: number;
  /** Probes in a row that may fail before the host counts as dead. */
  readonly maxProbes: number;
}

/** What a member says to the book, and what it wants. Everything may be said again: an answer that was lost does no harm. */
export interface BudgetAsk {
  readonly host: string;
  /** Names one share of one worker; never used again by another. */
  readonly member: string;
  readonly policy: SharePolicy;
  /** Permits that it could use now, 0 for none. */
  readonly permits: number;
  /** Places that it would use at a time, 0 for none. */
  readonly wants: number;
  /** Places that it counts as its own until the answer comes: those that were granted, or more when more attempts are still under way. */
  readonly holds: number;
  /** It would make the probe of a breaker whose time is over. */
  readonly wantsProbe: boolean;
  /** The host has asked it for a pause, of which so much is left, ms. */
  readonly pauseMs: number;
  /** Too many of its attempts failed under this `breakerVersion`; null: nothing of the kind. */
  readonly trips: number | null;
  /** What its probe found; null when it made none. */
  readonly probe: ProbeResult | null;
}

/** What holds for all who ask a host. Times are from now on, so that no clock of a worker is ever compared with another. */
export interface HostCondition {
  /** Grows with every pause and every change of the breaker; permits of an older one are void. */
  readonly version: number;
  /** The version of the breaker's last change. */
  readonly breakerVersion: number;
  /** 0 when there is none. */
  readonly pausedForMs: number;
  /** null: the breaker is closed; 0: it is time for a probe, or one is under way. */
  readonly openForMs: number | null;
  /** As many probes as may fail have failed. */
  readonly isSpent: boolean;
}

/** Permits, due one after the other. */
export interface PermitLease {
  readonly count: number;
  /** Until the first is due. */
  readonly inMs: number;
  readonly intervalMs: number;
}

export interface BudgetAnswer {
  readonly condition: HostCondition;
  /** null when the host has no rate, is paused or broken, or none were wanted. */
  readonly permits: PermitLease | null;
  /** Permits in one lease at most: a tenth of a second of the whole rate, less for many workers, 1 at least. null: the host has no rate. */
  readonly leaseSize: number | null;
  /** Places that it may use from now on; null: as many as it likes. Where it holds more it is to give them back as its attempts end. */
  readonly places: number | null;
  /** The one probe is its own. */
  readonly probe: boolean;
}

/** Told to everybody who watches. */
export interface BudgetNews {
  readonly host: string;
  readonly condition: HostCondition;
  /** Members for whom a place has become free. */
  readonly next: readonly string[];
}

export interface WatchBudgetOptions {
  /** News may have been lost: ask yourself. */
  readonly onGap?: () => void;
}

/** The budget of all hosts, kept in one place for all workers of a cluster. It alone has a clock that counts. */
export interface BudgetBook {
  /** @throws `postgres.*` when it cannot be reached */
  ask(ask: BudgetAsk, options?: { signal?: AbortSignal }): Promise<BudgetAnswer>;
  /** Gives back everything that a member holds. One that never says so loses it after `MEMBER_MS`. */
  leave(host: string, member: string, options?: { signal?: AbortSignal }): Promise<void>;
  watch(onNews: (news: BudgetNews) => void, options?: WatchBudgetOptions): Promise<AsyncDisposable>;
}

/** A member that has not asked for so long is gone, with all that it held. */
export const MEMBER_MS = 10_000;

import { MEMBER_MS, type HostCondition, type SharePolicy } from "./budget_book.ts";

/** What the book keeps of one host. Times are ms of the book's clock. */
export interface HostBudget {
  /** When it was looked at last. */
  atMs: number;
  version: number;
  breakerVersion: number;
  /** Theoretical arrival time (GCRA): permits are handed out up to here. */
  tatMs: number;
  pausedUntilMs: number;
  /** null: the breaker is closed. */
  openUntilMs: number | null;
  failedProbes: number;
  /** Who makes the probe. */
  probeMember: string | null;
  readonly members: Map<string, BudgetMember>;
}

export interface BudgetMember {
  policy: SharePolicy;
  wants: number;
  holds: number;
  /** Since when it wants a place and has none. */
  waitingSinceMs: number | null;
  /** Since when it has had one. */
  heldSinceMs: number | null;
  seenMs: number;
}

/** Idle for so long, a host is forgotten. */
const FORGET_MS = 10 * 60_000;
/** A clock that goes back by more has been set. */
const SET_BACK_MS = 1000;

export function newHostBudget(nowMs: number): HostBudget {
  return {
    atMs: nowMs,
    version: 0,
    breakerVersion: 0,
    tatMs: nowMs,
    pausedUntilMs: nowMs,
    openUntilMs: null,
    failedProbes: 0,
    probeMember: null,
    members: new Map(),
  };
}

/** Brings it to the present: whoever has not asked for `MEMBER_MS` is gone. @returns the members that are */
export function bringToPresent(budget: HostBudget, nowMs: number): string[] {
  if (nowMs < budget.atMs - SET_BACK_MS) shiftTimes(budget, nowMs - budget.atMs);
  budget.atMs = nowMs;
  const gone = [...budget.members].filter(([, { seenMs }]) => nowMs - seenMs > MEMBER_MS).map(([name]) => name);
  for (const name of gone) removeMember(budget, name);
  return gone;
}

export function removeMember(budget: HostBudget, member: string): void {
  budget.members.delete(member);
  if (budget.probeMember === member) budget.probeMember = null;
}

/** Else permits and pauses would lie as far in the future as the book's clock was set back. */
function shiftTimes(budget: HostBudget, byMs: number): void {
  budget.tatMs += byMs;
  budget.pausedUntilMs += byMs;
  if (budget.openUntilMs !== null) budget.openUntilMs += byMs;
  for (const member of budget.members.values()) {
    member.seenMs += byMs;
    if (member.waitingSinceMs !== null) member.waitingSinceMs += byMs;
    if (member.heldSinceMs !== null) member.heldSinceMs += byMs;
  }
}

/** Nobody asks it, and nothing is to be remembered. */
export function isForgotten(budget: HostBudget, nowMs: number): boolean {
  return nowMs - budget.atMs > FORGET_MS && budget.pausedUntilMs < nowMs && budget.tatMs < nowMs;
}

/** Of all members, value by value. There has to be one. */
export function strictestPolicy({ members }: HostBudget): SharePolicy {
  const policies = [...members.values()].map(({ policy }) => policy);
  const least = (of: (policy: SharePolicy) => number | null): number | null => {
    const smallest = Math.min(...policies.map((policy) => of(policy) ?? Infinity));
    return Number.isFinite(smallest) ? smallest : null;
  };
  return {
    ratePerSecond: least(({ ratePerSecond }) => ratePerSecond),
    places: least(({ places }) => places),
    openMs: Math.max(...policies.map(({ openMs }) => openMs)),
    maxOpenMs: Math.max(...policies.map(({ maxOpenMs }) => maxOpenMs)),
    maxProbes: Math.min(...policies.map(({ maxProbes }) => maxProbes)),
  };
}

export function conditionOf(budget: HostBudget, policy: Pick<SharePolicy, "maxProbes">): HostCondition {
  const { atMs, version, breakerVersion, pausedUntilMs, openUntilMs, failedProbes } = budget;
  return {
    version,
    breakerVersion,
    pausedForMs: Math.max(0, pausedUntilMs - atMs),
    openForMs: openUntilMs === null ? null : Math.max(0, openUntilMs - atMs),
    isSpent: failedProbes >= policy.maxProbes,
  };
}

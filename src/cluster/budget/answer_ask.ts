import type { BudgetAnswer, BudgetAsk, BudgetNews, PermitLease, SharePolicy } from "./budget_book.ts";
import {
  bringToPresent,
  conditionOf,
  removeMember,
  strictestPolicy,
  type BudgetMember,
  type HostBudget,
} from "./host_budget.ts";
import { grantPlaces, listNext } from "./places.ts";
import { endProbe, offerProbe, openBreaker, pauseHost } from "./transitions.ts";

export interface Decision {
  readonly answer: BudgetAnswer;
  /** null when nobody else need know. */
  readonly news: BudgetNews | null;
  /** Members that are gone. */
  readonly gone: readonly string[];
}

/** Answers one ask and changes the budget of its host accordingly; where that rests is another's business. */
export function answerAsk(budget: HostBudget, ask: BudgetAsk, nowMs: number): Decision {
  const gone = bringToPresent(budget, nowMs);
  const { version } = budget;
  const heldBefore = enter(budget, ask);
  const policy = strictestPolicy(budget);
  hear(budget, ask, policy);
  const probe = ask.wantsProbe && offerProbe(budget, ask.member);
  const places = policy.places === null ? null : grantPlaces(budget, ask.member, policy.places);
  const permits = leasePermits(budget, ask, policy, probe);
  const gaveBack = gone.length > 0 || ask.holds < heldBefore;
  const next = policy.places !== null && gaveBack ? listNext(budget, policy.places) : [];
  const condition = conditionOf(budget, policy);
  const others = next.filter((name) => name !== ask.member);
  const isNews = version !== budget.version || others.length > 0;
  return {
    answer: { condition, permits, leaseSize: leaseSizeOf(budget, policy), places, probe },
    news: isNews ? { host: ask.host, condition, next: others } : null,
    gone,
  };
}

/** Takes a member out. @returns news for the others */
export function answerLeave(
  budget: HostBudget,
  host: string,
  member: string,
  nowMs: number,
): Pick<Decision, "news" | "gone"> {
  const gone = bringToPresent(budget, nowMs);
  const left = budget.members.get(member);
  if (left === undefined) return { news: null, gone };
  const hadProbe = budget.probeMember === member;
  if (hadProbe) endProbe(budget, member, "nothing", left.policy);
  removeMember(budget, member);
  const policy = budget.members.size === 0 ? left.policy : strictestPolicy(budget);
  const next = policy.places === null ? [] : listNext(budget, policy.places);
  const isNews = hadProbe || next.length > 0;
  return { news: isNews ? { host, condition: conditionOf(budget, policy), next } : null, gone: [...gone, member] };
}

/** @returns the places that the book took it to hold */
function enter(budget: HostBudget, { member, policy, wants, holds }: BudgetAsk): number {
  const known = budget.members.get(member);
  const entry: BudgetMember = known ?? {
    policy,
    wants,
    holds,
    waitingSinceMs: null,
    heldSinceMs: null,
    seenMs: budget.atMs,
  };
  const before = entry.holds;
  Object.assign(entry, { policy, wants, holds, seenMs: budget.atMs });
  budget.members.set(member, entry);
  return before;
}

/** What it has to tell goes before what it wants. */
function hear(budget: HostBudget, ask: BudgetAsk, policy: SharePolicy): void {
  if (ask.probe !== null) endProbe(budget, ask.member, ask.probe, policy);
  if (ask.trips !== null) openBreaker(budget, ask.trips, policy);
  if (ask.pauseMs > 0) pauseHost(budget, ask.pauseMs);
}

/** Of the permits of a second, in one lease: ten leases a second are asked for, however many workers there are. */
const LEASE_SHARE = 1 / 10;
/** Less where there are so many workers that it would take longer until all have had a turn: a pause begins the line anew. */
const ROUND_SECONDS = 2;

function leaseSizeOf({ members }: HostBudget, { ratePerSecond }: SharePolicy): number | null {
  if (ratePerSecond === null) return null;
  let wanting = 1;
  for (const { wants } of members.values()) if (wants > 0) wanting += 1;
  return Math.max(1, Math.floor(Math.min(ratePerSecond * LEASE_SHARE, (ratePerSecond * ROUND_SECONDS) / wanting)));
}

/** GCRA: the permits follow on those that were handed out before, to whomever. */
function leasePermits(budget: HostBudget, ask: BudgetAsk, policy: SharePolicy, probe: boolean): PermitLease | null {
  const { ratePerSecond } = policy;
  const isBroken = budget.openUntilMs !== null;
  if (ratePerSecond === null || ask.permits === 0 || budget.pausedUntilMs > budget.atMs) return null;
  if (isBroken && !probe) return null;
  const count = isBroken ? 1 : Math.min(ask.permits, leaseSizeOf(budget, policy) ?? 1);
  const intervalMs = 1000 / ratePerSecond;
  const fromMs = Math.max(budget.tatMs, budget.atMs);
  budget.tatMs = fromMs + count * intervalMs;
  return { count, inMs: fromMs - budget.atMs, intervalMs };
}

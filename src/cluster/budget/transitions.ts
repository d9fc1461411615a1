import type { ProbeResult } from "../../net/index.ts";
import type { SharePolicy } from "./budget_book.ts";
import type { HostBudget } from "./host_budget.ts";

/** A pause that is longer by less is not told: 80 attempts that meet the same `Retry-After` are one piece of news. */
const SAME_PAUSE_MS = 100;

/** The host is left alone by all; of two pauses the longer one counts. */
export function pauseHost(budget: HostBudget, ms: number): void {
  const untilMs = budget.atMs + ms;
  const isNews = untilMs > Math.max(budget.pausedUntilMs, budget.atMs) + SAME_PAUSE_MS;
  budget.pausedUntilMs = Math.max(budget.pausedUntilMs, untilMs);
  if (isNews) startVersion(budget);
}

/** @param version the breaker's version under which the attempts failed: one that has moved on meanwhile knows already */
export function openBreaker(budget: HostBudget, version: number, policy: SharePolicy): void {
  if (budget.openUntilMs !== null || version !== budget.breakerVersion) return;
  budget.openUntilMs = budget.atMs + Math.min(policy.maxOpenMs, policy.openMs);
  startBreakerVersion(budget);
}

/** Hands out the one probe of a breaker whose time is over. @returns whether it is `member`'s */
export function offerProbe(budget: HostBudget, member: string): boolean {
  const { openUntilMs, atMs } = budget;
  if (openUntilMs === null || openUntilMs > atMs || budget.pausedUntilMs > atMs) return false;
  budget.probeMember ??= member;
  return budget.probeMember === member;
}

/** What somebody says whose probe it is no longer does not count. */
export function endProbe(budget: HostBudget, member: string, result: ProbeResult, policy: SharePolicy): void {
  if (budget.probeMember !== member) return;
  budget.probeMember = null;
  if (result === "good") {
    budget.openUntilMs = null;
    budget.failedProbes = 0;
  } else if (result === "bad") {
    budget.failedProbes += 1;
    budget.openUntilMs = budget.atMs + Math.min(policy.maxOpenMs, policy.openMs * 2 ** budget.failedProbes);
  }
  // Even where nothing was found: somebody else may probe now.
  startBreakerVersion(budget);
}

function startBreakerVersion(budget: HostBudget): void {
  startVersion(budget);
  budget.breakerVersion = budget.version;
}

/** What was handed out is void from now on; new permits are due from the end of the pause. */
function startVersion(budget: HostBudget): void {
  // By the clock, so that a host that was forgotten does not begin with small numbers again.
  budget.version = Math.max(budget.version + 1, Math.floor(budget.atMs));
  budget.tatMs = Math.max(budget.atMs, budget.pausedUntilMs);
}

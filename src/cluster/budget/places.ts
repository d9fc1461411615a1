import type { BudgetMember, HostBudget } from "./host_budget.ts";

/** While others wait, who has had a place for so long gives it up the next time it asks (members with places ask once a second). */
const TURN_MS = 1500;
/** Who waits asks once a second; one that has not is not kept a place for. */
const WAITER_MS = 2500;
/** Members told at once: a NOTIFY holds 8000 bytes. */
const MAX_NEXT = 50;

/**
 * Places that `name` may use from now on, of `total` for all. What it holds beyond stays counted as its own until it says that it has given it back.
 * - Members as many as places at the most: each may have its fair part, and more while nobody else is short of his.
 * - More members than places: one each, in turns.
 */
export function grantPlaces(budget: HostBudget, name: string, total: number): number {
  const me = budget.members.get(name) as BudgetMember;
  const wanting = [...budget.members.values()].filter(({ wants }) => wants > 0);
  const places =
    wanting.length <= total
      ? fairPlaces(me, wanting, freePlaces(budget, total), Math.floor(total / Math.max(1, wanting.length)))
      : turnPlaces(me, wanting, freePlaces(budget, total), budget.atMs);
  noteTimes(me, places, budget.atMs);
  me.holds = Math.max(me.holds, places);
  return places;
}

function fairPlaces(me: BudgetMember, wanting: readonly BudgetMember[], free: number, fair: number): number {
  const isShort = ({ holds, wants }: BudgetMember): boolean => holds < Math.min(wants, fair);
  const most = wanting.some((other) => other !== me && isShort(other)) ? Math.min(me.wants, fair) : me.wants;
  return Math.min(most, me.holds + free);
}

function turnPlaces(me: BudgetMember, wanting: readonly BudgetMember[], free: number, nowMs: number): number {
  if (me.wants === 0) return 0;
  const isWaiting = (one: BudgetMember): boolean =>
    one !== me && one.holds === 0 && one.waitingSinceMs !== null && nowMs - one.seenMs < WAITER_MS;
  const waiting = wanting.filter(isWaiting);
  if (me.holds > 0) return waiting.length > free && nowMs - (me.heldSinceMs ?? nowMs) >= TURN_MS ? 0 : 1;
  const since = me.waitingSinceMs ?? nowMs;
  const before = waiting.filter(({ waitingSinceMs }) => (waitingSinceMs ?? nowMs) < since).length;
  return before < free ? 1 : 0;
}

function noteTimes(me: BudgetMember, places: number, nowMs: number): void {
  const waits = me.wants > 0 && places === 0 && me.holds === 0;
  me.waitingSinceMs = waits ? (me.waitingSinceMs ?? nowMs) : null;
  me.heldSinceMs = places > 0 || me.holds > 0 ? (me.heldSinceMs ?? nowMs) : null;
}

function freePlaces({ members }: HostBudget, total: number): number {
  let held = 0;
  for (const { holds } of members.values()) held += holds;
  return Math.max(0, total - held);
}

/** Who is to be told that places are free: those that have none first, by how long they wait. */
export function listNext(budget: HostBudget, total: number): string[] {
  const free = freePlaces(budget, total);
  if (free === 0) return [];
  const short = [...budget.members].filter(([, { holds, wants }]) => holds < wants);
  const order = ({ waitingSinceMs }: BudgetMember): number => waitingSinceMs ?? Infinity;
  return short
    .toSorted(([, a], [, b]) => (order(a) === order(b) ? a.holds - b.holds : order(a) - order(b)))
    .slice(0, Math.min(free, MAX_NEXT))
    .map(([name]) => name);
}

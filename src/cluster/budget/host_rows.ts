import type { PostgresTransaction } from "../../postgres/index.ts";
import type { BudgetNews } from "./budget_book.ts";
import type { BudgetMember, HostBudget } from "./host_budget.ts";

/** Of all of it; whoever has listened before hears nothing twice. */
export const CHANNEL = "tilth_budget";

interface HostRow {
  at_ms: number;
  version: number;
  breaker_version: number;
  tat_ms: number;
  paused_until_ms: number;
  open_until_ms: number | null;
  failed_probes: number;
  probe_member: string | null;
}

interface MemberRow {
  now_ms: number;
  member: string | null;
  rate_per_second: number | null;
  places: number | null;
  open_ms: number;
  max_open_ms: number;
  max_probes: number;
  wants: number;
  holds: number;
  waiting_since_ms: number | null;
  held_since_ms: number | null;
  seen_ms: number;
}

const NOW = "extract(epoch FROM clock_timestamp()) * 1000";
const LOCK = "SELECT * FROM tilth.budget_host WHERE host = $1 FOR UPDATE";
const CREATE = `INSERT INTO tilth.budget_host
  SELECT $1, now_ms, 0, 0, now_ms, now_ms, NULL, 0, NULL FROM (SELECT (${NOW})::double precision AS now_ms) AS clock
  ON CONFLICT DO NOTHING`;
/** The time is read behind the lock, which may have been waited for. Leases of a server that crashes need not be on its disk. */
const READ = `SELECT now_ms, member.*
  FROM (SELECT (${NOW})::double precision AS now_ms, set_config('synchronous_commit', 'off', true)) AS clock
  LEFT JOIN tilth.budget_member AS member ON host = $1`;

/** Locks the row of a host, made when there is none, until the transaction ends. */
export async function lockHost(
  transaction: PostgresTransaction,
  host: string,
): Promise<{ budget: HostBudget; nowMs: number }> {
  let [row] = await transaction.query<HostRow>(LOCK, [host]);
  while (row === undefined) {
    await transaction.query(CREATE, [host]);
    [row] = await transaction.query<HostRow>(LOCK, [host]);
  }
  const members = await transaction.query<MemberRow>(READ, [host]);
  return { budget: budgetOf(row, members), nowMs: members[0]?.now_ms ?? row.at_ms };
}

function budgetOf(row: HostRow, members: readonly MemberRow[]): HostBudget {
  return {
    atMs: row.at_ms,
    version: row.version,
    breakerVersion: row.breaker_version,
    tatMs: row.tat_ms,
    pausedUntilMs: row.paused_until_ms,
    openUntilMs: row.open_until_ms,
    failedProbes: row.failed_probes,
    probeMember: row.probe_member,
    members: new Map(members.flatMap((member) => (member.member === null ? [] : [[member.member, memberOf(member)]]))),
  };
}

function memberOf(row: MemberRow): BudgetMember {
  return {
    policy: {
      ratePerSecond: row.rate_per_second,
      places: row.places,
      openMs: row.open_ms,
      maxOpenMs: row.max_open_ms,
      maxProbes: row.max_probes,
    },
    wants: row.wants,
    holds: row.holds,
    waitingSinceMs: row.waiting_since_ms,
    heldSinceMs: row.held_since_ms,
    seenMs: row.seen_ms,
  };
}

export interface HostChange {
  /** The only member that has changed, if one has. */
  readonly member: string;
  readonly gone: readonly string[];
  readonly news: BudgetNews | null;
}

const SAVE = `UPDATE tilth.budget_host SET at_ms = $2, version = $3, breaker_version = $4, tat_ms = $5, paused_until_ms = $6,
  open_until_ms = $7, failed_probes = $8, probe_member = $9 WHERE host = $1`;
const SAVE_MEMBER = `INSERT INTO tilth.budget_member VALUES ($1, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
  ON CONFLICT (host, member) DO UPDATE SET rate_per_second = excluded.rate_per_second, places = excluded.places,
    open_ms = excluded.open_ms, max_open_ms = excluded.max_open_ms, max_probes = excluded.max_probes, wants = excluded.wants,
    holds = excluded.holds, waiting_since_ms = excluded.waiting_since_ms, held_since_ms = excluded.held_since_ms,
    seen_ms = excluded.seen_ms`;

/** Writes what has changed, in one statement as a rule. */
export async function saveHost(
  transaction: PostgresTransaction,
  host: string,
  budget: HostBudget,
  { member, gone, news }: HostChange,
): Promise<void> {
  const entry = budget.members.get(member);
  const values = [host, ...hostValues(budget)];
  if (entry === undefined) await transaction.query(SAVE, values);
  else await transaction.query(`WITH host AS (${SAVE}) ${SAVE_MEMBER}`, [...values, member, ...memberValues(entry)]);
  if (gone.length > 0)
    await transaction.query("DELETE FROM tilth.budget_member WHERE host = $1 AND member = ANY($2)", [host, gone]);
  if (news !== null) await transaction.query("SELECT pg_notify($1, $2)", [CHANNEL, JSON.stringify(news)]);
}

function hostValues(budget: HostBudget): readonly unknown[] {
  const { atMs, version, breakerVersion, tatMs, pausedUntilMs, openUntilMs, failedProbes, probeMember } = budget;
  return [atMs, version, breakerVersion, tatMs, pausedUntilMs, openUntilMs, failedProbes, probeMember];
}

function memberValues({ policy, wants, holds, waitingSinceMs, heldSinceMs, seenMs }: BudgetMember): readonly unknown[] {
  const { ratePerSecond, places, openMs, maxOpenMs, maxProbes } = policy;
  return [ratePerSecond, places, openMs, maxOpenMs, maxProbes, wants, holds, waitingSinceMs, heldSinceMs, seenMs];
}

/** Rows of workers that are gone, and of hosts that nobody asks: nothing grows for ever. Rows that somebody works on are left for another time. */
export const SWEEPS = [
  `DELETE FROM tilth.budget_member WHERE (host, member) IN (
    SELECT host, member FROM tilth.budget_member WHERE seen_ms < ${NOW} - 60000 FOR UPDATE SKIP LOCKED)`,
  `DELETE FROM tilth.budget_host WHERE host IN (
    SELECT host FROM tilth.budget_host WHERE at_ms < ${NOW} - 600000 AND greatest(paused_until_ms, tat_ms) < ${NOW}
      AND NOT EXISTS (SELECT FROM tilth.budget_member AS member WHERE member.host = budget_host.host)
    FOR UPDATE SKIP LOCKED)`,
] as const;

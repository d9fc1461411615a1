import { TilthError } from "../../../core/index.ts";
import type { PostgresTransaction } from "../../../postgres/index.ts";
import { PLAN_START, type PlanCursor } from "../../blocks/plan_cutter.ts";
import { seedIdOf, type SeedDefinition } from "../../definition.ts";
import type { ClusterSeed, SeedState } from "../cluster_book.ts";
import { tellAll } from "./events.ts";
import type { JobQueue } from "./job_queue.ts";

interface SeedRow {
  id: string;
  definition: SeedDefinition;
  state: SeedState;
  planned: number;
  cursor: PlanCursor | null;
  stale_before_ms: number | null;
  submitted_ms: number;
  ended_ms: number | null;
}

export const SEED_COLUMNS = `s.id, s.definition, s.state, s.planned, s.cursor, s.stale_before_ms,
  (extract(epoch FROM s.submitted) * 1000)::bigint AS submitted_ms, (extract(epoch FROM s.ended) * 1000)::bigint AS ended_ms`;

export function toSeed(row: SeedRow): ClusterSeed {
  const { id, definition, state, planned, cursor } = row;
  const times = {
    staleBeforeMs: row.stale_before_ms,
    submittedAtMs: row.submitted_ms,
    endedAtMs: row.ended_ms,
  };
  return { id, definition, state, planned, cursor, ...times };
}

type Query = Pick<PostgresTransaction, "query">;

export async function getSeed(database: Query, id: string, signal?: AbortSignal): Promise<ClusterSeed> {
  const text = `SELECT ${SEED_COLUMNS} FROM tilth.seed s WHERE s.id = $1`;
  const [row] = await database.query<SeedRow>(text, [id], { signal });
  if (row === undefined) throw unknownSeed(id);
  return toSeed(row);
}

export function unknownSeed(id: string): TilthError {
  const message = `expected the ID of a seed of this cluster, got '${id}'; \`tilth jobs list\` shows them`;
  return new TilthError("cluster.unknownSeed", message, { fields: { id } });
}

const INSERT = `INSERT INTO tilth.seed (id, definition, cache, state, planned, cursor, stale_before_ms)
  VALUES ($1, $2, $3, 'running', $4, $5, CASE WHEN $6::bigint IS NULL THEN NULL
    ELSE (extract(epoch FROM now()) * 1000)::bigint - $6::bigint END) ON CONFLICT (id) DO NOTHING RETURNING id`;

/** One that is over begins again: its sums are forgotten, its tiles are not. */
export async function submitSeed(
  transaction: PostgresTransaction,
  queue: JobQueue,
  definition: SeedDefinition,
  planned: number,
): Promise<{ id: string; isNew: boolean }> {
  const id = seedIdOf(definition);
  const old = "SELECT state FROM tilth.seed WHERE id = $1 FOR UPDATE";
  const [before] = await transaction.query<{ state: SeedState }>(old, [id]);
  if (before?.state === "running" || before?.state === "paused") return { id, isNew: false };
  if (before !== undefined) await forgetSeed(transaction, queue, id);
  const values = [id, JSON.stringify(definition), definition.cache, planned, JSON.stringify(PLAN_START)];
  const made = await transaction.query(INSERT, [...values, definition.refreshAgeMs]);
  await tellAll(transaction, { kind: "work", seedId: id });
  return { id, isNew: made.length === 1 };
}

async function forgetSeed(transaction: PostgresTransaction, queue: JobQueue, id: string): Promise<void> {
  const text = "DELETE FROM tilth.block WHERE seed = $1 RETURNING job";
  const blocks = await transaction.query<{ job: string | null }>(text, [id]);
  await queue.removeAll(
    transaction,
    blocks.map(({ job }) => job).filter((job) => job !== null),
  );
  for (const table of ["seed_total", "failed_run"])
    await transaction.query(`DELETE FROM tilth.${table} WHERE seed = $1`, [id]);
  await transaction.query("DELETE FROM tilth.seed WHERE id = $1", [id]);
}

/** A seed whose plan is cut to the end and has no block left, but dead ones, has ended. The row stays locked: of two last blocks one sees it. */
export async function endIfDone(transaction: PostgresTransaction, id: string): Promise<void> {
  await transaction.query("SELECT 1 FROM tilth.seed WHERE id = $1 FOR NO KEY UPDATE", [id]);
  const text = `UPDATE tilth.seed SET state = 'ended', ended = now() WHERE id = $1 AND state = 'running' AND cursor IS NULL
    AND NOT EXISTS (SELECT 1 FROM tilth.block WHERE seed = $1 AND state <> 2) RETURNING id`;
  const ended = await transaction.query(text, [id]);
  if (ended.length > 0) await tellAll(transaction, { kind: "state", seedId: id });
}

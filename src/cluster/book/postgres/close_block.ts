import { TilthError } from "../../../core/index.ts";
import type { PostgresTransaction } from "../../../postgres/index.ts";
import type { FailedRun } from "../../../seed/index.ts";
import type { BlockLease } from "../cluster_book.ts";
import type { JobQueue } from "./job_queue.ts";

/** What holds as long as nobody else has the block. */
export const IS_OURS = "seed = $1 AND number = $2 AND job = $3 AND attempt = $4";

export function fenceOf({ seedId, number, jobId, attempt }: BlockLease): unknown[] {
  return [seedId, number, jobId, attempt];
}

export function leaseLost({ seedId, number }: BlockLease): TilthError {
  const message = `block ${number} of seed ${seedId} is no longer this worker's: it was silent for too long, or the seed was stopped; another one does it`;
  return new TilthError("cluster.leaseLost", message, { fields: { seedId, block: number } });
}

interface ClosedRow {
  count: number;
  is_retry: boolean;
  present: number | null;
  known_empty: number | null;
  stored: number;
  empty: number;
  bytes: number;
  worker: string | null;
}

const CLOSE = `DELETE FROM tilth.block WHERE ${IS_OURS} RETURNING count, is_retry, present, known_empty, stored, empty, bytes, worker`;

const ADD = `INSERT INTO tilth.seed_total AS t (seed, worker, present, stored, empty, failed, bytes, blocks, busy_ms)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (seed, worker) DO UPDATE SET present = t.present + excluded.present, stored = t.stored + excluded.stored,
    empty = t.empty + excluded.empty, failed = t.failed + excluded.failed, bytes = t.bytes + excluded.bytes,
    blocks = t.blocks + excluded.blocks, busy_ms = t.busy_ms + excluded.busy_ms`;

/** The block as a whole, where it is done; only what is known by now, where its seed was cancelled. */
export interface Closing {
  readonly failed: readonly FailedRun[];
  readonly busyMs: number;
}

/**
 * Moves the sums of a block to those of its worker and takes block and job out, in one transaction with whatever the caller writes.
 * @param done null for a seed that was cancelled
 * @throws `cluster.leaseLost`
 */
export async function closeBlock(
  transaction: PostgresTransaction,
  queue: JobQueue,
  lease: BlockLease,
  done: Closing | null = null,
): Promise<void> {
  const [row] = await transaction.query<ClosedRow>(CLOSE, fenceOf(lease));
  if (row === undefined) throw leaseLost(lease);
  await queue.remove(transaction, { id: lease.jobId, retryCount: lease.attempt });
  const failed = done === null ? 0 : countTiles(done.failed);
  const { stored, bytes } = row;
  const empty = row.empty + (row.known_empty ?? 0);
  // All that has no other outcome was there before; of a block that is not done only what its scan has seen.
  const present = done === null ? (row.present ?? 0) : row.count - stored - empty - failed;
  const sums = [present, stored, empty, failed, bytes, done === null ? 0 : 1, Math.round(done?.busyMs ?? 0)];
  await transaction.query(ADD, [lease.seedId, row.worker ?? "", ...sums]);
  if (failed > 0) await noteFailed(transaction, lease, done?.failed ?? []);
}

export function countTiles(runs: readonly FailedRun[]): number {
  return runs.reduce((sum, { minX, maxX }) => sum + maxX - minX + 1, 0);
}

const NOTE_FAILED = `INSERT INTO tilth.failed_run (seed, block, z, y, min_x, max_x, code, message)
  SELECT $1, $2, * FROM unnest($3::smallint[], $4::int[], $5::int[], $6::int[], $7::text[], $8::text[])`;

async function noteFailed(
  transaction: PostgresTransaction,
  lease: BlockLease,
  runs: readonly FailedRun[],
): Promise<void> {
  await transaction.query(NOTE_FAILED, [
    lease.seedId,
    lease.number,
    runs.map(({ z }) => z),
    runs.map(({ y }) => y),
    runs.map(({ minX }) => minX),
    runs.map(({ maxX }) => maxX),
    runs.map(({ code }) => code),
    runs.map(({ message }) => message),
  ]);
}

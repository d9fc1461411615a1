import type { PostgresTransaction } from "../../../postgres/index.ts";
import type { BlockLease, SeedState } from "../cluster_book.ts";
import { closeBlock } from "./close_block.ts";
import type { JobQueue } from "./job_queue.ts";
import { giveBackBlock } from "./write_block.ts";

const PAUSED = `SELECT id FROM tilth.seed WHERE state = 'paused' LIMIT 1000`;

/** From now on batches of whoever had it before are refused; one that is being committed is waited for. */
const CLAIM = `UPDATE tilth.block b SET state = 1, job = $3, attempt = $4, worker = $5 FROM tilth.seed s
  WHERE b.seed = $1 AND b.number = $2 AND s.id = b.seed
  RETURNING s.state AS seed_state, b.z, b.min_x, b.min_y, b.max_x, b.max_y, b.count, b.batches`;

interface ClaimedRow {
  seed_state: SeedState;
  z: number;
  min_x: number;
  min_y: number;
  max_x: number;
  max_y: number;
  count: number;
  batches: number;
}

/** `again`: a job was taken that had no work left in it; there may be others. */
export async function claimBlock(
  transaction: PostgresTransaction,
  queue: JobQueue,
  worker: string,
  withoutSeeds: readonly string[],
): Promise<BlockLease | "again" | null> {
  const paused = await transaction.query<{ id: string }>(PAUSED);
  const job = await queue.fetch(transaction, [...paused.map(({ id }) => id), ...withoutSeeds]);
  if (job === null) return null;
  const values = [job.seed, job.block, job.id, job.retryCount, worker];
  const [row] = await transaction.query<ClaimedRow>(CLAIM, values);
  if (row === undefined) {
    await queue.remove(transaction, job);
    return "again";
  }
  const lease: BlockLease = {
    seedId: job.seed,
    number: job.block,
    range: { z: row.z, minX: row.min_x, minY: row.min_y, maxX: row.max_x, maxY: row.max_y },
    count: row.count,
    jobId: job.id,
    attempt: job.retryCount,
    batches: row.batches,
  };
  if (row.seed_state === "running") return lease;
  // Paused since we looked: it waits on. Cancelled: its worker was lost before it could close the block.
  if (row.seed_state === "paused") await giveBackBlock(transaction, queue, lease);
  else await closeBlock(transaction, queue, lease);
  return "again";
}

import { messageOf, TilthError } from "../../../core/index.ts";
import type { PostgresTransaction } from "../../../postgres/index.ts";
import { scanBlock, type BlockScan } from "../../../seed/index.ts";
import type { PostgresTileStore } from "../../../store/index.ts";
import type { BlockBatch, BlockEnd, BlockLease } from "../cluster_book.ts";
import { closeBlock, countTiles, fenceOf, IS_OURS, leaseLost } from "./close_block.ts";
import { tellAll } from "./events.ts";
import type { JobQueue } from "./job_queue.ts";
import { endIfDone } from "./seeds.ts";

/** Later attempts find what earlier ones wrote: only the first one's scan says what was there before. */
const NOTE_SCAN = `UPDATE tilth.block SET
    present = coalesce(present, CASE WHEN is_retry THEN greatest(0, count - $7::int) ELSE $5::int END),
    known_empty = coalesce(known_empty, CASE WHEN is_retry THEN 0 ELSE $6::int END)
  WHERE ${IS_OURS} RETURNING 1`;

export async function noteScan(transaction: PostgresTransaction, lease: BlockLease, scan: BlockScan): Promise<void> {
  const values = [...fenceOf(lease), scan.present, scan.empty, scan.missing];
  if ((await transaction.query(NOTE_SCAN, values)).length === 0) throw leaseLost(lease);
}

const NOTE_BATCH = `UPDATE tilth.block SET batches = $5, stored = stored + $6, empty = empty + $7, bytes = bytes + $8
  WHERE ${IS_OURS} AND batches = $5 - 1 RETURNING 1`;

/** The row of the block is locked by it until the tiles are committed: whoever takes the block over waits for them. */
export async function commitBatch(
  transaction: PostgresTransaction,
  store: PostgresTileStore,
  lease: BlockLease,
  { number, writes }: BlockBatch,
): Promise<void> {
  const empty = writes.filter(({ kind }) => kind === "empty").length;
  const sizeBytes = writes.reduce((sum, write) => sum + (write.kind === "tile" ? write.data.byteLength : 0), 0);
  const values = [...fenceOf(lease), number, writes.length - empty, empty, sizeBytes];
  if ((await transaction.query(NOTE_BATCH, values)).length === 0) return requireCommitted(transaction, lease, number);
  await store.putManyWithin(transaction, writes);
}

/** The answer to a COMMIT was lost, and it had been done. */
async function requireCommitted(transaction: PostgresTransaction, lease: BlockLease, number: number): Promise<void> {
  const text = `SELECT batches FROM tilth.block WHERE ${IS_OURS}`;
  const [row] = await transaction.query<{ batches: number }>(text, fenceOf(lease));
  if (row === undefined || row.batches < number) throw leaseLost(lease);
}

/** The last tiles, the proof that all are there, the sums, and the end of block, job and perhaps seed: one transaction. */
export async function completeBlock(
  transaction: PostgresTransaction,
  queue: JobQueue,
  store: PostgresTileStore,
  lease: BlockLease,
  end: BlockEnd,
): Promise<void> {
  if (end.lastBatch !== null) await commitBatch(transaction, store, lease, end.lastBatch);
  const presence = await store.readPresenceWithin(transaction, lease.range);
  const { missing } = scanBlock(end.block, presence);
  const failed = countTiles(end.failed);
  if (missing > failed) {
    const message = `expected at most ${failed} tiles of block ${lease.number} to be missing in ${store.location}, got ${missing}; they are fetched again`;
    throw new TilthError("seed.incomplete", message, { fields: { seedId: lease.seedId, missing, failed } });
  }
  await closeBlock(transaction, queue, lease, end);
  await endIfDone(transaction, lease.seedId);
}

const GIVE_BACK = `UPDATE tilth.block b SET state = 0, job = NULL, attempt = NULL, worker = NULL FROM tilth.seed s
  WHERE b.seed = $1 AND b.number = $2 AND b.job = $3 AND b.attempt = $4 AND s.id = b.seed AND s.state <> 'cancelled' RETURNING 1`;

/** A fresh job, so that it does not count as an attempt. */
export async function giveBackBlock(
  transaction: PostgresTransaction,
  queue: JobQueue,
  lease: BlockLease,
): Promise<void> {
  const isOurs = (await transaction.query(GIVE_BACK, fenceOf(lease))).length > 0;
  if (!isOurs) return closeBlock(transaction, queue, lease);
  await queue.remove(transaction, { id: lease.jobId, retryCount: lease.attempt });
  await queue.insert(transaction, [{ seed: lease.seedId, block: lease.number }]);
  await tellAll(transaction, { kind: "work", seedId: lease.seedId });
}

/** The job stays noted: it goes with a seed that is submitted again, and when it is dead only this block is put aside. */
const LET_GO = `UPDATE tilth.block SET state = 0, attempt = NULL, worker = NULL, error = $5 WHERE ${IS_OURS} RETURNING 1`;

/** Characters of an error that are kept. */
const MAX_ERROR = 500;

export async function failBlock(
  transaction: PostgresTransaction,
  queue: JobQueue,
  lease: BlockLease,
  error: unknown,
): Promise<void> {
  const message = messageOf(error).slice(0, MAX_ERROR);
  if ((await transaction.query(LET_GO, [...fenceOf(lease), message])).length === 0) throw leaseLost(lease);
  await queue.fail(transaction, { id: lease.jobId, retryCount: lease.attempt }, message);
}

import { TilthError } from "../../../core/index.ts";
import type { PostgresTransaction } from "../../../postgres/index.ts";
import type { SeedState } from "../cluster_book.ts";
import { tellAll } from "./events.ts";
import type { JobQueue } from "./job_queue.ts";
import { endIfDone, unknownSeed } from "./seeds.ts";

/** Which states may become which. */
const FROM: Readonly<Record<"running" | "paused" | "cancelled", readonly SeedState[]>> = {
  running: ["paused"],
  paused: ["running"],
  cancelled: ["running", "paused"],
};

async function lockSeed(transaction: PostgresTransaction, id: string): Promise<SeedState> {
  const text = "SELECT state FROM tilth.seed WHERE id = $1 FOR UPDATE";
  const [row] = await transaction.query<{ state: SeedState }>(text, [id]);
  if (row === undefined) throw unknownSeed(id);
  return row.state;
}

/** Blocks stay where they are: those of a paused seed wait, those of a cancelled one are closed by whoever has or takes them. */
export async function setSeedState(
  transaction: PostgresTransaction,
  id: string,
  state: "running" | "paused" | "cancelled",
): Promise<void> {
  const before = await lockSeed(transaction, id);
  if (before === state) return;
  if (!FROM[state].includes(before)) {
    const message = `expected a seed that is ${FROM[state].join(" or ")}, but ${id} is ${before}; submit it again to fetch what is missing`;
    throw new TilthError("cluster.state", message, { fields: { id, state: before } });
  }
  const ended = state === "cancelled" ? "now()" : "NULL";
  await transaction.query(`UPDATE tilth.seed SET state = $2, ended = ${ended} WHERE id = $1`, [id, state]);
  await tellAll(transaction, { kind: "state", seedId: id });
  if (state !== "running") return;
  await tellAll(transaction, { kind: "work", seedId: id });
  await endIfDone(transaction, id);
}

const RAISE_DEAD = `UPDATE tilth.block SET state = 0, job = NULL, attempt = NULL, worker = NULL, error = NULL
  WHERE seed = $1 AND state = 2 RETURNING number`;

/** The rectangle around the failed tiles of a block: all else in it is there, so that only they are fetched. */
const BLOCKS_OF_FAILED = `
  WITH failed AS (DELETE FROM tilth.failed_run WHERE seed = $1 RETURNING block, z, y, min_x, max_x)
  INSERT INTO tilth.block (seed, number, z, min_x, min_y, max_x, max_y, count, is_retry)
  SELECT $1, block, min(z), min(min_x), min(y), max(max_x), max(y), sum(max_x - min_x + 1), true FROM failed GROUP BY block
  RETURNING number, count`;

/** They are counted anew when they are done. */
const UNCOUNT = `INSERT INTO tilth.seed_total AS t (seed, worker, failed, blocks) VALUES ($1, '', -$2::bigint, -$3::bigint)
  ON CONFLICT (seed, worker) DO UPDATE SET failed = t.failed + excluded.failed, blocks = t.blocks + excluded.blocks`;

export async function retrySeed(transaction: PostgresTransaction, queue: JobQueue, id: string): Promise<number> {
  const state = await lockSeed(transaction, id);
  if (state === "cancelled") {
    const message = `expected a seed that was not cancelled, got ${id}; submit it again to fetch what is missing`;
    throw new TilthError("cluster.state", message, { fields: { id, state } });
  }
  const dead = await transaction.query<{ number: number }>(RAISE_DEAD, [id]);
  const failed = await transaction.query<{ number: number; count: number }>(BLOCKS_OF_FAILED, [id]);
  if (failed.length > 0) {
    const tiles = failed.reduce((sum, { count }) => sum + count, 0);
    await transaction.query(UNCOUNT, [id, tiles, failed.length]);
  }
  const blocks = [...dead, ...failed];
  await queue.insert(
    transaction,
    blocks.map(({ number }) => ({ seed: id, block: number })),
  );
  if (blocks.length > 0 && state === "ended")
    await transaction.query("UPDATE tilth.seed SET state = 'running', ended = NULL WHERE id = $1", [id]);
  await tellAll(transaction, { kind: "work", seedId: id });
  return blocks.length;
}

/** Not one that has another job by now: its seed was submitted again, or its silent worker has given it back after all. */
const BURY = `UPDATE tilth.block SET state = 2, attempt = $3, error = coalesce(error, $4) WHERE seed = $1 AND number = $2 AND job = $5`;

/** Blocks whose jobs the engine has given up. */
export async function buryDead(transaction: PostgresTransaction, queue: JobQueue): Promise<void> {
  const seeds = new Set<string>();
  for (const { seed, block, job, attempts, error } of await queue.takeDead(transaction)) {
    await transaction.query(BURY, [seed, block, attempts, error, job]);
    seeds.add(seed);
  }
  for (const seed of seeds) await endIfDone(transaction, seed);
}

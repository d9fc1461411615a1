import type { PostgresTransaction } from "../../../postgres/index.ts";
import type { PlanBlock } from "../../../grid/index.ts";
import type { CutBlocks } from "../cluster_book.ts";
import { tellAll } from "./events.ts";
import type { JobQueue } from "./job_queue.ts";
import { endIfDone, SEED_COLUMNS, toSeed } from "./seeds.ts";

/** Waiting blocks of a seed below which more are cut: two for each of its workers, and enough for some that come new. */
const FEW_WAITING = `(4 + 2 * (SELECT count(*) FROM tilth.seed_total t WHERE t.seed = s.id AND t.seen > now() - interval '15 s'))`;
const WAITING = `(SELECT count(*) FROM tilth.block b WHERE b.seed = s.id AND b.state = 0)`;
const IS_HUNGRY = `s.state = 'running' AND s.cursor IS NOT NULL AND ${WAITING} < ${FEW_WAITING}`;

export const LIST_HUNGRY = `SELECT s.id FROM tilth.seed s WHERE ${IS_HUNGRY} ORDER BY s.submitted LIMIT 100`;

const LOCK = `SELECT ${SEED_COLUMNS}, s.next_block, s.cut_tiles FROM tilth.seed s
  WHERE s.id = $1 AND ${IS_HUNGRY} FOR NO KEY UPDATE OF s SKIP LOCKED`;

/** Of one block: workers work on several at a time. Workers of the whole cluster: when the first blocks are cut none has worked on this seed. */
const SPEED = `SELECT sum(present + stored + empty + failed)::float8 AS tiles, sum(busy_ms)::float8 AS busy_ms,
    (SELECT count(*) FROM tilth.worker WHERE seen > now() - interval '15 s') AS workers
  FROM tilth.seed_total WHERE seed = $1`;

const INSERT = `INSERT INTO tilth.block (seed, number, z, min_x, min_y, max_x, max_y, count)
  SELECT $1, * FROM unnest($2::bigint[], $3::smallint[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[])`;

/** Blocks, their jobs and the place where the next one begins, in one transaction. @returns how many */
export async function cutBlocks(
  transaction: PostgresTransaction,
  queue: JobQueue,
  seedId: string,
  cut: CutBlocks,
): Promise<number> {
  type Row = Parameters<typeof toSeed>[0] & { next_block: number; cut_tiles: number };
  const [row] = await transaction.query<Row>(LOCK, [seedId]);
  if (row === undefined) return 0;
  const [speed] = await transaction.query<{ tiles: number | null; busy_ms: number | null; workers: number }>(SPEED, [
    seedId,
  ]);
  const { tiles = null, busy_ms: busyMs = null, workers = 0 } = speed ?? {};
  const isKnown = tiles !== null && busyMs !== null && busyMs > 1000;
  const result = cut(toSeed(row), {
    tilesPerSecond: isKnown ? (tiles / busyMs) * 1000 : null,
    workers,
    remainingTiles: row.planned - row.cut_tiles,
  });
  const { blocks, cursor } = result;
  const first = row.next_block;
  await transaction.query(INSERT, [seedId, blocks.map((_, i) => first + i), ...columnsOf(blocks)]);
  await queue.insert(
    transaction,
    blocks.map((_, i) => ({ seed: seedId, block: first + i })),
  );
  const cutTiles = blocks.reduce((sum, { count }) => sum + count, 0);
  const note = `UPDATE tilth.seed SET cursor = $2, next_block = next_block + $3, cut_tiles = cut_tiles + $4 WHERE id = $1`;
  await transaction.query(note, [seedId, cursor === null ? null : JSON.stringify(cursor), blocks.length, cutTiles]);
  if (blocks.length === 0) await endIfDone(transaction, seedId);
  else await tellAll(transaction, { kind: "work", seedId });
  return blocks.length;
}

function columnsOf(blocks: readonly PlanBlock[]): number[][] {
  const ranges = blocks.map(({ range }) => range);
  return [
    ranges.map(({ z }) => z),
    ranges.map(({ minX }) => minX),
    ranges.map(({ minY }) => minY),
    ranges.map(({ maxX }) => maxX),
    ranges.map(({ maxY }) => maxY),
    blocks.map(({ count }) => count),
  ];
}

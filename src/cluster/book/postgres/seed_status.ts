import type { PostgresTransaction } from "../../../postgres/index.ts";
import type { FailedRun } from "../../../seed/index.ts";
import type { ClusterCounts, DeadBlock, SeedStatus, WorkerStatus } from "../cluster_book.ts";
import { SEED_COLUMNS, toSeed, unknownSeed } from "./seeds.ts";

type Query = Pick<PostgresTransaction, "query">;

/** Seeds that are listed. */
const MAX_SEEDS = 1000;

/** Sums of what is done, and of the blocks in flight; what a dead block has no outcome for has failed. */
const STATUS = `SELECT ${SEED_COLUMNS}, t.*, b.*,
    (extract(epoch FROM coalesce(s.ended, clock_timestamp()) - s.submitted) * 1000)::bigint AS elapsed_ms
  FROM tilth.seed s
  CROSS JOIN LATERAL (SELECT coalesce(sum(present), 0)::bigint AS present, coalesce(sum(stored), 0)::bigint AS stored,
      coalesce(sum(empty), 0)::bigint AS empty, coalesce(sum(failed), 0)::bigint AS failed,
      coalesce(sum(rejected), 0)::bigint AS rejected, coalesce(sum(bytes), 0)::bigint AS bytes,
      coalesce(sum(requests), 0)::bigint AS requests, coalesce(sum(retries), 0)::bigint AS retries,
      coalesce(sum(blocks), 0)::bigint AS done
    FROM tilth.seed_total WHERE seed = s.id) t
  CROSS JOIN LATERAL (SELECT coalesce(sum(present), 0)::bigint AS b_present, coalesce(sum(stored), 0)::bigint AS b_stored,
      coalesce(sum(empty + coalesce(known_empty, 0)), 0)::bigint AS b_empty, coalesce(sum(bytes), 0)::bigint AS b_bytes,
      coalesce(sum(count - stored - empty - coalesce(present, 0) - coalesce(known_empty, 0)) FILTER (WHERE state = 2), 0)::bigint AS b_failed,
      count(*) FILTER (WHERE state = 0) AS queued, count(*) FILTER (WHERE state = 1) AS leased,
      count(*) FILTER (WHERE state = 2) AS dead
    FROM tilth.block WHERE seed = s.id) b`;

type SumName = "present" | "stored" | "empty" | "failed" | "rejected" | "bytes" | "requests" | "retries" | "done";
type BlockSumName =
  | "b_present"
  | "b_stored"
  | "b_empty"
  | "b_bytes"
  | "b_failed"
  | "queued"
  | "leased"
  | "dead"
  | "elapsed_ms";
type StatusRow = Parameters<typeof toSeed>[0] & Record<SumName | BlockSumName, number>;

/** Of many seeds at once. */
const WORKERS = `SELECT t.seed, t.worker, t.stored + coalesce(b.stored, 0)::bigint AS stored, coalesce(b.blocks, 0)::int AS blocks,
    CASE WHEN t.seen > now() - interval '15 s' THEN t.tiles_per_second ELSE 0 END AS "tilesPerSecond",
    greatest(0, extract(epoch FROM clock_timestamp() - t.seen) * 1000)::bigint AS "silentMs"
  FROM tilth.seed_total t
  LEFT JOIN (SELECT seed, worker, count(*) AS blocks, sum(stored) AS stored FROM tilth.block
    WHERE seed = ANY ($1::text[]) AND state = 1 GROUP BY seed, worker) b ON b.seed = t.seed AND b.worker = t.worker
  WHERE t.seed = ANY ($1::text[]) AND t.worker <> '' ORDER BY t.seed, t.worker LIMIT 100000`;

const FAILURES = `SELECT seed, code, sum(max_x - min_x + 1)::bigint AS tiles FROM tilth.failed_run WHERE seed = ANY ($1::text[])
  GROUP BY seed, code ORDER BY seed, code`;

export async function listStatus(database: Query, signal?: AbortSignal): Promise<SeedStatus[]> {
  const text = `${STATUS} ORDER BY s.submitted DESC, s.id LIMIT ${MAX_SEEDS}`;
  return toStatuses(database, await database.query<StatusRow>(text, [], { signal }), signal);
}

export async function getStatus(database: Query, id: string, signal?: AbortSignal): Promise<SeedStatus> {
  const rows = await database.query<StatusRow>(`${STATUS} WHERE s.id = $1`, [id], { signal });
  const [status] = await toStatuses(database, rows, signal);
  if (status === undefined) throw unknownSeed(id);
  return status;
}

async function toStatuses(
  database: Query,
  rows: readonly StatusRow[],
  signal: AbortSignal | undefined,
): Promise<SeedStatus[]> {
  const ids = rows.map(({ id }) => id);
  const workers = await database.query<WorkerStatus & { seed: string }>(WORKERS, [ids], { signal });
  const failures = await database.query<{ seed: string; code: string; tiles: number }>(FAILURES, [ids], { signal });
  const workersOf = Map.groupBy(workers, ({ seed }) => seed);
  const failuresOf = Map.groupBy(failures, ({ seed }) => seed);
  return rows.map((row) => ({
    ...toSeed(row),
    counts: countsOf(row),
    failures: {
      ...Object.fromEntries((failuresOf.get(row.id) ?? []).map(({ code, tiles }) => [code, tiles])),
      ...(row.b_failed > 0 ? { "cluster.deadBlock": row.b_failed } : {}),
    },
    blocks: { queued: row.queued, leased: row.leased, dead: row.dead, done: row.done },
    workers: (workersOf.get(row.id) ?? []).map(({ seed: _seed, ...worker }) => worker),
    elapsedMs: row.elapsed_ms,
  }));
}

function countsOf(row: StatusRow): ClusterCounts {
  return {
    present: row.present + row.b_present,
    stored: row.stored + row.b_stored,
    empty: row.empty + row.b_empty,
    failed: row.failed + row.b_failed,
    rejected: row.rejected,
    bytes: row.bytes + row.b_bytes,
    requests: row.requests,
    retries: row.retries,
  };
}

const DEAD = `SELECT number, z, min_x AS "minX", min_y AS "minY", max_x AS "maxX", max_y AS "maxY", coalesce(attempt, 0) AS attempts,
    coalesce(error, '') AS error
  FROM tilth.block WHERE seed = $1 AND state = 2 ORDER BY number LIMIT 10000`;

export async function listDead(database: Query, id: string, signal?: AbortSignal): Promise<DeadBlock[]> {
  type Row = DeadBlock["range"] & Omit<DeadBlock, "range">;
  const rows = await database.query<Row>(DEAD, [id], { signal });
  return rows.map(({ number, attempts, error, ...range }) => ({ number, range, attempts, error }));
}

const PAGE_ROWS = 1000;
const FAILED = `SELECT block, z, y, min_x AS "minX", max_x AS "maxX", code, message FROM tilth.failed_run
  WHERE seed = $1 AND (block, y, min_x) > ($2, $3, $4) ORDER BY block, y, min_x LIMIT ${PAGE_ROWS}`;

/** Page by page: nothing is held open while the caller works. */
export async function* listFailed(database: Query, id: string, signal?: AbortSignal): AsyncGenerator<FailedRun> {
  let after = [-1, -1, -1];
  for (;;) {
    const page = await database.query<FailedRun & { block: number }>(FAILED, [id, ...after], { signal });
    for (const { block: _block, ...run } of page) yield run;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_ROWS) return;
    after = [last.block, last.y, last.minX];
  }
}

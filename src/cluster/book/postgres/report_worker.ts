import type { PostgresTransaction } from "../../../postgres/index.ts";
import type { BlockLease, WorkerOrders, WorkerReport } from "../cluster_book.ts";
import type { JobQueue } from "./job_queue.ts";

const ADD = `INSERT INTO tilth.seed_total AS t (seed, worker, requests, retries, rejected, tiles_per_second)
  SELECT g.seed, $1, g.requests, g.retries, g.rejected, g.rate
  FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::real[]) AS g(seed, requests, retries, rejected, rate)
  WHERE EXISTS (SELECT 1 FROM tilth.seed s WHERE s.id = g.seed)
  ON CONFLICT (seed, worker) DO UPDATE SET requests = t.requests + excluded.requests, retries = t.retries + excluded.retries,
    rejected = t.rejected + excluded.rejected, tiles_per_second = excluded.tiles_per_second, seen = now()`;

/** Whoever has been silent for a day is forgotten. */
const SEEN = `WITH gone AS (DELETE FROM tilth.worker WHERE seen < now() - interval '1 day' AND name <> $1)
  INSERT INTO tilth.worker (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET seen = now()`;

const STOPPED = `SELECT id FROM unnest($1::text[]) AS given(id)
  WHERE NOT EXISTS (SELECT 1 FROM tilth.seed s WHERE s.id = given.id AND s.state = 'running')`;

const NOW = `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms`;

export async function reportWorker(
  transaction: PostgresTransaction,
  queue: JobQueue,
  { worker, leases, seeds }: WorkerReport,
): Promise<WorkerOrders> {
  await transaction.query(SEEN, [worker]);
  if (seeds.length > 0)
    await transaction.query(ADD, [
      worker,
      seeds.map(({ seedId }) => seedId),
      seeds.map(({ requests }) => requests),
      seeds.map(({ retries }) => retries),
      seeds.map(({ rejected }) => rejected),
      seeds.map(({ tilesPerSecond }) => tilesPerSecond),
    ]);
  const attempts = leases.map(({ jobId, attempt }) => ({ id: jobId, retryCount: attempt }));
  const ours = await queue.touch(transaction, attempts);
  // One worker may lose a block, take it again, and still be busy with the end of the first attempt; the engine tells of jobs alone.
  const last = lastAttempts(leases);
  const seedIds = [...new Set(leases.map(({ seedId }) => seedId))];
  const stopped = await transaction.query<{ id: string }>(STOPPED, [seedIds]);
  const [clock] = await transaction.query<{ now_ms: number }>(NOW);
  return {
    lost: leases.filter(({ jobId, attempt }) => !ours.has(jobId) || attempt < (last.get(jobId) ?? 0)),
    stopped: stopped.map(({ id }) => id),
    nowMs: clock?.now_ms ?? 0,
  };
}

function lastAttempts(leases: readonly BlockLease[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const { jobId, attempt } of leases) last.set(jobId, Math.max(attempt, last.get(jobId) ?? 0));
  return last;
}

/**
 * Is a seed of 10^9 tiles submitted at once, and stopped at once? `node bench/cluster_submit.ts [seconds=20] [workers=4]`: submits 10^9 tiles by
 * the command, looks at the size of the books before and after some seconds of work, cancels, and waits for the last request.
 */
import { sleep } from "../src/core/index.ts";
import { startPostgres } from "../test/support/postgres.ts";
import { measure } from "./support/measure.ts";
import { openBook, say, startWorker, stopWorkers, TILTH, type WorkerProcess } from "./support/cluster_bench.ts";
import { startOriginProcess } from "./support/tile_server.ts";

const seconds = Number(process.argv[2] ?? 20);
const count = Number(process.argv[3] ?? 4);
/** 32,768 x 32,768 tiles of zoom 17, less the rows beyond 66 degrees: just over 10^9. */
const AREA = ["--bbox=-90,-66.5,0.5,66.5", "--zoom", "0-17"];

const database = await startPostgres();
const origin = await startOriginProcess({ kind: "noise", latencyMs: 20 });

async function booksSize(): Promise<{ bytes: number; rows: number }> {
  const [row] = await database.run(`SELECT
    (SELECT count(*) FROM tilth.block) + (SELECT count(*) FROM tilth.seed) + (SELECT count(*) FROM tilth.seed_total)
      + (SELECT count(*) FROM tilth_jobs.job) AS rows,
    pg_total_relation_size('tilth.block') + pg_total_relation_size('tilth.seed') + pg_total_relation_size('tilth_jobs.job')
      + (SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0) FROM pg_inherits WHERE inhparent = 'tilth_jobs.job'::regclass) AS bytes`);
  return { bytes: Number(row?.["bytes"]), rows: Number(row?.["rows"]) };
}

const args = [TILTH, "seed", origin.template, ...AREA, "--cluster", `${database.url}?layer=big`, "--json"];
const submitted = await measure(process.execPath, args);
const { id, planned } = JSON.parse(submitted.stdout) as { id: string; planned: number };
const submitS = `${submitted.wallS.toFixed(1)} s`;
say(`submit of ${planned.toLocaleString("en")} tiles`, submitS, "<= 10 s", submitted.wallS <= 10 && planned >= 1e9);
const before = await booksSize();
const book = await openBook(database.url);
const workers: WorkerProcess[] = [];
for (let i = 0; i < count; i++) workers.push(await startWorker(database.url, `w${i}`, ["--concurrency", "8"]));
await sleep(seconds * 1000);
const after = await booksSize();
const status = await book.getStatus(id);
const { leased, queued, done } = status.blocks;
console.log(
  `before: ${before.rows} rows, ${before.bytes} bytes; after ${seconds} s: ${after.rows} rows, ${after.bytes} bytes`,
);
console.log(`blocks: ${done} done, ${leased} in work, ${queued} waiting; ${status.counts.stored} tiles stored`);
const isSmall = after.rows < 400 && after.bytes < 4_000_000;
say("books while it is worked on", `${after.rows} rows`, "blocks in flight", isSmall);

const cancelledAt = performance.now();
await book.setState(id, "cancelled");
let idleAt = Number.NaN;
let requests = -1;
for (let quietMs = 0; quietMs < 3000; await sleep(50)) {
  const now = await origin.countRequests();
  const { blocks } = await book.getStatus(id);
  if (now !== requests || blocks.leased > 0) {
    requests = now;
    idleAt = performance.now();
    quietMs = 0;
  } else quietMs = performance.now() - idleAt;
}
const idleS = (idleAt - cancelledAt) / 1000;
say(`all ${count} workers idle after a cancel`, `${idleS.toFixed(2)} s`, "<= 2 s", idleS <= 2);
const last = await book.getStatus(id);
const [stored] = await database.run("SELECT count(*)::int AS n FROM tilth.tile");
const kept = `${String(stored?.["n"])} of ${requests}`;
say(
  "tiles of all requests that are kept",
  kept,
  "written stays",
  Number(stored?.["n"]) === last.counts.stored && last.counts.stored >= status.counts.stored,
);
await stopWorkers(workers);
await book.close();
await origin.close();
await database.close();

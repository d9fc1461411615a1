/**
 * Does a seed go faster with more workers? `node bench/cluster_scaling.ts [tiles a worker=1200]`: 1, 2, 4 and 8 worker processes against an
 * origin with 80 ms latency and no rate limit. Each asks 4 at a time: 8 workers at 32 each would measure this machine's cores, not the
 * engine. The server is the one of the tests (embedded, or that of TILTH_TEST_POSTGRES).
 */
import { startPostgres } from "../test/support/postgres.ts";
import {
  openBook,
  say,
  startWorker,
  stopWorkers,
  submit,
  untilOver,
  type WorkerProcess,
} from "./support/cluster_bench.ts";
import { startOriginProcess } from "./support/tile_server.ts";

const tilesEach = Number(process.argv[2] ?? 1200);
const CONCURRENCY = 4;
const ZOOM = 12;
/** Columns of zoom 12 that are `tiles` tall squares. */
const SIDE = 40;

const database = await startPostgres();
const origin = await startOriginProcess({ kind: "noise", latencyMs: 80 });
const book = await openBook(database.url);
const rates = new Map<number, number>();
const workers: WorkerProcess[] = [];
for (const count of [1, 2, 4, 8]) {
  while (workers.length < count)
    workers.push(await startWorker(database.url, `w${workers.length + 1}`, ["--concurrency", String(CONCURRENCY)]));
  const width = Math.round((tilesEach * count) / SIDE);
  const degrees = 360 / 2 ** ZOOM;
  const bbox = [0.001, 0.001, width * degrees - 0.001, 3.4] as const;
  const { id, planned } = await submit(database.url, book, {
    template: origin.template,
    bbox: [...bbox],
    zooms: [ZOOM],
    cache: `scale${count}`,
    // 1.6 s of work each, as this run is that much shorter than a real one: the last ones end one after another.
    blockTiles: 40,
  });
  const report = await untilOver(book, id);
  rates.set(count, planned / report.seconds);
  const ratio = planned / report.seconds / (count * (rates.get(1) ?? 1));
  const got = `${ratio.toFixed(2)} x linear`;
  say(
    `${count} workers: ${planned} tiles, ${(planned / report.seconds).toFixed(1)} tiles/s`,
    got,
    ">= 0.9",
    ratio >= 0.9 && report.complete,
  );
}
await stopWorkers(workers);
await book.close();
await origin.close();
await database.close();

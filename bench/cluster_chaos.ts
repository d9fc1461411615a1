/**
 * Is a seed complete and equal whatever happens to its workers? `node bench/cluster_chaos.ts [runs=20] [first seed=1]`: three worker processes
 * behind a proxy to the database; while they work, by a seeded generator: kill -9 of a worker (another one comes), the network between all
 * workers and the database cut for seconds, the database restarted. Content against a seed on one machine, tile for tile.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep } from "../src/core/index.ts";
import { openStore } from "../src/store/index.ts";
import { CutProxy } from "../test/support/cut_proxy.ts";
import { makeRandom } from "../test/support/make_random.ts";
import { startPostgres, type TestPostgres } from "../test/support/postgres.ts";
import { measure } from "./support/measure.ts";
import {
  openBook,
  say,
  startWorker,
  stopWorkers,
  submit,
  TILTH,
  untilOver,
  type WorkerProcess,
} from "./support/cluster_bench.ts";
import { startOriginProcess } from "./support/tile_server.ts";

const runs = Number(process.argv[2] ?? 20);
const firstSeed = Number(process.argv[3] ?? 1);
const HALF = [-180, -85, -0.001, 85] as const;
const ZOOMS = [0, 1, 2, 3, 4, 5, 6, 7];
const BLOCK_TILES = 400;

async function listHashes(location: string): Promise<Map<string, string | null>> {
  const store = await openStore(location, { mode: "read" });
  const hashes = new Map<string, string | null>();
  for await (const { tile, sha256 } of store.list({ withData: false }))
    hashes.set(`${tile.z}/${tile.x}/${tile.y}`, sha256);
  await store.close();
  return hashes;
}

interface Scene {
  readonly database: TestPostgres;
  readonly proxy: CutProxy;
  readonly workers: WorkerProcess[];
  readonly random: () => number;
}

async function disturb(
  { database, proxy, workers, random }: Scene,
  start: () => Promise<WorkerProcess>,
): Promise<string> {
  const dice = random();
  if (dice < 0.5) {
    const [victim] = workers.splice(Math.floor(random() * workers.length), 1);
    victim?.child.kill("SIGKILL");
    workers.push(await start());
    return "kill";
  }
  const restMs = 500 + random() * 4000;
  if (dice < 0.8 || !database.isOwn) {
    proxy.stall();
    await sleep(restMs);
    proxy.cut();
    proxy.open();
    return "cut";
  }
  await database.stop();
  await sleep(restMs / 4);
  await database.start();
  return "restart";
}

const folder = mkdtempSync(join(tmpdir(), "tilth-chaos-"));
const origin = await startOriginProcess({ kind: "noise", latencyMs: 40 });
const alone = join(folder, "alone.gpkg");
await measure(process.execPath, [
  TILTH,
  "seed",
  origin.template,
  `--bbox=${HALF.join(",")}`,
  "--zoom",
  "0-7",
  "--out",
  alone,
  "--quiet",
]);
const expected = await listHashes(alone);
const database = await startPostgres();
const proxy = await CutProxy.start(Number(new URL(database.url).port));
const throughProxy = proxy.urlOf(database.url);
let names = 0;
const start = (): Promise<WorkerProcess> => startWorker(throughProxy, `w${(names += 1)}`, ["--concurrency", "8"]);
const fetched: number[] = [];
let equal = 0;
for (let run = 0; run < runs; run++) {
  const random = makeRandom(firstSeed + run);
  const workers: WorkerProcess[] = [];
  for (let i = 0; i < 3; i++) workers.push(await start());
  const book = await openBook(database.url);
  const before = await origin.countRequests();
  const cache = `chaos${run}`;
  const area = { template: origin.template, bbox: [...HALF] as [number, number, number, number], zooms: ZOOMS };
  const { id, planned } = await submit(database.url, book, { ...area, cache, blockTiles: BLOCK_TILES });
  const over = untilOver(book, id);
  const events: string[] = [];
  for (let i = 0; i < 3; i++) {
    await sleep(700 + random() * 1800);
    events.push(await disturb({ database, proxy, workers, random }, start));
  }
  const report = await over;
  await stopWorkers(workers);
  const requests = (await origin.countRequests()) - before;
  const got = await listHashes(`${database.url}?layer=${cache}`);
  const isEqual = got.size === expected.size && [...expected].every(([name, hash]) => got.get(name) === hash);
  if (isEqual && report.complete) equal += 1;
  fetched.push(requests / planned);
  console.log(
    `run ${firstSeed + run} (${events.join(", ")}): ${isEqual ? "equal" : "DIFFERENT"}, ${(requests / planned).toFixed(3)} fetches a tile, ${report.seconds.toFixed(0)} s, planned ${planned} = stored ${report.stored} + present ${report.present} + failed ${report.failed}`,
  );
  await book.close();
}
const mean = fetched.reduce((sum, value) => sum + value, 0) / fetched.length;
say(`runs with the same tiles as a seed on one machine`, `${equal} of ${runs}`, "all", equal === runs);
say("fetches a tile, on average", mean.toFixed(3), "<= 1.05", mean <= 1.05);
await proxy.close();
await database.close();
await origin.close();
rmSync(folder, { recursive: true, force: true });

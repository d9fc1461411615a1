/**
 * What does the engine cost? `node bench/cluster_overhead.ts [rounds=3] [zooms=0-7]`: in turns a seed on this machine into a cache in PostgreSQL
 * and the same seed by one worker of the cluster into another cache of the same database; tiles/s of both, from the first request on.
 */
import { startPostgres } from "../test/support/postgres.ts";
import { parseZooms } from "../src/grid/index.ts";
import { measure } from "./support/measure.ts";
import { median, openBook, say, startWorker, stopWorkers, submit, TILTH, untilOver } from "./support/cluster_bench.ts";
import { startOriginProcess } from "./support/tile_server.ts";

const rounds = Number(process.argv[2] ?? 3);
const zooms = process.argv[3] ?? "0-7";
const WORLD = [-180, -85, 180, 85] as const;

const database = await startPostgres();
const origin = await startOriginProcess({ kind: "noise", latencyMs: 5 });
const book = await openBook(database.url);
const ratios: number[] = [];
for (let round = 0; round < rounds; round++) {
  const args = ["seed", origin.template, `--bbox=${WORLD.join(",")}`, "--zoom", zooms, "--json", "--quiet"];
  const local = await measure(process.execPath, [TILTH, ...args, "--out", `${database.url}?layer=local${round}`]);
  const { planned, seconds } = JSON.parse(local.stdout) as { planned: number; seconds: number };
  // A new one each time: the limit of one that is warm would be found already.
  const worker = await startWorker(database.url, `alone${round}`);
  const cache = `cluster${round}`;
  const { id } = await submit(database.url, book, {
    template: origin.template,
    bbox: [...WORLD],
    zooms: parseZooms(zooms),
    cache,
  });
  const report = await untilOver(book, id);
  await stopWorkers([worker]);
  const [alone, together] = [planned / seconds, planned / report.seconds];
  ratios.push(together / alone);
  console.log(
    `round ${round + 1}: ${planned} tiles; here ${alone.toFixed(0)} tiles/s, by the cluster ${together.toFixed(0)} tiles/s`,
  );
}
const share = 1 - median(ratios);
say(`overhead of the engine, median of ${rounds}`, `${(share * 100).toFixed(1)} %`, "<= 5 %", share <= 0.05);
await book.close();
await origin.close();
await database.close();

// One seed with a slow writer in a process of its own: node bench/support/slow_seed.ts TEMPLATE OUT W,S,E,N DELAY_MS SECONDS
// Uses the built form where there is one. Prints the peak of its memory as JSON.
import { existsSync } from "node:fs";
import type * as Tilth from "../../src/index.ts";

const built = new URL("../../dist/index.js", import.meta.url);
const { bboxCoverage, getGrid, HttpClient, openSource, openStore, planTiles, runSeed, TileCache } = (await import(
  existsSync(built) ? built.href : new URL("../../src/index.ts", import.meta.url).href
)) as typeof Tilth;

const [template = "", out = "", area = "", delayMs = "400", seconds = "30"] = process.argv.slice(2);

/** A store whose writes take longer than the network: the queue is always full. */
function slowed(store: Tilth.TileStore): Tilth.TileStore {
  const putMany: Tilth.TileStore["putMany"] = async (writes) => {
    await new Promise((resolve) => setTimeout(resolve, Number(delayMs)));
    return store.putMany(writes);
  };
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = name === "putMany" ? putMany : Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

const grid = getGrid("WebMercatorQuad");
const client = new HttpClient({ defaultPolicy: { concurrency: 32 } });
const source = await openSource(template, { client });
const store = slowed(await openStore(out, { mode: "write", grid }));
const plan = planTiles(grid, bboxCoverage(area.split(",").map(Number)), [10]);
const peak = { rss: 0, heapTotal: 0, external: 0, arrayBuffers: 0 };
const timer = setInterval(() => {
  const now = process.memoryUsage();
  for (const name of ["rss", "heapTotal", "external", "arrayBuffers"] as const)
    peak[name] = Math.max(peak[name], Math.round(now[name] / 1e6));
}, 50);
const report = await runSeed({
  cache: new TileCache({ store, source }),
  plan,
  task: null,
  signal: AbortSignal.timeout(Number(seconds) * 1000),
});
clearInterval(timer);
await store.close();
await client.close();
console.log(JSON.stringify({ peak, planned: report.planned, done: report.stored }));

// Peak memory of a seed of 1,000,000 planned tiles with a slow writer, and of a tenth of it: it must be flat.
// node --expose-gc bench/memory.ts [TILES]   the seed runs in this process; the origin in another
import { TileCache } from "../src/cache/index.ts";
import { bboxCoverage, getGrid, planTiles } from "../src/grid/index.ts";
import { HttpClient } from "../src/net/index.ts";
import { runSeed } from "../src/seed/index.ts";
import { openSource } from "../src/source/index.ts";
import { openStore, type TileStore } from "../src/store/index.ts";
import { row, withFolder } from "./support/cases.ts";
import { startOriginProcess } from "./support/tile_server.ts";

/** Boxes on level 10 (1,048,576 tiles in the world). */
const AREAS: Record<string, readonly number[]> = {
  "100,000": [-180, -20, -120, 20],
  "1,000,000": [-180, -85.06, 180, 85.06],
};

/** A store whose writes take longer than the network: the queue is always full. */
function slowed(store: TileStore, delayMs: number): TileStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === "putMany") {
        return async (writes: Parameters<TileStore["putMany"]>[0]) => {
          await new Promise((resolve) => setTimeout(resolve, delayMs));
          return target.putMany(writes);
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

async function peakOf(
  area: readonly number[],
  seconds: number,
): Promise<{ peakMb: number; planned: number; done: number }> {
  const server = await startOriginProcess({ kind: "noise" });
  const client = new HttpClient({ defaultPolicy: { concurrency: 32 } });
  return withFolder(async (path) => {
    const grid = getGrid("WebMercatorQuad");
    const source = await openSource(server.template, { client });
    const store = slowed(await openStore(path("out.gpkg"), { mode: "write", grid }), 400);
    const plan = planTiles(grid, bboxCoverage(area), [10]);
    let peakMb = 0;
    const timer = setInterval(() => (peakMb = Math.max(peakMb, process.memoryUsage.rss() / 1e6)), 50);
    const report = await runSeed({
      cache: new TileCache({ store, source }),
      plan,
      task: null,
      signal: AbortSignal.timeout(seconds * 1000),
    });
    clearInterval(timer);
    await store.close();
    await client.close();
    await server.close();
    return { peakMb, planned: report.planned, done: report.stored };
  });
}

const seconds = Number(process.argv[2] ?? 40);
const peaks: number[] = [];
for (const [name, area] of Object.entries(AREAS)) {
  const { peakMb, planned, done } = await peakOf(area, seconds);
  peaks.push(peakMb);
  row(
    `${name} tiles planned (${planned}), slow writer`,
    `peak RSS ${Math.round(peakMb)} MB after ${done} tiles`,
    "<= 250 MB",
    peakMb <= 250,
  );
}
const growth = (peaks[1] ?? 0) / (peaks[0] ?? 1);
row("1,000,000 against 100,000", `${growth.toFixed(2)} x`, "flat: <= 1.15 x", growth <= 1.15);

import { rmSync } from "node:fs";
import { startNginx } from "./support/tile_server.ts";
import { HttpTileSource, UrlTemplate } from "../src/source/index.ts";
import { HttpClient } from "../src/net/index.ts";
import { getGrid, bboxCoverage, planTiles } from "../src/grid/index.ts";
import { openStore } from "../src/store/index.ts";
import { TileCache } from "../src/cache/index.ts";
import { runSeed } from "../src/seed/index.ts";
const server = await startNginx(6);
if (!server) throw 1;
const grid = getGrid("WebMercatorQuad");
for (const conc of [16, 16, 16] as const) {
  const client = new HttpClient({ defaultPolicy: { concurrency: conc } });
  const t = new UrlTemplate(server.template, grid);
  const info = {
    id: "x",
    kind: "template",
    title: "t",
    attribution: "",
    grid,
    minZoom: 0,
    maxZoom: 22,
    bounds: null,
    format: null,
    bulk: "unknown" as const,
    termsUrl: null,
  };
  const source = new HttpTileSource(info, t.mirrors, (tile, m) => t.build(tile, m), { client });
  rmSync("/tmp/p.gpkg", { force: true });
  const a = performance.now();
  const c0 = process.cpuUsage();
  const store = await openStore("/tmp/p.gpkg", { mode: "write", grid, metadata: { title: "x", sourceId: "x" } });
  const b = performance.now();
  const plan = planTiles(grid, bboxCoverage([-180, -85.06, 180, 85.06]), [0, 1, 2, 3, 4, 5, 6]);
  const report = await runSeed({ cache: new TileCache({ store, source }), plan, task: null });
  const c = performance.now();
  await store.close();
  const d = performance.now();
  const cpu = process.cpuUsage(c0);
  console.log(
    conc,
    "open",
    (b - a) | 0,
    "seed",
    (c - b) | 0,
    "close",
    (d - c) | 0,
    "tps",
    report.tilesPerSecond,
    "cpu",
    (cpu.user + cpu.system) / 1e6,
    report.complete,
    (process.memoryUsage.rss() / 1e6) | 0,
  );
  await client.close();
}
await server.close();

// Seeds onto another grid that go long or wrong: memory over 100,000 tiles, lost tiles through faults, cancel while tiles are warped, and
// how often source tiles are asked for and decoded.
// node bench/reproject_endurance.ts [memory|lost|cancel|once]     after `npm run build`
import { spawn } from "node:child_process";
import { bboxCoverage, getGrid, HttpClient, openSource, openStore, planTiles, runSeed } from "../src/index.ts";
import { ReprojectedSource, TileCache } from "../src/index.ts";
import { FAULTS, row, TILTH, withFolder } from "./support/cases.ts";
import { measure } from "./support/measure.ts";
import { hashesOf, sameTiles } from "./support/tile_hashes.ts";
import { startOriginProcess } from "./support/tile_server.ts";

function args(template: string, out: string, grid: string, bbox: string, zoom: string, ...more: string[]): string[] {
  const place = ["--grid", grid, "--bbox", bbox, "--zoom", zoom];
  return [TILTH, "seed", template, ...place, "--out", out, "--quiet", "--json", ...more];
}

interface Report {
  planned: number;
  stored: number;
  empty: number;
  failed: number;
  complete: boolean;
}

/** Peak of the resident memory at 8,000, 24,000 and 80,000 tiles of the same latitudes, JPEG and PNG. The first ends before the shelf of source tiles is full. */
async function measureMemory(): Promise<void> {
  const server = await startOriginProcess({ kind: "noise" });
  for (const format of ["jpeg", "png"]) {
    const peaks: number[] = [];
    for (const bbox of ["-15,-50,15,80", "-60,-50,30,80", "-170,-50,130,80"]) {
      await withFolder(async (path) => {
        const run = await measure(
          process.execPath,
          args(server.template, path("out.gpkg"), "WorldCRS84Quad", bbox, "8", "--format", format),
        );
        const { planned, stored, complete } = JSON.parse(run.stdout) as Report;
        peaks.push(run.peakRssMb);
        const text = `${Math.round(run.peakRssMb)} MB, ${Math.round(stored / run.wallS)} tiles/s`;
        row(`peak RSS, ${planned} ${format} tiles`, text, "<= 400 MB", run.peakRssMb <= 400 && complete);
      });
    }
    const growth = (peaks[2] ?? 0) / (peaks[1] ?? 1);
    row(`${format}: from 24,000 to 80,000`, `${growth.toFixed(2)} x the memory`, "flat: <= 1.1 x", growth <= 1.1);
  }
  await server.close();
}

const SWISS = ["EPSG:2056", "5.9,45.8,10.5,47.8", "0-5"] as const;

/** Ten seeds through faults, 2 to 32 requests at once, each into a fresh file: every tile there and right. */
async function measureLost(): Promise<void> {
  await withFolder(async (path) => {
    const clean = await startOriginProcess({ kind: "noise" });
    await measure(process.execPath, args(clean.template, path("clean.gpkg"), ...SWISS));
    await clean.close();
    const expected = hashesOf(path("clean.gpkg"));
    let lost = 0;
    let same = 0;
    for (let run = 0; run < 10; run++) {
      const server = await startOriginProcess({
        kind: "noise",
        faults: { ...FAULTS, seed: run, html: 0.03, cut: 0.03 },
      });
      const concurrency = String(Math.round(2 + (run * 30) / 9));
      const out = path(`${run}.gpkg`);
      const more = ["--timeout", "3s", "--concurrency", concurrency];
      const { stdout } = await measure(process.execPath, args(server.template, out, ...SWISS, ...more));
      await server.close();
      const { planned, stored, empty } = JSON.parse(stdout) as Report;
      const there = hashesOf(out);
      lost += planned - empty - there.size + Math.abs(stored - there.size);
      if (sameTiles(there, expected)) same += 1;
    }
    const text = `${lost} lost of ${expected.size} each, ${same} runs identical`;
    row("10 runs through faults, 2 to 32 requests at once", text, "0 lost", lost === 0 && same === 10);
  });
}

/** SIGINT at ten moments of a seed that warps all the time. */
async function measureCancel(): Promise<void> {
  const server = await startOriginProcess({ kind: "noise" });
  let worst = 0;
  let kept = 0;
  for (let run = 0; run < 10; run++) {
    await withFolder(async (path) => {
      const out = path("out.gpkg");
      const deep = args(server.template, out, "EPSG:2056", "5.9,45.8,10.5,47.8", "0-9");
      const child = spawn(process.execPath, deep, { stdio: ["ignore", "pipe", "ignore"] });
      let stdout = "";
      child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
      await new Promise((resolve) => setTimeout(resolve, 1500 + run * 237));
      const started = performance.now();
      child.kill("SIGINT");
      const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
      worst = Math.max(worst, (performance.now() - started) / 1000);
      const { stored } = JSON.parse(stdout) as Report;
      if (code !== 130 || hashesOf(out).size !== stored) throw new Error(`exit ${code}, ${stored} tiles reported`);
      kept += stored;
    });
  }
  await server.close();
  const text = `${worst.toFixed(2)} s, ${kept} finished tiles kept`;
  row("SIGINT while tiles are warped (worst of 10)", text, "<= 1 s, tiles kept", worst <= 1 && kept > 0);
}

/** Requests and decodes for the source tiles of one seed. */
async function measureOnce(): Promise<void> {
  const server = await startOriginProcess({ kind: "noise" });
  for (const [name, bbox, zoom] of [
    ["EPSG:2056", [5.9, 45.8, 10.5, 47.8], 5],
    ["WorldCRS84Quad", [0, 0, 45, 45], 7],
    ["EPSG:3035", [-10, 35, 30, 65], 4],
  ] as const) {
    await withFolder(async (path) => {
      const grid = getGrid(name);
      const client = new HttpClient();
      const inner = await openSource(server.template, { client });
      const source = new ReprojectedSource(inner, { grid });
      const asked = new Set<string>();
      const fetchTile = inner.fetchTile.bind(inner);
      inner.fetchTile = (tile, options) => {
        asked.add(`${tile.z}/${tile.x}/${tile.y}`);
        return fetchTile(tile, options);
      };
      const store = await openStore(path("out.gpkg"), { mode: "write", grid });
      const before = await server.countRequests();
      const plan = planTiles(grid, bboxCoverage([...bbox]), [zoom]);
      const report = await runSeed({ cache: new TileCache({ store, source }), plan, task: null });
      const requests = (await server.countRequests()) - before;
      const decodes = source.stats.decodes / requests;
      await store.close();
      await source.close();
      await client.close();
      row(
        `${name}: ${report.stored} tiles of ${requests} source tiles`,
        `${asked.size} different, decoded ${decodes.toFixed(2)} x`,
        "each once; decoded <= 1.3 x",
        asked.size === requests && decodes <= 1.3,
      );
    });
  }
  await server.close();
}

const only = process.argv[2];
const cases = { measureOnce, measureCancel, measureLost, measureMemory };
for (const [name, run] of Object.entries(cases))
  if (only === undefined || name.toLowerCase().includes(only)) await run();

// How fast are terrain analyses? node bench/terrain.ts [kernels|wall] [RUNS]
// `wall` wants gdaldem beside it (apt-get install gdal-bin) and the built command line (npm run build).
import { rmSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { row, TILTH, withFolder } from "./support/cases.ts";
import { DEM_SIDE, writeMadeDem } from "./support/made_dem.ts";
import { compare, measure, type Measured } from "./support/measure.ts";

const what = process.argv[2];
const runs = Number(process.argv[3] ?? 3);

/** Read, computed, written with the same compression and blocks. */
async function wall(path: (name: string) => string): Promise<void> {
  for (const [type, bar] of [
    ["float32", 1.5],
    ["int16", 1],
  ] as const) {
    const dem = path(`${type}.tif`);
    await writeMadeDem(dem, type);
    for (const analysis of ["slope", "hillshade"]) {
      const options = ["TILED=YES", "COMPRESS=DEFLATE", `PREDICTOR=${analysis === "slope" ? 3 : 2}`, "NUM_THREADS=2"];
      const words = options.flatMap((option) => ["-co", option]);
      const results = await compare(runs, {
        tilth: () => {
          rmSync(path("ours.tif"), { force: true });
          return measure(process.execPath, [TILTH, "terrain", analysis, dem, "--out", path("ours.tif"), "--quiet"]);
        },
        gdaldem: () => {
          rmSync(path("theirs.tif"), { force: true });
          return measure("gdaldem", [analysis, dem, path("theirs.tif"), "-q", ...words]);
        },
      });
      const [ours, theirs] = [results["tilth"] as Measured, results["gdaldem"] as Measured];
      const ratio = theirs.wallS / ours.wallS;
      const figures = `${ratio.toFixed(2)} x (${ours.wallS.toFixed(2)} s, ${theirs.wallS.toFixed(2)} s)`;
      row(`${analysis} of ${DEM_SIDE} x ${DEM_SIDE} ${type} against gdaldem`, figures, `>= ${bar} x`, ratio >= bar);
    }
  }
}

/** Megapixels a second of two threads at once. */
async function kernels(): Promise<void> {
  const source = `
    import { parentPort, workerData } from "node:worker_threads";
    import { FastKernels } from ${JSON.stringify(new URL("../src/terrain/index.ts", import.meta.url).href)};
    const fast = new FastKernels();
    const [width, height] = [4096, 256];
    const block = fast.makeBlock(width, height);
    for (let i = 0; i < block.heights.length; i++) block.heights[i] = 900 + 300 * Math.sin(i / 170);
    const run = { sizeOf: () => ({ width: 30, height: 30 }) };
    const once = { slope: () => fast.slope(block, { method: "horn", unit: "degrees" }, run),
      percent: () => fast.slope(block, { method: "horn", unit: "percent" }, run),
      hillshade: () => fast.hillshade(block, { method: "horn", mode: "single", azimuthDeg: 315, altitudeDeg: 45, zFactor: 1 }, run) }[workerData];
    for (let i = 0; i < 20; i++) once();
    const started = performance.now();
    let count = 0;
    while (performance.now() - started < 1500) { once(); count += 1; }
    parentPort.postMessage(count * width * height / (performance.now() - started) / 1000);`;
  for (const kernel of ["slope", "percent", "hillshade"]) {
    const threads = [1, 2].map(async () => {
      const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
      const worker = new Worker(url, { workerData: kernel });
      return new Promise<number>((resolve, reject) => worker.once("message", resolve).once("error", reject));
    });
    const rate = (await Promise.all(threads)).reduce((sum, one) => sum + one, 0);
    row(`${kernel}, two threads`, `${Math.round(rate)} megapixels/s`, ">= 1000", rate >= 1000);
  }
}

const cases = { kernels, wall };
for (const [name, run] of Object.entries(cases)) if (what === undefined || what === name) await withFolder(run);

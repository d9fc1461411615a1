// How fast are terrain analyses? node bench/terrain.ts [kernels|wall] [RUNS]
// `wall` wants gdaldem beside it (apt-get install gdal-bin) and the built command line (npm run build).
import { rmSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { getCrs, writeGeotiff, type RasterStrip } from "../src/index.ts";
import { row, TILTH, withFolder } from "./support/cases.ts";
import { compare, measure, type Measured } from "./support/measure.ts";

const SIDE = 4096;
const what = process.argv[2];
const runs = Number(process.argv[3] ?? 3);

/** Rolling ground with some noise, so that it compresses as a real DEM does. */
function heightAt(x: number, y: number): number {
  const noise = (Math.imul(x * 374_761_393 + y * 668_265_263, 1_274_126_177) >>> 24) / 255;
  return 900 + 300 * Math.sin(x / 170) * Math.cos(y / 230) + 60 * Math.sin((x + 2 * y) / 37) + noise;
}

async function writeDem(path: string, type: "float32" | "int16"): Promise<void> {
  const band = { type, description: "", nodata: -9999, scale: 1, offset: 0, unit: "", color: "gray" } as const;
  const info = {
    width: SIDE,
    height: SIDE,
    bands: [band],
    crs: getCrs("EPSG:32632"),
    affine: [30, 0, 5e5, 0, -30, 5e6] as const,
  };
  async function* strips(): AsyncGenerator<RasterStrip> {
    for (let y0 = 0; y0 < SIDE; y0 += 256) {
      const pixels = type === "int16" ? new Int16Array(SIDE * 256) : new Float32Array(SIDE * 256);
      for (let i = 0; i < pixels.length; i++) pixels[i] = heightAt(i % SIDE, y0 + Math.floor(i / SIDE));
      yield { height: 256, bands: [pixels] };
    }
  }
  await writeGeotiff(path, { info }, strips());
}

/** Read, computed, written with the same compression and blocks. */
async function wall(path: (name: string) => string): Promise<void> {
  for (const [type, bar] of [
    ["float32", 1.5],
    ["int16", 1],
  ] as const) {
    const dem = path(`${type}.tif`);
    await writeDem(dem, type);
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
      row(`${analysis} of ${SIDE} x ${SIDE} ${type} against gdaldem`, figures, `>= ${bar} x`, ratio >= bar);
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

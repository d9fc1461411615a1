/**
 * Writing rasters against GDAL, 2 threads each: `node bench/raster_write.ts`. A made-up 4096 x 4096 float32 relief to tiled GeoTIFF and COG (time, size, GDAL's validator, the
 * same pixels), and `--large SIDE` for the peak memory of a float32 COG of that side that is made on the fly. Needs gdal-bin and python3-gdal.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCrs } from "../src/crs/index.ts";
import {
  openRaster,
  writeGeotiff,
  type RasterStrip,
  type WriteGeotiffOptions,
  type WriteInfo,
} from "../src/raster/index.ts";
import { TILTH } from "./support/cases.ts";
import { openGdal, PYTHON } from "./support/gdal_rasters.ts";
import { measure } from "./support/measure.ts";
import { digestBands } from "./support/raster_digests.ts";

const folder = mkdtempSync(join(tmpdir(), "tilth-raster-write-"));

function makeInfo(side: number): WriteInfo {
  const band = {
    type: "float32",
    description: "",
    nodata: -9999,
    scale: 1,
    offset: 0,
    unit: "",
    color: "gray",
  } as const;
  return { width: side, height: side, bands: [band], crs: getCrs("EPSG:32632"), affine: [10, 0, 4e5, 0, -10, 5.2e6] };
}

/** Hills with centimetres of noise, as a survey has them. */
async function* makeStrips(side: number): AsyncGenerator<RasterStrip> {
  const spares: Float32Array<ArrayBuffer>[] = [];
  for (let y = 0; y < side; y += 256) {
    const height = Math.min(256, side - y);
    const pixels = (spares.pop() ?? new Float32Array(side * 256)).subarray(0, side * height);
    for (let row = 0, i = 0; row < height; row++)
      for (let x = 0; x < side; x++, i++)
        pixels[i] =
          Math.round(100 * (500 + 300 * Math.sin(x / 301) * Math.cos((y + row) / 257)) + ((i * 2654435761) >>> 29)) /
          100;
    yield { height, bands: [pixels], release: () => void spares.push(new Float32Array(pixels.buffer)) };
  }
}

async function timed(run: () => unknown): Promise<number> {
  const from = performance.now();
  await run();
  return (performance.now() - from) / 1000;
}

/** Ours, and what GDAL is told for the same. */
const CASES: readonly [name: string, options: WriteGeotiffOptions, args: string[]][] = [
  [
    "tiled, Deflate, predictor 3",
    {},
    ["-of", "GTiff", "-co", "TILED=YES", "-co", "COMPRESS=DEFLATE", "-co", "PREDICTOR=3"],
  ],
  [
    "COG, Deflate, predictor 1",
    { cog: true, predictor: 1 },
    ["-of", "COG", "-co", "COMPRESS=DEFLATE", "-co", "RESAMPLING=AVERAGE"],
  ],
  [
    "COG, Deflate, predictor 3",
    { cog: true, predictor: 3 },
    ["-of", "COG", "-co", "COMPRESS=DEFLATE", "-co", "PREDICTOR=YES", "-co", "RESAMPLING=AVERAGE"],
  ],
  [
    "COG, LZW, predictor 1",
    { cog: true, compression: "lzw", predictor: 1 },
    ["-of", "COG", "-co", "COMPRESS=LZW", "-co", "RESAMPLING=AVERAGE"],
  ],
  [
    "COG, ZSTD, predictor 3",
    { cog: true, compression: "zstd" },
    ["-of", "COG", "-co", "COMPRESS=ZSTD", "-co", "PREDICTOR=YES", "-co", "RESAMPLING=AVERAGE"],
  ],
];

async function compare(): Promise<void> {
  const source = join(folder, "source.tif");
  await writeGeotiff(
    source,
    { info: makeInfo(4096), options: { compression: "none", statistics: false } },
    makeStrips(4096),
  );
  const gdal = openGdal();
  for (const [name, options, args] of CASES) {
    const ours = join(folder, "ours.tif");
    const theirs = join(folder, "theirs.tif");
    const seconds: [number, number] = [Infinity, Infinity];
    for (let round = 0; round < 2; round++) {
      seconds[0] = Math.min(seconds[0], await timed(() => convert(source, ours, { ...options, statistics: false })));
      seconds[1] = Math.min(
        seconds[1],
        await timed(() => spawnSync("gdal_translate", ["-q", "-co", "NUM_THREADS=2", ...args, source, theirs])),
      );
    }
    const size = statSync(ours).size / statSync(theirs).size;
    const read = await gdal.read(ours, null, null);
    await using raster = await openRaster(source, { threads: 2 });
    const same = "error" in read ? read.error : read.digests[0] === (await digestBands(raster))[0];
    const valid = options.cog === true ? validate(ours) : "-";
    console.log(
      `${name.padEnd(30)} ${seconds[0].toFixed(2)} s, GDAL ${seconds[1].toFixed(2)} s (${(seconds[0] / seconds[1]).toFixed(2)} x); size ${size.toFixed(3)} x; same pixels ${same}; valid ${valid}`,
    );
  }
  gdal.close();
}

async function convert(from: string, to: string, options: WriteGeotiffOptions): Promise<void> {
  await using raster = await openRaster(from, { threads: 2 });
  await writeGeotiff(to, { info: raster.info, options: { ...options, threads: 2 } }, raster.listWindows());
}

function validate(path: string): string {
  const { stdout, status } = spawnSync(
    PYTHON,
    ["-m", "osgeo_utils.samples.validate_cloud_optimized_geotiff", "--full-check=yes", path],
    { encoding: "utf8" },
  );
  return status === 0 && /is a valid cloud optimized GeoTIFF/.test(stdout) ? "yes" : stdout;
}

async function large(side: number): Promise<void> {
  const path = join(folder, "large.tif");
  const seconds = await timed(() =>
    writeGeotiff(
      path,
      { info: makeInfo(side), options: { cog: true, compression: "zstd", level: 1, threads: 2 } },
      makeStrips(side),
    ),
  );
  const written = process.resourceUsage().maxRSS / 1024;
  await using raster = await openRaster(path, { threads: 2 });
  const reading = await timed(async () => {
    for await (const { bands, release } of raster.listWindows()) {
      if (bands.length === 0) throw new Error("no bands");
      release?.();
    }
  });
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(
    `${side} x ${side}: written in ${seconds.toFixed(0)} s with ${written.toFixed(0)} MB at most, read in ${reading.toFixed(0)} s with ${peak.toFixed(0)} MB`,
  );
  for (const words of [
    ["terrain", "slope", path, "--out", join(folder, "slope.tif"), "--compression", "zstd"],
    ["raster", "convert", path, "--out", join(folder, "copy.tif"), "--cog", "--compression", "zstd"],
    ["raster", "stats", path],
  ]) {
    const { wallS, peakRssMb, code } = await measure(process.execPath, [TILTH, ...words, "--quiet"]);
    console.log(
      `  tilth ${words.slice(0, 2).join(" ")}: ${wallS.toFixed(0)} s, ${peakRssMb.toFixed(0)} MB at most (exit ${code})`,
    );
  }
}

const [flag, side] = process.argv.slice(2);
try {
  await (flag === "--large" ? large(Number(side)) : compare());
} finally {
  rmSync(folder, { recursive: true, force: true });
}

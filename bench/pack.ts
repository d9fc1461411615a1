/**
 * Packing blocks by our own Deflate against libdeflate's level 6: `node bench/pack.ts RASTER...`. Blocks of 256 x 256 of the first band, behind the predictor of its type, by turns
 * in one process; the best of eight for each block, with the predictor's time in both (the machine is noisy: judge the ratios).
 */
import { zlib as packByLibdeflate } from "libdeflate";
import { openRaster, type Raster } from "../src/raster/index.ts";
import { cutBlock, predictBlock } from "../src/raster/geotiff/cut_block.ts";
import type { BlocksToEncode } from "../src/raster/geotiff/encode_job.ts";
import { packFast } from "../src/raster/geotiff/fast_pack.ts";
import { bytesPerPixel, isFloat, newPixels, type PixelArray } from "../src/raster/pixel_type.ts";

const SIDE = 256;
const ROUNDS = 8;
const MAX_BLOCKS = 64;
const SIX = { compression: "deflate", level: 6, quality: 85, count: false, framed: false, nodata: null } as const;

async function readJobs(raster: Raster): Promise<BlocksToEncode[]> {
  const { width, height, bands } = raster.info;
  const type = bands[0]?.type ?? "uint8";
  const jobs: BlocksToEncode[] = [];
  for (let y = 0; y + SIDE <= height; y += SIDE)
    for (let x = 0; x + SIDE <= width && jobs.length < MAX_BLOCKS; x += SIDE) {
      const window = await raster.readWindow({ x, y, width: SIDE, height: SIDE });
      const pixels = (window.bands[0] as PixelArray).slice();
      const predictor = isFloat(type) ? 3 : 2;
      jobs.push({ ...SIX, pixels, width: SIDE, height: SIDE, type, bands: 1, side: SIDE, predictor });
    }
  return jobs;
}

function packPlainly(job: BlocksToEncode): number {
  const pixels = cutBlock(job, 0, newPixels(job.type, SIDE * SIDE));
  const bytes = new Uint8Array(pixels.buffer, 0, pixels.byteLength);
  predictBlock(bytes, job);
  return packByLibdeflate(bytes, job.level).length;
}

interface Best {
  timeMs: number;
  sizeBytes: number;
}

function note(best: Best, run: () => number): void {
  const from = performance.now();
  best.sizeBytes = run();
  best.timeMs = Math.min(best.timeMs, performance.now() - from);
}

for (const path of process.argv.slice(2)) {
  await using raster = await openRaster(path);
  const jobs = await readJobs(raster);
  const total = { ours: 0, oursMs: 0, theirs: 0, theirsMs: 0 };
  for (const job of jobs) {
    const ours: Best = { timeMs: Infinity, sizeBytes: 0 };
    const theirs: Best = { timeMs: Infinity, sizeBytes: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      note(ours, () => packFast(job)?.bytes.length ?? Number.NaN);
      note(theirs, () => packPlainly(job));
    }
    total.ours += ours.sizeBytes;
    total.oursMs += ours.timeMs;
    total.theirs += theirs.sizeBytes;
    total.theirsMs += theirs.timeMs;
  }
  const megabytes = (jobs.length * SIDE * SIDE * bytesPerPixel(jobs[0]?.type ?? "uint8")) / 1e6;
  const speed = (timeMs: number): string => `${Math.round((megabytes * 1000) / timeMs)} MB/s`;
  const ratios = `${(total.theirsMs / total.oursMs).toFixed(2)} x as fast, ${(total.ours / total.theirs).toFixed(4)} x the size`;
  console.log(`${path}: ${speed(total.oursMs)} against ${speed(total.theirsMs)}: ${ratios}`);
}

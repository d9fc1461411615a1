import { TilthError } from "../core/index.ts";
import { BlockRaster } from "./block_raster.ts";
import { joinStatistics, NO_STATISTICS, statisticsOf, type PixelStatistics } from "./geotiff/block_statistics.ts";
import type { BandInfo, PixelRect, Raster, RasterWindow } from "./raster.ts";

/** Of what is data in one band: neither nodata nor NaN, nor hidden by a mask or opacity. */
export interface BandStatistics {
  readonly count: number;
  /** Pixels that are no data. */
  readonly missing: number;
  /** Null without data, as are the others. */
  readonly least: number | null;
  readonly most: number | null;
  readonly mean: number | null;
  /** Of the whole population, as GDAL gives it. */
  readonly deviation: number | null;
}

export interface StatisticsOptions {
  /** Indices from 0. @default all */
  bands?: readonly number[];
  /** Pixels that were read, of all. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Statistics of every pixel, in one pass. @throws as `Raster.listWindows` */
export async function computeStatistics(raster: Raster, options: StatisticsOptions = {}): Promise<BandStatistics[]> {
  const bands = options.bands ?? raster.info.bands.map((_, i) => i);
  const { width, height } = raster.info;
  const total = width * height;
  let done = 0;
  const onBlock = (pixels: number): void => options.onProgress?.((done = Math.min(total, done + pixels)), total);
  const counted = raster instanceof BlockRaster ? await raster.countPixels(bands, onBlock, options.signal) : null;
  return (counted ?? (await countWindows(raster, bands, options))).map((one) => describe(one, total));
}

/** The same out of windows: of what is computed, or hidden by a mask. */
async function countWindows(
  raster: Raster,
  bands: readonly number[],
  options: StatisticsOptions,
): Promise<PixelStatistics[]> {
  const joined = bands.map(() => NO_STATISTICS);
  for await (const window of listData(raster, { ...options, bands }))
    bands.forEach((band, i) => {
      const pixels = window.bands[i] as RasterWindow["bands"][number];
      joined[i] = joinStatistics(
        joined[i] ?? NO_STATISTICS,
        statisticsOf(hide(pixels, window.validity[i]), window.width, window, nodataOf(raster, band)),
      );
    });
  return joined;
}

function describe({ count, least, most, mean, spread }: PixelStatistics, total: number): BandStatistics {
  if (count === 0) return { count, missing: total, least: null, most: null, mean: null, deviation: null };
  return { count, missing: total - count, least, most, mean, deviation: Math.sqrt(spread / count) };
}

export interface HistogramOptions extends StatisticsOptions {
  /** Of equal width between `least` and `most`; the last one takes `most` itself. 1 to 65,536. */
  buckets: number;
  least: number;
  most: number;
}

export interface BandHistogram {
  readonly counts: readonly number[];
  readonly below: number;
  readonly above: number;
}

/** How many pixels lie in each bucket. @throws `argument.invalid`, and as `Raster.listWindows` */
export async function computeHistogram(raster: Raster, options: HistogramOptions): Promise<BandHistogram[]> {
  const { buckets, least, most } = options;
  if (
    !Number.isInteger(buckets) ||
    buckets < 1 ||
    buckets > 65_536 ||
    !(least <= most) ||
    !Number.isFinite(most - least)
  )
    throw new TilthError(
      "argument.invalid",
      `expected 1 to 65,536 buckets from a least to a greatest value, got ${buckets} from ${least} to ${most}`,
    );
  const bands = options.bands ?? raster.info.bands.map((_, i) => i);
  // Two more: below and above.
  const counts = bands.map(() => new Float64Array(buckets + 2));
  const scale = most === least ? 0 : buckets / (most - least);
  for await (const window of listData(raster, { ...options, bands }))
    bands.forEach((band, i) => {
      const nodata = nodataOf(raster, band);
      const marked = nodata !== null && raster.info.bands[band]?.type === "float32" ? Math.fround(nodata) : nodata;
      const into = counts[i] as Float64Array;
      for (const value of hide(window.bands[i] as RasterWindow["bands"][number], window.validity[i])) {
        if (value === marked || value !== value) continue;
        const bucket =
          value < least
            ? buckets
            : value > most
              ? buckets + 1
              : Math.min(buckets - 1, Math.floor((value - least) * scale));
        into[bucket] = (into[bucket] as number) + 1;
      }
    });
  return counts.map((all) => ({
    counts: [...all.subarray(0, buckets)],
    below: all[buckets] ?? 0,
    above: all[buckets + 1] ?? 0,
  }));
}

const nodataOf = (raster: Raster, band: number): number | null => (raster.info.bands[band] as BandInfo).nodata;

async function* listData(
  raster: Raster,
  { bands, onProgress, signal }: StatisticsOptions,
): AsyncGenerator<RasterWindow> {
  const { width, height, mask, block } = raster.info;
  // Strips of whole blocks, and few of them under way: what was read is the memory of what is read next.
  const rows = Math.min(height, block.height * Math.max(1, Math.floor(STRIP_PIXELS / (width * block.height))));
  let done = 0;
  for await (const window of raster.listWindows({
    bands,
    rows,
    aheadBytes: AHEAD_BYTES,
    validity: mask === "mask" || mask === "alpha",
    signal,
  })) {
    yield window;
    window.release?.();
    done += pixelsOf(window);
    onProgress?.(done, width * height);
  }
}

const STRIP_PIXELS = 1024 * 1024;
const AHEAD_BYTES = 16 * 1024 * 1024;

const pixelsOf = ({ width, height }: PixelRect): number => width * height;

/** Where a mask hides pixels, the others alone and NaN in their place. */
function hide(
  pixels: RasterWindow["bands"][number],
  valid: Uint8Array | null | undefined,
): RasterWindow["bands"][number] {
  if (valid === null || valid === undefined) return pixels;
  return Float64Array.from(pixels, (value, i) => (valid[i] === 0 ? Number.NaN : value));
}

import { workerModuleUrl, workerTask } from "../../concurrency/index.ts";
import { TilthError } from "../../core/index.ts";
import { ComputedRaster, type ComputeRequest } from "../computed_raster.ts";
import { RasterThreads } from "../raster_threads.ts";
import { isFloat, type PixelArray } from "../pixel_type.ts";
import type { BandInfo, Raster, RasterInfo } from "../raster.ts";
import type { FilledRows, fillRows } from "./fill_worker.ts";

export interface FillOptions {
  /** Pixels from a hole's pixel to what fills it, 1 to 1,000. @default 100 */
  readonly maxDistance?: number;
  /** Times that filled pixels are smoothed, 0 to 100. @default 0 */
  readonly smoothing?: number;
  /** @default one for each core */
  readonly threads?: number;
}

const task = workerTask<typeof fillRows>({
  module: workerModuleUrl("./fill_worker", import.meta.url),
  name: "fillRows",
});

/**
 * A raster with its holes filled out of what is around them (`fillHoles`). What is data stays as it is. Of a window whole rows are read, with
 * `maxDistance + smoothing` of them above and below. The source stays the caller's.
 * @throws `argument.invalid` for options out of their range and for a raster that cannot have holes
 */
export function fillNodata(source: Raster, options: FillOptions = {}): Raster {
  const { maxDistance = 100, smoothing = 0, threads } = options;
  requireWithin("a distance", maxDistance, 1, 1_000);
  requireWithin("a smoothing", smoothing, 0, 100);
  const { info } = source;
  if (info.mask === "none" && !info.bands.some(({ type }) => isFloat(type)))
    throw new TilthError(
      "argument.invalid",
      "expected a raster with nodata or a mask, got one without: it has no holes",
    );
  const border = maxDistance + smoothing;
  const pool = new RasterThreads(threads);
  const compute = async ({ rect, bands, signal }: ComputeRequest) => {
    const top = Math.max(0, rect.y - border);
    const bottom = Math.min(info.height, rect.y + rect.height + border);
    const rows = { x: 0, y: top, width: info.width, height: bottom - top };
    const read = await source.readWindow(rows, { bands, validity: true, signal });
    const fill = async (band: number, i: number): Promise<FilledRows> => {
      const { type, nodata } = info.bands[band] as BandInfo;
      const job = {
        pixels: read.bands[i] as PixelArray,
        valid: read.validity[i] ?? null,
        width: info.width,
        from: rect.y - top,
        to: rect.y - top + rect.height,
        type,
        nodata: nodata ?? (isFloat(type) ? Number.NaN : 0),
        maxDistance,
        smoothing,
      };
      const filled = await pool.run(task, [job], { signal, transfer: [job.pixels.buffer] });
      return rect.width === info.width ? filled : cutFilled(filled, info.width, rect.x, rect.width);
    };
    const filled = await Promise.all(bands.map(fill));
    return { bands: filled.map(({ pixels }) => pixels), validity: filled.map(({ valid }) => valid) };
  };
  return new ComputedRaster({ info: filledInfo(info, border), compute, close: () => pool.close() });
}

/** Strips are higher than their borders: else most of what is read is read again. */
function filledInfo(info: RasterInfo, border: number): RasterInfo {
  const block = { width: info.width, height: Math.min(info.height, Math.max(256, 2 * border)) };
  return { ...info, block, overviews: [], compression: "none" };
}

function cutFilled({ pixels, valid }: FilledRows, stride: number, x: number, width: number): FilledRows {
  return {
    pixels: cutColumns(pixels, stride, x, width),
    valid: valid === null ? null : (cutColumns(valid, stride, x, width) as Uint8Array<ArrayBuffer>),
  };
}

function cutColumns(pixels: PixelArray, stride: number, x: number, width: number): PixelArray {
  const out = pixels.slice(0, (pixels.length / stride) * width) as PixelArray;
  for (let row = 0; row * stride < pixels.length; row++)
    out.set(pixels.subarray(row * stride + x, row * stride + x + width), row * width);
  return out;
}

function requireWithin(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new TilthError("argument.invalid", `expected ${name} of ${least} to ${most} pixels, got ${value}`);
}

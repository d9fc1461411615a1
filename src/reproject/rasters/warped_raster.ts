import { workerModuleUrl, workerTask } from "../../concurrency/index.ts";
import {
  ComputedRaster,
  newPixels,
  type BandInfo,
  type ComputeRequest,
  RasterThreads,
  type PixelArray,
  type PixelRect,
  type Raster,
  type RasterInfo,
} from "../../raster/index.ts";
import { transformBetween } from "../raster_place.ts";
import { reachOf, type Resampling } from "../resampling.ts";
import { outputBands } from "./output_bands.ts";
import { partTransform } from "./affine_transform.ts";
import { chooseLevel } from "./choose_level.ts";
import { readAround } from "./read_around.ts";
import type { warpPart, WarpedBand } from "./warp_part_worker.ts";
import { planParts, type PartPlan, type WarpPart } from "./warp_part.ts";
import { requirePlace, type WarpTarget } from "./warp_target.ts";

export interface WarpedRasterOptions {
  /** @default "bilinear", for palettes "nearest" */
  readonly resampling?: Resampling;
  /** Of pixels without an image. @default the source's; NaN for fractions, 0 for whole numbers of a source that has none */
  readonly nodata?: number;
  /** Source pixels by which a position may be off. @default 0.0125 */
  readonly maxErrorPixels?: number;
  /** @default one for each core */
  readonly threads?: number;
}

const task = workerTask<typeof warpPart>({
  module: workerModuleUrl("./warp_part_worker", import.meta.url),
  name: "warpPart",
});

/** Pixels on a side of what a thread warps at once, in a fixed lattice of the target: a pixel is the same whichever window it is read in. */
const PART = 256;

/**
 * A raster as it lies in another grid of pixels. Nothing is read before a window of it is. A target much coarser than the source reads an overview, but for
 * `nearest`. The source stays the caller's.
 * @throws `raster.unsupported` for a source without place or CRS, `crs.unsupported`, `argument.invalid`
 */
export function warpedRaster(source: Raster, target: WarpTarget, options: WarpedRasterOptions = {}): Raster {
  const { maxErrorPixels = 0.0125 } = options;
  const resampling = options.resampling ?? (source.info.palette === null ? "bilinear" : "nearest");
  const info = warpedInfo(source.info, target, options.nodata);
  const place = requirePlace(source.info);
  const between = transformBetween(target.crs, place.crs);
  const level = chooseLevel(source.info, target, place, between, resampling);
  const plan: PartPlan = {
    source: level,
    scale: level.scale,
    reach: [reachOf(resampling, level.scale[0]), reachOf(resampling, level.scale[1])],
    maxErrorPixels,
    transformAt: (at) => partTransform(target, at, place, between, level.factor),
  };
  const pool = new RasterThreads(options.threads);
  const warpOne = async (part: WarpPart, request: ComputeRequest): Promise<readonly WarpedBand[]> => {
    const { rect, window, blocks } = part;
    if (window === null) return [];
    const read = await readAround(source, level, window, request);
    const bands = request.bands.map((band, i) => ({
      pixels: read.bands[i] as PixelArray,
      valid: read.validity[i] ?? null,
      type: (info.bands[band] as BandInfo).type,
      nodata: fillOf(info.bands[band] as BandInfo),
    }));
    const { width, height } = rect;
    const job = { blocks, window, bands, width, height, resampling, scale: level.scale };
    return pool.run(task, [job], { signal: request.signal, transfer: bands.map(({ pixels }) => pixels.buffer) });
  };
  const compute = async (request: ComputeRequest) => {
    const bands = request.bands.map((band) => emptyBand(info, band, request.rect));
    const validity = request.bands.map(() => new Uint8Array(request.rect.width * request.rect.height));
    const under = new Set<Promise<void>>();
    let failed: unknown = null;
    for (const cell of listCells(request.rect, target))
      for (const part of planParts(cell, plan)) {
        // Windows of the source are held until they are warped: no more of them than keep the threads busy.
        if (under.size > pool.count) await Promise.race(under);
        if (failed !== null) break;
        const work = warpOne(part, request).then(
          (warped) =>
            warped.forEach(({ pixels, valid }, i) => {
              paste(pixels, part.rect, bands[i] as PixelArray, request.rect);
              const known = valid ?? new Uint8Array(pixels.length).fill(1);
              paste(known, part.rect, validity[i] as PixelArray, request.rect);
            }),
          (error: unknown) => void (failed ??= error),
        );
        under.add(work);
        void work.finally(() => under.delete(work));
      }
    await Promise.all(under);
    if (failed !== null) throw failed as Error;
    return { bands, validity };
  };
  return new ComputedRaster({ info, compute, close: () => pool.close() });
}

function warpedInfo(info: RasterInfo, target: WarpTarget, nodata: number | undefined): RasterInfo {
  return {
    ...info,
    ...target,
    ...outputBands(info, nodata),
    crsNote: target.crs.code,
    placeNote: "",
    pixelIs: "area",
    block: { width: target.width, height: Math.min(PART, target.height) },
    overviews: [],
    compression: "none",
  };
}

/** Cells of the target's lattice that lie in `rect`, cut to the image. */
function* listCells({ x, y, width, height }: PixelRect, target: WarpTarget): Generator<PixelRect> {
  for (let top = Math.floor(y / PART) * PART; top < y + height; top += PART)
    for (let left = Math.floor(x / PART) * PART; left < x + width; left += PART)
      yield {
        x: left,
        y: top,
        width: Math.min(PART, target.width - left),
        height: Math.min(PART, target.height - top),
      };
}

function emptyBand(info: RasterInfo, band: number, { width, height }: PixelRect): PixelArray {
  const of = info.bands[band] as BandInfo;
  const fill = fillOf(of);
  const pixels = newPixels(of.type, width * height);
  return fill === 0 ? pixels : pixels.fill(fill);
}

const fillOf = ({ nodata }: BandInfo): number => nodata ?? 0;

function paste(from: PixelArray, part: PixelRect, into: PixelArray, rect: PixelRect): void {
  const left = Math.max(part.x, rect.x);
  const right = Math.min(part.x + part.width, rect.x + rect.width);
  const bottom = Math.min(part.y + part.height, rect.y + rect.height);
  if (left >= right) return;
  for (let y = Math.max(part.y, rect.y); y < bottom; y++) {
    const first = (y - part.y) * part.width - part.x;
    into.set(from.subarray(first + left, first + right), (y - rect.y) * rect.width + left - rect.x);
  }
}

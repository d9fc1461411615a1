import { buildControlMesh, DEFAULT_MAX_ERROR_PIXELS, type ControlBlock } from "./control_mesh.ts";
import { listFootprint } from "./footprint.ts";
import { sampleBlock, type Band } from "./kernels/sample_band.ts";
import { createPixelTransform, type RasterPlace } from "./raster_place.ts";
import type { Resampling } from "./resampling.ts";

export interface WarpRasterOptions {
  /** Bands of one image, all of one size; NaN is no data. */
  bands: readonly Band[];
  source: RasterPlace;
  destination: RasterPlace;
  /** Destination pixels. */
  width: number;
  height: number;
  /** @default "bilinear" */
  resampling?: Resampling;
  /** Source pixels by which a position may be off; heights on slopes want it small. @default 0.0125 */
  maxErrorPixels?: number;
}

/**
 * Warps a whole image in memory, band by band, on the calling thread. When the destination is coarser, filters are widened for the whole
 * image alike, by destination pixels over the source pixels that it covers: as gdalwarp where the image covers the whole source, within 3 % of it elsewhere.
 * @throws `crs.unsupported`, `argument.invalid`
 */
export function warpRaster(options: WarpRasterOptions): Band[] {
  const { bands, source, destination, width, height, resampling = "bilinear" } = options;
  const transform = createPixelTransform(destination, source);
  const blocks = buildControlMesh(transform, width, height, options.maxErrorPixels ?? DEFAULT_MAX_ERROR_PIXELS / 10);
  return bands.map((band) => {
    const out = { width, height, data: new Float64Array(width * height).fill(Number.NaN) };
    const scale = wholeScale(band, blocks, width, height);
    for (const block of blocks) sampleBlock(band, block, out, resampling, 0, 0, scale);
    return out;
  });
}

/** Destination pixels for one source pixel over the part of the source that is covered. */
function wholeScale(band: Band, blocks: readonly ControlBlock[], width: number, height: number): [number, number] {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const block of blocks) {
    for (const [left, top, right, bottom] of listFootprint(block, 0)) {
      [minX, minY] = [Math.min(minX, left), Math.min(minY, top)];
      [maxX, maxY] = [Math.max(maxX, right), Math.max(maxY, bottom)];
    }
  }
  const across = Math.min(band.width, Math.ceil(maxX)) - Math.max(0, Math.floor(minX));
  const down = Math.min(band.height, Math.ceil(maxY)) - Math.max(0, Math.floor(minY));
  return [across > 0 ? width / across : 1, down > 0 ? height / down : 1];
}

import type { BlockCache } from "./block_cache.ts";
import type { BlockImage } from "./block_image.ts";
import { canHold, newPixels, type PixelArray, type PixelType } from "./pixel_type.ts";
import type { BandInfo, PixelRect, RasterInfo } from "./raster.ts";
import { readBands } from "./window_reader.ts";

export interface MaskedImage {
  readonly image: BlockImage;
  readonly mask: BlockImage | null;
  readonly cache: BlockCache;
  readonly maskCache: BlockCache;
}

/** For each band, which pixels of the window are data (1) or none (0); null where all are. */
export async function findValidity(
  info: RasterInfo,
  source: MaskedImage,
  rect: PixelRect,
  bands: readonly number[],
  pixels: readonly PixelArray[],
  signal: AbortSignal | undefined,
): Promise<(Uint8Array | null)[]> {
  if (info.mask === "nodata")
    return bands.map((band, i) =>
      validByNodata(pixels[i] as PixelArray, (info.bands[band] as BandInfo).nodata, source.image.type),
    );
  const of = await readMask(info, source, rect, signal);
  const valid = of === null ? null : validWhereNotZero(of);
  return bands.map(() => valid);
}

async function readMask(
  info: RasterInfo,
  { image, mask, cache, maskCache }: MaskedImage,
  rect: PixelRect,
  signal: AbortSignal | undefined,
): Promise<PixelArray | null> {
  if (info.mask === "alpha") {
    const alpha = info.bands.findIndex(({ color }) => color === "alpha");
    return (await readBands(image, cache, rect, [alpha], signal))[0] ?? null;
  }
  return mask === null ? null : ((await readBands(mask, maskCache, rect, [0], signal))[0] ?? null);
}

function validWhereNotZero(mask: PixelArray): Uint8Array | null {
  const valid = new Uint8Array(mask.length);
  let isAll = true;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] !== 0) valid[i] = 1;
    else isAll = false;
  }
  return isAll ? null : valid;
}

/** 1 where a pixel is data; null where all are. NaN in bands of fractions is no data too where another value is named. */
export function validByNodata(pixels: PixelArray, nodata: number | null, type: PixelType): Uint8Array | null {
  if (nodata === null || !canHold(type, nodata)) return null;
  const marked = newPixels(type, 1).fill(nodata)[0] as number;
  const valid = new Uint8Array(pixels.length);
  let count = 0;
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i] as number;
    if (value !== marked && value === value) {
      valid[i] = 1;
      count++;
    }
  }
  return count === pixels.length ? null : valid;
}

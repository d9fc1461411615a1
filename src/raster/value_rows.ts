import { canHold, type PixelArray } from "./pixel_type.ts";
import type { RasterInfo } from "./raster.ts";

/** How pixels of a band become values. */
export interface ValueRule {
  readonly scale: number;
  readonly offset: number;
  /** The pixel that is no data; NaN where none is. */
  readonly marked: number;
}

/** @param band index from 0 */
export function valueRule({ bands, mask }: RasterInfo, band: number): ValueRule {
  const { scale = 1, offset = 0, nodata = null, type = "float32" } = bands[band] ?? {};
  const isMarked = mask === "nodata" && nodata !== null && canHold(type, nodata);
  return { scale, offset, marked: !isMarked ? Number.NaN : type === "float32" ? Math.fround(nodata) : nodata };
}

/** Puts pixels as values at a place: scaled, in single precision, NaN where there is no data. */
export function putValues(
  pixels: PixelArray<ArrayBufferLike>,
  { scale, offset, marked }: ValueRule,
  into: Float32Array,
  at: number,
): void {
  if (scale !== 1 || offset !== 0)
    for (let i = 0; i < pixels.length; i++) into[at + i] = (pixels[i] as number) * scale + offset;
  else into.set(pixels, at);
  if (Number.isNaN(marked)) return;
  for (let i = 0; i < pixels.length; i++) if (pixels[i] === marked) into[at + i] = Number.NaN;
}

/** Memory that threads share, for the values of a window: `rect`'s first pixel stands at index `at`, its rows lie `stride` apart. */
export interface ValueTarget {
  readonly values: Float32Array<SharedArrayBuffer>;
  readonly at: number;
  readonly stride: number;
}

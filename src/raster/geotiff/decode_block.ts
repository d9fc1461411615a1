import { bytesPerPixel, type PixelArray } from "../pixel_type.ts";
import { damaged, truncated, unsupported } from "../raster_errors.ts";
import { unpackDeflate, unpackZstd } from "./codecs/inflate.ts";
import { unpackJpeg } from "./codecs/jpeg.ts";
import { unpackLerc } from "./codecs/lerc.ts";
import { unpackLzw } from "./codecs/lzw.ts";
import { unpackBytes } from "./codecs/packbits.ts";
import { unpackWebp } from "./codecs/webp.ts";
import { bandsPerBlock, maxUnpackedBytes, rowBytes, type ImageLayout } from "./image_layout.ts";
import { decodeFast } from "./fast_block.ts";
import { isFastBlock, runPredictor } from "./fast_predictor.ts";
import { undoDifferences, undoFloatPredictor } from "./predictor.ts";
import { alignedPixels, reverseBits, separateBands, swapBytes, widenBits } from "./samples.ts";
import { COMPRESSION } from "./tiff_tags.ts";

/**
 * Pixels of one block, `blockWidth * rows` of each of its bands, one band behind the other.
 * @param packed may be changed
 * @param rows of the block; of a strip at the lower edge, those that are left
 * @throws `raster.damaged`, `raster.truncated`, `raster.unsupported`
 */
export function decodeBlock(packed: Uint8Array, layout: ImageLayout, rows: number): Promise<PixelArray> {
  return useBlock(packed, layout, rows, (pixels, isLent) => (isLent ? pixels.slice() : pixels));
}

/** The same for pixels that nobody keeps: when they are lent they are there only while `use` runs. */
export async function useBlock<Result>(
  packed: Uint8Array,
  layout: ImageLayout,
  rows: number,
  use: (pixels: PixelArray, isLent: boolean) => Result,
): Promise<Result> {
  const lent = decodeFast(packed, layout, rows);
  return lent === null ? use(await decodePlainly(packed, layout, rows), false) : use(lent, true);
}

async function decodePlainly(packed: Uint8Array, layout: ImageLayout, rows: number): Promise<PixelArray> {
  const bands = bandsPerBlock(layout);
  const count = layout.blockWidth * rows * bands;
  const bytes = await unpack(packed, layout, rows);
  const valueBytes = bytesPerPixel(layout.type);
  const whole = layout.bits < 8 ? widenBits(bytes, layout.bits, layout.blockWidth * bands, rows) : bytes;
  const pixels = alignedPixels(layout.type, whole.subarray(0, count * valueBytes), valueBytes);
  if (isPlain(layout)) restoreNumbers(pixels, layout);
  return separateBands(pixels, layout.type, bands);
}

/** Codecs that give bytes; the others give pixels in this machine's order. */
const isPlain = ({ compression }: ImageLayout): boolean =>
  compression !== COMPRESSION.jpeg && compression !== COMPRESSION.webp && compression !== COMPRESSION.lerc;

async function unpack(packed: Uint8Array, layout: ImageLayout, rows: number): Promise<Uint8Array> {
  if (!isPlain(layout)) return unpackPixels(packed, layout, rows);
  const needed = rowBytes(layout) * rows;
  const bytes = unpackPlain(layout.isBitReversed ? reverseBits(packed) : packed, layout, needed);
  if (bytes.length >= needed) return bytes;
  const what = `a block has ${bytes.length} bytes of pixels, not ${needed}`;
  throw layout.compression === COMPRESSION.none ? truncated(what) : damaged(what);
}

function unpackPixels(packed: Uint8Array, layout: ImageLayout, rows: number): Promise<Uint8Array> {
  if (layout.compression === COMPRESSION.jpeg) return unpackJpeg(packed, layout, rows);
  return layout.compression === COMPRESSION.webp ? unpackWebp(packed, layout, rows) : unpackLerc(packed, layout, rows);
}

function unpackPlain(packed: Uint8Array, layout: ImageLayout, needed: number): Uint8Array {
  const maxBytes = maxUnpackedBytes(layout, needed);
  switch (layout.compression) {
    case COMPRESSION.none:
      return packed;
    case COMPRESSION.lzw:
      return unpackLzw(packed, needed);
    case COMPRESSION.packBits:
      return unpackBytes(packed, needed);
    case COMPRESSION.deflate:
    case COMPRESSION.deflateOld:
      return unpackDeflate(packed, maxBytes);
    case COMPRESSION.zstd:
      return unpackZstd(packed, maxBytes);
    default:
      throw unsupported(`compression ${layout.compression}`);
  }
}

function restoreNumbers(pixels: PixelArray, layout: ImageLayout): void {
  const bands = bandsPerBlock(layout);
  const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const rowValues = layout.blockWidth * bands;
  const valueBytes = pixels.BYTES_PER_ELEMENT;
  const isFast = isFastBlock(bytes, valueBytes);
  if (layout.predictor === 3) {
    // Its bytes have an order of their own in files of both kinds.
    if (isFast && valueBytes === 4) runPredictor("undoFloats", { bytes, valueBytes, rowValues, bands });
    else undoFloatPredictor(bytes, valueBytes, rowValues, bands);
    return;
  }
  if (!layout.littleEndian) swapBytes(bytes, valueBytes);
  if (layout.predictor !== 2) return;
  if (isFast) runPredictor("undoDifferences", { bytes, valueBytes, rowValues, bands });
  else undoDifferences(bytes, layout.bits, rowValues, bands);
}

import { bytesPerPixel, newPixels, viewPixels, type PixelArray } from "../pixel_type.ts";
import { makeDifferences, makeFloatDifferences } from "./apply_predictor.ts";
import type { BlocksToEncode } from "./encode_job.ts";
import { isFastBlock, runPredictor } from "./fast_predictor.ts";

/**
 * Pixels of one block, of all bands. Beyond the edge the last column and row are repeated: they pack best, and ring least in JPEG.
 * @param left its first column in those of the job
 * @param out pixels of one block, which are filled
 */
export function cutBlock(job: BlocksToEncode, left: number, out: PixelArray): PixelArray {
  if (job.bands === 1) return cutBands(job, left, out);
  interleave(cutBands(job, left, newPixels(job.type, out.length)), job.bands, out);
  return out;
}

/** One band behind the other. */
function cutBands({ pixels, width, height, bands, side }: BlocksToEncode, left: number, out: PixelArray): PixelArray {
  const columns = Math.min(side, width - left);
  for (let band = 0; band < bands; band++)
    for (let y = 0; y < side; y++) {
      const to = (band * side + y) * side;
      if (y >= height) {
        out.copyWithin(to, to - side, to);
        continue;
      }
      const from = (band * height + y) * width + left;
      out.set(pixels.subarray(from, from + columns), to);
      if (columns < side) out.fill(pixels[from + columns - 1] as number, to + columns, to + side);
    }
  return out;
}

function interleave(pixels: PixelArray, bands: number, out: PixelArray): void {
  const count = pixels.length / bands;
  for (let band = 0; band < bands; band++)
    for (let i = 0, from = band * count, to = band; i < count; i++, to += bands) out[to] = pixels[from + i] as number;
}

/** Runs the predictor of the job over one block, in place. */
export function predictBlock(bytes: Uint8Array<ArrayBuffer>, { predictor, type, side, bands }: BlocksToEncode): void {
  const valueBytes = bytesPerPixel(type);
  const rows = { bytes, valueBytes, rowValues: side * bands, bands };
  const isFast = isFastBlock(bytes, valueBytes);
  if (predictor === 3) {
    if (isFast && valueBytes === 4) runPredictor("makeFloats", rows);
    else makeFloatDifferences(bytes, valueBytes, rows.rowValues, bands);
  } else if (predictor === 2) {
    if (isFast) runPredictor("makeDifferences", rows);
    else makeDifferences(wordsOf(bytes, valueBytes), rows.rowValues, bands);
  }
}

function wordsOf(bytes: Uint8Array<ArrayBuffer>, valueBytes: number): Uint8Array | Uint16Array | Uint32Array {
  const type = valueBytes === 1 ? "uint8" : valueBytes === 2 ? "uint16" : "uint32";
  return viewPixels(type, bytes.buffer, bytes.byteOffset, bytes.length / valueBytes) as
    | Uint8Array
    | Uint16Array
    | Uint32Array;
}

import { constants, zstdCompressSync } from "node:zlib";
import { zlib as deflate } from "libdeflate";
import { transferred, workerModuleUrl, workerTask, type Transferred } from "../../concurrency/index.ts";
import { loadSharp } from "../pixels.ts";
import { bytesPerPixel, newPixels, viewPixels, type PixelArray, type PixelType } from "../pixel_type.ts";
import { makeDifferences, makeFloatDifferences } from "./apply_predictor.ts";
import { statisticsOf, type PixelStatistics } from "./block_statistics.ts";
import { packLzw } from "./codecs/pack_lzw.ts";
import { isFastBlock, openPredictorMemory, runPredictor } from "./fast_predictor.ts";

export type WriteCompression = "none" | "lzw" | "deflate" | "zstd" | "jpeg" | "webp";

/** Blocks of one row beside each other, to be packed. */
export interface BlocksToEncode {
  /** `width * height` pixels of the image for each band, one band behind the other. */
  readonly pixels: PixelArray;
  readonly width: number;
  /** At most `side`. */
  readonly height: number;
  readonly type: PixelType;
  readonly bands: number;
  /** Pixels on a side of a block. */
  readonly side: number;
  readonly compression: WriteCompression;
  /** 1 none, 2 horizontal differences, 3 that of fractions. */
  readonly predictor: number;
  /** Of Deflate (1..12) and ZSTD (1..22). */
  readonly level: number;
  /** Of JPEG and WebP: 1..100. */
  readonly quality: number;
  /** Whether statistics are wanted. */
  readonly count: boolean;
  readonly nodata: number | null;
}

export interface EncodedBlocks {
  /** One block behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of each block. */
  readonly sizes: readonly number[];
  /** Of each band; empty unless asked for. */
  readonly statistics: readonly PixelStatistics[];
  /** The buffer of the pixels that came, for the next blocks: their values are gone. */
  readonly spare: ArrayBuffer;
}

export async function encodeBlocks(job: BlocksToEncode): Promise<EncodedBlocks> {
  const { pixels, width, height, bands, count, nodata } = job;
  const each = width * height;
  const statistics = Array.from({ length: count ? bands : 0 }, (_, band) =>
    statisticsOf(pixels.subarray(band * each, (band + 1) * each), width, { width, height }, nodata),
  );
  const packed: Uint8Array<ArrayBuffer>[] = [];
  for (let left = 0; left < width; left += job.side)
    packed.push(await encodeOne(cutBlock(job, left, placeFor(job)), job));
  const sizes = packed.map(({ length }) => length);
  return { bytes: joinBytes(packed), sizes, statistics, spare: pixels.buffer };
}

/** Pixels of a block to be filled: where its predictor runs, if they stay there until they are packed. New memory costs half a millisecond a block. */
function placeFor({ type, bands, side, compression, predictor }: BlocksToEncode): PixelArray {
  const count = side * side * bands;
  const length = count * bytesPerPixel(type);
  const isImage = compression === "jpeg" || compression === "webp";
  if (bands > 1 || isImage || predictor === 1 || !isFastBlock({ length }, bytesPerPixel(type)))
    return newPixels(type, count);
  return viewPixels(type, openPredictorMemory(length, side * bytesPerPixel(type)), 0, count);
}

/** Pixels of one block. Beyond the edge the last column and row are repeated: they pack best, and ring least in JPEG. */
function cutBlock({ pixels, width, height, bands, side }: BlocksToEncode, left: number, out: PixelArray): PixelArray {
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

async function encodeOne(pixels: PixelArray, job: BlocksToEncode): Promise<Uint8Array<ArrayBuffer>> {
  const mixed = interleave(pixels, job.type, job.bands);
  const bytes = new Uint8Array(mixed.buffer, mixed.byteOffset, mixed.byteLength);
  if (job.compression === "jpeg" || job.compression === "webp") return packImage(bytes, job);
  predict(bytes, job);
  return pack(bytes, job);
}

function joinBytes(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function predict(bytes: Uint8Array<ArrayBuffer>, { predictor, type, side, bands }: BlocksToEncode): void {
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

function interleave(pixels: PixelArray, type: PixelType, bands: number): PixelArray {
  if (bands === 1) return pixels;
  const out = newPixels(type, pixels.length);
  const count = pixels.length / bands;
  for (let band = 0; band < bands; band++)
    for (let i = 0, from = band * count, to = band; i < count; i++, to += bands) out[to] = pixels[from + i] as number;
  return out;
}

function wordsOf(bytes: Uint8Array<ArrayBuffer>, valueBytes: number): Uint8Array | Uint16Array | Uint32Array {
  const type = valueBytes === 1 ? "uint8" : valueBytes === 2 ? "uint16" : "uint32";
  return viewPixels(type, bytes.buffer, bytes.byteOffset, bytes.length / valueBytes) as
    | Uint8Array
    | Uint16Array
    | Uint32Array;
}

function pack(bytes: Uint8Array<ArrayBuffer>, { compression, level }: BlocksToEncode): Uint8Array<ArrayBuffer> {
  if (compression === "deflate") return deflate(bytes, level) as Uint8Array<ArrayBuffer>;
  if (compression === "zstd")
    return own(
      zstdCompressSync(bytes, {
        params: { [constants.ZSTD_c_compressionLevel]: level },
        chunkSize: Math.max(1024, bytes.length),
      }),
    );
  return compression === "lzw" ? packLzw(bytes) : own(bytes);
}

async function packImage(
  bytes: Uint8Array,
  { compression, side, bands, quality }: BlocksToEncode,
): Promise<Uint8Array<ArrayBuffer>> {
  const sharp = await loadSharp();
  const image = sharp(bytes, { raw: { width: side, height: side, channels: bands as 1 | 3 | 4 } });
  if (compression === "jpeg") return own(await image.jpeg({ quality, chromaSubsampling: "4:2:0" }).toBuffer());
  return own(await image.webp(quality >= 100 ? { lossless: true, exact: true } : { quality }).toBuffer());
}

/** zlib gives parts of larger buffers, which cannot be handed over. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes);
}

/** On a thread. */
export async function encodeOnThread(job: BlocksToEncode): Promise<Transferred<EncodedBlocks>> {
  const encoded = await encodeBlocks(job);
  return transferred(encoded, [encoded.bytes.buffer, encoded.spare]);
}

export const encodeTask = workerTask<typeof encodeOnThread>({
  module: workerModuleUrl("./encode_block", import.meta.url),
  name: "encodeOnThread",
  transfer: ({ pixels }) => [pixels.buffer],
});

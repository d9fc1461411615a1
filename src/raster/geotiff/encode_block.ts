import { constants, zstdCompressSync } from "node:zlib";
import { zlib as deflate } from "libdeflate";
import { transferred, workerModuleUrl, workerTask, type Transferred } from "../../concurrency/index.ts";
import { loadSharp } from "../pixels.ts";
import { bytesPerPixel, newPixels, viewPixels, type PixelArray, type PixelType } from "../pixel_type.ts";
import { makeDifferences, makeFloatDifferences } from "./apply_predictor.ts";
import { statisticsOf, type PixelStatistics } from "./block_statistics.ts";
import { packLzw } from "./codecs/pack_lzw.ts";
import { isFastBlock, runPredictor } from "./fast_predictor.ts";

export type WriteCompression = "none" | "lzw" | "deflate" | "zstd" | "jpeg" | "webp";

/** One block to be packed. */
export interface BlockToEncode {
  /** Of `side * side` pixels for each band, one band behind the other. */
  readonly pixels: PixelArray;
  readonly type: PixelType;
  readonly bands: number;
  readonly side: number;
  readonly compression: WriteCompression;
  /** 1 none, 2 horizontal differences, 3 that of fractions. */
  readonly predictor: number;
  /** Of Deflate (1..12) and ZSTD (1..22). */
  readonly level: number;
  /** Of JPEG and WebP: 1..100. */
  readonly quality: number;
  /** Pixels of the image in the block, of which statistics are wanted; null: none are. */
  readonly count: { readonly width: number; readonly height: number; readonly nodata: number | null } | null;
}

export interface EncodedBlock {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of each band; empty unless asked for. */
  readonly statistics: readonly PixelStatistics[];
  /** The buffer of the pixels that came, for the next block: their values are gone. */
  readonly spare: ArrayBuffer;
}

export async function encodeBlock(block: BlockToEncode): Promise<EncodedBlock> {
  const { pixels, bands, side, type, count } = block;
  const each = side * side;
  const statistics =
    count === null
      ? []
      : Array.from({ length: bands }, (_, b) =>
          statisticsOf(pixels.subarray(b * each, (b + 1) * each), side, count, count.nodata),
        );
  const mixed = interleave(pixels, type, bands);
  const bytes = new Uint8Array(mixed.buffer, mixed.byteOffset, mixed.byteLength);
  if (block.compression === "jpeg" || block.compression === "webp")
    return { bytes: await packImage(bytes, block), statistics, spare: pixels.buffer };
  predict(bytes, block);
  return { bytes: pack(bytes, block), statistics, spare: pixels.buffer };
}

function predict(bytes: Uint8Array<ArrayBuffer>, { predictor, type, side, bands }: BlockToEncode): void {
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

function pack(bytes: Uint8Array<ArrayBuffer>, { compression, level }: BlockToEncode): Uint8Array<ArrayBuffer> {
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
  { compression, side, bands, quality }: BlockToEncode,
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
export async function encodeOnThread(block: BlockToEncode): Promise<Transferred<EncodedBlock>> {
  const encoded = await encodeBlock(block);
  return transferred(encoded, [encoded.bytes.buffer, encoded.spare]);
}

export const encodeTask = workerTask<typeof encodeOnThread>({
  module: workerModuleUrl("./encode_block", import.meta.url),
  name: "encodeOnThread",
  transfer: ({ pixels }) => [pixels.buffer],
});

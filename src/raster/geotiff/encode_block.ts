import { constants, zstdCompressSync } from "node:zlib";
import { zlib as deflate } from "libdeflate";
import { transferred, workerModuleUrl, workerTask, type Transferred } from "../../concurrency/index.ts";
import { loadSharp } from "../pixels.ts";
import { bytesPerPixel, newPixels, viewPixels, type PixelArray } from "../pixel_type.ts";
import { statisticsOf } from "./block_statistics.ts";
import { packLzw } from "./codecs/pack_lzw.ts";
import { cutBlock, predictBlock } from "./cut_block.ts";
import type { BlocksToEncode, EncodedBlocks } from "./encode_job.ts";
import { frameBlock } from "./frame_block.ts";
import { packFast } from "./fast_pack.ts";
import { isFastBlock, openPredictorMemory } from "./fast_predictor.ts";

export async function encodeBlocks(job: BlocksToEncode): Promise<EncodedBlocks> {
  const { pixels, width, height, bands, count, nodata } = job;
  const each = width * height;
  const statistics = Array.from({ length: count ? bands : 0 }, (_, band) =>
    statisticsOf(pixels.subarray(band * each, (band + 1) * each), width, { width, height }, nodata),
  );
  const { bytes, sizes } = packFast(job) ?? (await encodeEach(job));
  return { bytes, sizes, statistics, spare: pixels.buffer };
}

async function encodeEach(job: BlocksToEncode): Promise<Pick<EncodedBlocks, "bytes" | "sizes">> {
  const packed: Uint8Array<ArrayBuffer>[] = [];
  for (let left = 0; left < job.width; left += job.side) packed.push(await encodeOne(job, left));
  const parts = job.framed ? packed.flatMap(frameBlock) : packed;
  return { bytes: joinBytes(parts), sizes: packed.map(({ length }) => length) };
}

async function encodeOne(job: BlocksToEncode, left: number): Promise<Uint8Array<ArrayBuffer>> {
  const pixels = cutBlock(job, left, placeFor(job));
  const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  if (job.compression === "jpeg" || job.compression === "webp") return packImage(bytes, job);
  predictBlock(bytes, job);
  return pack(bytes, job);
}

/** Pixels of a block to be filled: where its predictor runs, if they stay there until they are packed. New memory costs half a millisecond a block. */
function placeFor({ type, bands, side, compression, predictor }: BlocksToEncode): PixelArray {
  const count = side * side * bands;
  const length = count * bytesPerPixel(type);
  const isImage = compression === "jpeg" || compression === "webp";
  if (isImage || predictor === 1 || !isFastBlock({ length }, bytesPerPixel(type))) return newPixels(type, count);
  return viewPixels(type, openPredictorMemory(length, side * bands * bytesPerPixel(type)), 0, count);
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

/** node:zlib and sharp give parts of larger buffers, which cannot be handed over. */
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

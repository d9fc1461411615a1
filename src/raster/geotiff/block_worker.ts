import { transferred, workerModuleUrl, workerTask, type Transferred } from "../../concurrency/index.ts";
import { newPixels, type PixelArray } from "../pixel_type.ts";
import type { PixelRect } from "../raster.ts";
import { putValues, type ValueRule } from "../value_rows.ts";
import { statisticsOf, type PixelStatistics } from "./block_statistics.ts";
import { decodeBlock, useBlock } from "./decode_block.ts";
import { findFastValues } from "./fast_values.ts";
import { bandsPerBlock, type ImageLayout } from "./image_layout.ts";

/** Blocks that lie close together in the file. */
export interface PackedBlocks {
  readonly layout: ImageLayout;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Each block within `bytes`, and how many rows it has. */
  readonly blocks: readonly { readonly from: number; readonly sizeBytes: number; readonly rows: number }[];
}

/** Blocks whose pixels are wanted. */
export interface BlocksToDecode extends PackedBlocks {
  /** Of each block, in the order in which they come. @default all */
  readonly only: readonly number[] | undefined;
}

/** Bands of each block, one behind the other, in the order of the blocks. */
export async function decodeBlocks({ layout, bytes, blocks, only }: BlocksToDecode): Promise<PixelArray[]> {
  const decoded: PixelArray[] = [];
  for (const { from, sizeBytes, rows } of blocks) {
    const packed = bytes.subarray(from, from + sizeBytes);
    if (only === undefined) decoded.push(await decodeBlock(packed, layout, rows));
    else decoded.push(await useBlock(packed, layout, rows, (pixels) => copyBands(pixels, layout, only)));
  }
  return decoded;
}

/** Of 4 bands of which 2 are wanted, the others never leave the thread. */
function copyBands(pixels: PixelArray, layout: ImageLayout, only: readonly number[]): PixelArray {
  const each = pixels.length / bandsPerBlock(layout);
  const copy = newPixels(layout.type, each * only.length);
  only.forEach((band, i) => copy.set(pixels.subarray(band * each, (band + 1) * each), i * each));
  return copy;
}

/** The same on a thread: buffers are handed over, so that each is one block's alone. */
export async function decodeOnThread(packed: BlocksToDecode): Promise<Transferred<PixelArray[]>> {
  const decoded = (await decodeBlocks(packed)).map((pixels) => (ownsBuffer(pixels) ? pixels : pixels.slice()));
  return transferred(
    decoded,
    decoded.map(({ buffer }) => buffer),
  );
}

/** A block without compression is a view of what was read; zlib and the image codecs give parts of larger buffers. */
function ownsBuffer({ buffer, byteLength }: PixelArray): boolean {
  return buffer.byteLength === byteLength;
}

/** Blocks of which only statistics are wanted. */
export interface CountedBlocks extends PackedBlocks {
  /** Pixels of the image in each block. */
  readonly sizes: readonly { readonly width: number; readonly height: number }[];
  /** For each band of a block. */
  readonly nodata: readonly (number | null)[];
}

/** On a thread: of each block, of each of its bands. The pixels never leave the thread. */
export async function countOnThread({ sizes, nodata, ...packed }: CountedBlocks): Promise<PixelStatistics[][]> {
  const { layout, bytes, blocks } = packed;
  const counted: PixelStatistics[][] = [];
  for (const [i, { from, sizeBytes, rows }] of blocks.entries()) {
    const size = sizes[i] as { width: number; height: number };
    const count = (pixels: PixelArray): PixelStatistics[] => {
      const each = pixels.length / nodata.length;
      return nodata.map((value, band) =>
        statisticsOf(pixels.subarray(band * each, (band + 1) * each), layout.blockWidth, size, value),
      );
    };
    counted.push(await useBlock(bytes.subarray(from, from + sizeBytes), layout, rows, count));
  }
  return counted;
}

/** Blocks whose values go straight to where they are wanted. */
export interface BlocksToPlace extends PackedBlocks {
  /** Of a block, the band that is wanted. */
  readonly band: number;
  readonly rule: ValueRule;
  readonly target: Float32Array<SharedArrayBuffer>;
  readonly stride: number;
  /** Of each block: the part that is wanted, and the index of its first pixel in the target. */
  readonly parts: readonly (PixelRect & { readonly at: number })[];
}

/** On a thread. Nothing but the target's memory is handed back. */
export async function placeOnThread({ band, rule, target, stride, parts, ...packed }: BlocksToPlace): Promise<void> {
  const { layout, bytes, blocks } = packed;
  for (const [i, { from, sizeBytes, rows }] of blocks.entries()) {
    const { x, y, width, height, at } = parts[i] as BlocksToPlace["parts"][number];
    const place = (pixels: PixelArray): void => {
      const each = rows * layout.blockWidth;
      const wanted = pixels.subarray(band * each, (band + 1) * each);
      const values = findFastValues(wanted, rule);
      for (let row = 0; row < height; row++) {
        const first = (y + row) * layout.blockWidth + x;
        if (values !== null) target.set(values.subarray(first, first + width), at + row * stride);
        else putValues(wanted.subarray(first, first + width), rule, target, at + row * stride);
      }
    };
    await useBlock(bytes.subarray(from, from + sizeBytes), layout, rows, place);
  }
}

export const placeTask = workerTask<typeof placeOnThread>({
  module: workerModuleUrl("./block_worker", import.meta.url),
  name: "placeOnThread",
  transfer: ({ bytes }) => [bytes.buffer],
});

export const countTask = workerTask<typeof countOnThread>({
  module: workerModuleUrl("./block_worker", import.meta.url),
  name: "countOnThread",
  transfer: ({ bytes }) => [bytes.buffer],
});

export const decodeTask = workerTask<typeof decodeOnThread>({
  module: workerModuleUrl("./block_worker", import.meta.url),
  name: "decodeOnThread",
  transfer: ({ bytes }) => [bytes.buffer],
});

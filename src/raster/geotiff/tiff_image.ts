import { inOrder } from "../../concurrency/index.ts";
import { releaseMemory, type ByteSource } from "../../core/index.ts";
import type { BlockImage, BlockKey, DecodedBlock, PlaceValues } from "../block_image.ts";
import { newPixels, type PixelArray } from "../pixel_type.ts";
import type { BlockSize, PixelRect } from "../raster.ts";
import { putValues, type ValueRule, type ValueTarget } from "../value_rows.ts";
import { listKeys } from "../window_reader.ts";
import type { BlockDecoder } from "./block_decoder.ts";
import { statisticsOf, type PixelStatistics } from "./block_statistics.ts";
import type { PackedBlocks } from "./block_worker.ts";
import type { BlockPlaces } from "./block_index.ts";
import { groupBlocks, type BlockGroup, type PlacedBlock } from "./block_groups.ts";
import { bandsPerBlock, isReadInParts, rowBytes, type ImageLayout } from "./image_layout.ts";
import { placeBlock } from "./place_block.ts";

/** Bytes of a strip without compression that are read as one block. */
const PART_BYTES = 1024 * 1024;
/** One image of a TIFF: its blocks, read in groups that lie together and decoded a few groups ahead. */
export class TiffImage implements BlockImage {
  readonly layout: ImageLayout;
  readonly block: BlockSize;
  readonly fill: number;
  readonly #source: ByteSource;
  readonly #index: BlockPlaces;
  readonly #decoder: BlockDecoder;

  constructor(parts: {
    layout: ImageLayout;
    fill: number;
    source: ByteSource;
    index: BlockPlaces;
    decoder: BlockDecoder;
  }) {
    const { layout } = parts;
    this.layout = layout;
    this.fill = parts.fill;
    this.block = { width: layout.blockWidth, height: isReadInParts(layout) ? partRows(layout) : layout.blockHeight };
    this.#source = parts.source;
    this.#index = parts.index;
    this.#decoder = parts.decoder;
  }

  get width(): number {
    return this.layout.width;
  }

  get height(): number {
    return this.layout.height;
  }

  get type(): ImageLayout["type"] {
    return this.layout.type;
  }

  get bandCount(): number {
    return this.layout.samples;
  }

  get isPlanar(): boolean {
    return this.layout.isPlanar;
  }

  async *readBlocks(
    keys: readonly BlockKey[],
    signal: AbortSignal | undefined,
    only?: readonly number[],
  ): AsyncGenerator<DecodedBlock, void, undefined> {
    const { stored, absent } = await this.#placeBlocks(keys, signal);
    for (const key of absent) yield { key, stride: this.block.width, bands: null, sizeBytes: 64 };
    const isPart = only !== undefined && only.length < bandsPerBlock(this.layout);
    const some = isPart ? only : undefined;
    const read = (group: BlockGroup): Promise<DecodedBlock[]> => this.#readGroup(group, some, signal);
    for await (const blocks of inOrder(groupBlocks(stored), this.#decoder.width + 1, read, signal)) yield* blocks;
  }

  async *countBlocks(
    keys: readonly BlockKey[],
    nodata: readonly (number | null)[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<{ key: BlockKey; bands: readonly PixelStatistics[] }, void, undefined> {
    const { stored, absent } = await this.#placeBlocks(keys, signal);
    for (const key of absent)
      yield { key, bands: this.#nodataOf(key, nodata).map((value) => this.#countFill(key, value)) };
    const count = (group: BlockGroup) => this.#countGroup(group, nodata, signal);
    for await (const blocks of inOrder(groupBlocks(stored), this.#decoder.width + 1, count, signal)) yield* blocks;
  }

  /** Where blocks lie in the file, and which are not stored. */
  async #placeBlocks(keys: Iterable<BlockKey>, signal: AbortSignal | undefined) {
    const stored: PlacedBlock[] = [];
    const absent: BlockKey[] = [];
    for (const key of keys) {
      const placed = await placeBlock(key, this.layout, this.block.height, this.#index, this.#source.sizeBytes, signal);
      if (placed === null) absent.push(key);
      else stored.push(placed);
    }
    return { stored, absent };
  }

  async placeValues({ rect, band, rule, target }: PlaceValues, signal: AbortSignal | undefined): Promise<void> {
    const { stored, absent } = await this.#placeBlocks(listKeys(this, rect, [band]), signal);
    for (const key of absent) this.#placeFill(this.#cut(key, rect, target), rule, target);
    const place = async (group: BlockGroup): Promise<void> => {
      const packed = await this.#readPacked(group, signal);
      const parts = group.blocks.map(({ key }) => this.#cut(key, rect, target));
      const to = { target: target.values, stride: target.stride, parts };
      await this.#decoder.place({ ...packed, ...to, band: this.isPlanar ? 0 : band, rule }, signal);
    };
    for await (const _ of inOrder(groupBlocks(stored), this.#decoder.width + 1, place, signal));
  }

  /** The part of a block that lies in the window, in pixels of the block, and where it goes. */
  #cut({ column, row }: BlockKey, rect: PixelRect, { at, stride }: ValueTarget): PixelRect & { at: number } {
    const left = Math.max(column * this.block.width, rect.x);
    const top = Math.max(row * this.block.height, rect.y);
    const right = Math.min((column + 1) * this.block.width, rect.x + rect.width);
    const bottom = Math.min((row + 1) * this.block.height, rect.y + rect.height);
    return {
      x: left - column * this.block.width,
      y: top - row * this.block.height,
      width: right - left,
      height: bottom - top,
      at: at + (top - rect.y) * stride + left - rect.x,
    };
  }

  #placeFill({ at, width, height }: PixelRect & { at: number }, rule: ValueRule, { values, stride }: ValueTarget) {
    const row = newPixels(this.type, width).fill(this.fill);
    for (let y = 0; y < height; y++) putValues(row, rule, values, at + y * stride);
  }

  async #countGroup(group: BlockGroup, nodata: readonly (number | null)[], signal: AbortSignal | undefined) {
    const [first] = group.blocks as [PlacedBlock];
    const packed = await this.#readPacked(group, signal);
    const sizes = group.blocks.map(({ key }) => this.#sizeOf(key));
    const counted = { ...packed, sizes, nodata: this.#nodataOf(first.key, nodata) };
    const statistics = await this.#decoder.count(counted, signal);
    return statistics.map((bands, i) => ({ key: (group.blocks[i] as PlacedBlock).key, bands }));
  }

  /** Of the bands that a block has; in planar images all blocks of a group are of one band, or it holds the same for each. */
  #nodataOf({ plane }: BlockKey, nodata: readonly (number | null)[]): readonly (number | null)[] {
    return this.isPlanar ? [nodata[plane] ?? null] : nodata;
  }

  /** Pixels of the image in a block. */
  #sizeOf({ column, row }: BlockKey): { width: number; height: number } {
    const { width, height } = this.block;
    return {
      width: Math.min(width, this.width - column * width),
      height: Math.min(height, this.height - row * height),
    };
  }

  #countFill(key: BlockKey, nodata: number | null): PixelStatistics {
    const { width, height } = this.#sizeOf(key);
    const one = statisticsOf(newPixels(this.type, 1).fill(this.fill), 1, { width: 1, height: 1 }, nodata);
    return one.count === 0 ? one : { ...one, count: width * height };
  }

  async #readPacked(group: BlockGroup, signal: AbortSignal | undefined): Promise<PackedBlocks> {
    const bytes = await this.#source.read(group.offset, group.sizeBytes, { signal });
    const blocks = group.blocks.map(({ offset, sizeBytes, rows }) => ({
      from: offset - group.offset,
      sizeBytes,
      rows,
    }));
    return { layout: this.layout, bytes, blocks };
  }

  async #readGroup(group: BlockGroup, only: readonly number[] | undefined, signal: AbortSignal | undefined) {
    const packed = await this.#readPacked(group, signal);
    const decoded = await this.#decoder.decode({ ...packed, only }, group.pixelBytes, signal);
    return decoded.map((pixels, i) => this.#describe((group.blocks[i] as PlacedBlock).key, pixels, only));
  }

  #describe(key: BlockKey, pixels: PixelArray, only: readonly number[] | undefined): DecodedBlock {
    const bands: PixelArray[] = [];
    const held = only ?? Array.from({ length: bandsPerBlock(this.layout) }, (_, i) => i);
    const each = pixels.length / held.length;
    held.forEach((band, i) => (bands[band] = pixels.subarray(i * each, (i + 1) * each)));
    const block = { key, stride: this.layout.blockWidth, bands, only, sizeBytes: pixels.byteLength };
    const { buffer } = pixels;
    // A part of a larger buffer may have neighbours in it.
    return buffer.byteLength === pixels.byteLength ? { ...block, release: () => releaseMemory([buffer]) } : block;
  }
}

/** Rows that are read at once: as many as fill a part, and go without rest into a strip unless there is only one. */
function partRows(layout: ImageLayout): number {
  const most = Math.max(1, Math.floor(PART_BYTES / rowBytes(layout)));
  if (layout.blockHeight <= most) return layout.blockHeight;
  if (layout.blockHeight === layout.height) return most;
  let rows = most;
  while (layout.blockHeight % rows !== 0) rows--;
  return rows;
}

/** The value of pixels that are not stored: nodata where the type can hold it. */
export function fillOf(type: ImageLayout["type"], nodata: number | null): number {
  const [value = 0] = nodata === null ? [0] : newPixels(type, 1).fill(nodata);
  return value;
}

import { inOrder } from "../../concurrency/index.ts";
import type { ByteSource } from "../../core/index.ts";
import { freeBuffer, type BlockImage, type BlockKey, type DecodedBlock } from "../block_image.ts";
import { newPixels, type PixelArray } from "../pixel_type.ts";
import type { BlockSize } from "../raster.ts";
import type { BlockDecoder } from "./block_decoder.ts";
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
  ): AsyncGenerator<DecodedBlock, void, undefined> {
    const stored: PlacedBlock[] = [];
    for (const key of keys) {
      const placed = await placeBlock(key, this.layout, this.block.height, this.#index, this.#source.sizeBytes, signal);
      if (placed === null) yield { key, stride: this.block.width, bands: null, sizeBytes: 64 };
      else stored.push(placed);
    }
    const read = (group: BlockGroup): Promise<DecodedBlock[]> => this.#readGroup(group, signal);
    for await (const blocks of inOrder(groupBlocks(stored), this.#decoder.width + 1, read, signal)) yield* blocks;
  }

  async #readGroup(group: BlockGroup, signal: AbortSignal | undefined): Promise<DecodedBlock[]> {
    const bytes = await this.#source.read(group.offset, group.sizeBytes, { signal });
    const blocks = group.blocks.map(({ offset, sizeBytes, rows }) => ({
      from: offset - group.offset,
      sizeBytes,
      rows,
    }));
    const decoded = await this.#decoder.decode({ layout: this.layout, bytes, blocks }, group.pixelBytes, signal);
    return decoded.map((pixels, i) => this.#describe((group.blocks[i] as PlacedBlock).key, pixels));
  }

  #describe(key: BlockKey, pixels: PixelArray): DecodedBlock {
    const bands = bandsPerBlock(this.layout);
    const count = pixels.length / bands;
    const each = Array.from({ length: bands }, (_, i) => pixels.subarray(i * count, (i + 1) * count));
    const block = { key, stride: this.layout.blockWidth, bands: each, sizeBytes: pixels.byteLength };
    const { buffer } = pixels;
    // A part of a larger buffer may have neighbours in it.
    return buffer.byteLength === pixels.byteLength ? { ...block, release: () => freeBuffer(buffer) } : block;
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

import { throwIfAborted, type ByteSource } from "../../core/index.ts";
import type { BlockImage, BlockKey, DecodedBlock } from "../block_image.ts";
import { newPixels, type PixelType } from "../pixel_type.ts";
import { damaged } from "../raster_errors.ts";
import type { BlockSize } from "../raster.ts";
import type { GridHeader } from "./grid_header.ts";
import { ValueReader } from "./value_reader.ts";

const BLOCK_PIXELS = 65_536;

/** The values of a grid, some rows at once. Where each of these begins is known when those before it were read or passed over once. */
export class GridImage implements BlockImage {
  readonly width: number;
  readonly height: number;
  readonly type: PixelType;
  readonly block: BlockSize;
  readonly bandCount = 1;
  readonly isPlanar = false;
  readonly fill = 0;
  readonly #source: ByteSource;
  /** Byte of the first value of each row of blocks, as far as they are known. */
  readonly #starts: number[];
  #line: Promise<unknown> = Promise.resolve();

  constructor(source: ByteSource, header: GridHeader, type: PixelType) {
    this.width = header.width;
    this.height = header.height;
    this.type = type;
    this.block = {
      width: header.width,
      height: Math.min(header.height, Math.max(1, Math.floor(BLOCK_PIXELS / header.width))),
    };
    this.#source = source;
    this.#starts = [header.sizeBytes];
  }

  async *readBlocks(
    keys: readonly BlockKey[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<DecodedBlock, void, undefined> {
    for (const key of keys) {
      // One at a time: each finds where the next one begins.
      const reading = this.#line.then(() => this.#readBlock(key, signal));
      this.#line = reading.catch(() => undefined);
      yield await reading;
    }
  }

  async #readBlock(key: BlockKey, signal: AbortSignal | undefined): Promise<DecodedBlock> {
    throwIfAborted(signal);
    for (let row = this.#starts.length - 1; row < key.row; row++) {
      const reader = new ValueReader(this.#source, this.#starts[row] as number, signal);
      await reader.skip(this.width * this.#rows(row));
      this.#starts.push(reader.offset);
    }
    const reader = new ValueReader(this.#source, this.#starts[key.row] as number, signal);
    const pixels = newPixels(this.type, this.width * this.#rows(key.row));
    await this.#readPixels(reader, pixels);
    if (this.#starts.length === key.row + 1) this.#starts.push(reader.offset);
    return { key, stride: this.width, bands: [pixels], sizeBytes: pixels.byteLength };
  }

  async #readPixels(reader: ValueReader, pixels: ReturnType<typeof newPixels>): Promise<void> {
    if (this.type !== "int32") return reader.read(pixels);
    const values = new Float64Array(pixels.length);
    await reader.read(values);
    pixels.set(values);
    const wrong = values.findIndex((value, i) => value !== pixels[i]);
    if (wrong >= 0) throw damaged(`the grid holds ${values[wrong]} among integers of 32 bits`);
  }

  #rows(blockRow: number): number {
    return Math.min(this.block.height, this.height - blockRow * this.block.height);
  }
}

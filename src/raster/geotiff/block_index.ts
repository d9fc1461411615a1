import { damaged } from "../raster_errors.ts";
import { numberAt } from "./field_values.ts";
import type { TiffEntry, TiffFile } from "./read_directories.ts";
import { FIELD_BYTES } from "./tiff_tags.ts";

export interface BlockRange {
  /** 0 for a block that is not in the file. */
  readonly offset: number;
  readonly sizeBytes: number;
}

/** Where blocks lie, by their number: row by row, of planar images band by band. */
export interface BlockPlaces {
  range(block: number, signal?: AbortSignal): Promise<BlockRange>;
}

/** The places that an image's own fields give. */
export class BlockIndex implements BlockPlaces {
  readonly #file: TiffFile;
  readonly #offsets: TiffEntry;
  readonly #sizes: TiffEntry | null;
  readonly #rawBytes: number;

  /**
   * @param sizes null for files of old that leave them out: every block then has `rawBytes`
   * @throws `raster.damaged` when there are fewer values than blocks
   */
  constructor(file: TiffFile, offsets: TiffEntry, sizes: TiffEntry | null, blockCount: number, rawBytes: number) {
    for (const entry of sizes === null ? [offsets] : [offsets, sizes]) {
      if (entry.count < blockCount)
        throw damaged(`the image has ${blockCount} blocks, field ${entry.tag} places ${entry.count}`);
    }
    this.#file = file;
    this.#offsets = offsets;
    this.#sizes = sizes;
    this.#rawBytes = rawBytes;
  }

  async range(block: number, signal?: AbortSignal): Promise<BlockRange> {
    const offset = await this.#value(this.#offsets, block, signal);
    const sizeBytes = this.#sizes === null ? this.#rawBytes : await this.#value(this.#sizes, block, signal);
    return offset === 0 || sizeBytes === 0 ? { offset: 0, sizeBytes: 0 } : { offset, sizeBytes };
  }

  async #value(entry: TiffEntry, index: number, signal: AbortSignal | undefined): Promise<number> {
    const valueBytes = FIELD_BYTES[entry.type] as number;
    // Of 4,000,000 blocks (a picture of 500,000 x 500,000) these are 64 MB, of which a window needs few: pages keep what lies together.
    const view = await this.#file.bytes.read(
      entry.offset + index * valueBytes,
      valueBytes,
      "the place of a block",
      signal,
    );
    return numberAt(view, entry.type, 0, this.#file.littleEndian);
  }
}

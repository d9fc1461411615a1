import { bytesPerPixel, newPixels, viewPixels, type PixelArray } from "../pixel_type.ts";
import type { BlockPacker } from "./block_packer.ts";
import { joinStatistics, NO_STATISTICS, type PixelStatistics } from "./block_statistics.ts";
import type { EncodedBlocks } from "./encode_job.ts";
import { halve } from "./halve.ts";
import type { Spool } from "./spool.ts";
import type { LevelSize, WritePlan } from "./write_options.ts";

/** Pixels that go to a thread at once: a message costs 50 to 100 µs on both sides, which is what packing a block of bytes takes. */
const TASK_BYTES = 2 * 1024 * 1024;

/** One level: takes rows from the top, packs a row of blocks when it is full, and hands its half to the next level. Holds one row of blocks. */
export class LevelWriter {
  readonly size: LevelSize;
  readonly spool: Spool;
  readonly statistics: PixelStatistics[];
  readonly #plan: WritePlan;
  readonly #packer: BlockPacker;
  readonly #next: LevelWriter | null;
  readonly #isFirst: boolean;
  readonly #rows: PixelArray[];
  /** Buffers of blocks that were packed: as many as are under way, instead of a new one for each block. */
  readonly #spares: ArrayBuffer[] = [];
  #filled = 0;
  #done = 0;

  constructor(parts: {
    size: LevelSize;
    spool: Spool;
    plan: WritePlan;
    packer: BlockPacker;
    bands: number;
    next: LevelWriter | null;
    isFirst: boolean;
  }) {
    const { size, plan, bands } = parts;
    this.size = size;
    this.spool = parts.spool;
    this.statistics = Array.from({ length: bands }, () => NO_STATISTICS);
    this.#plan = plan;
    this.#packer = parts.packer;
    this.#next = parts.next;
    this.#isFirst = parts.isFirst;
    this.#rows = Array.from({ length: bands }, () =>
      newPixels(plan.type, size.width * Math.min(plan.blockSize, size.height)),
    );
  }

  /** Rows that are still missing. */
  get missing(): number {
    return this.size.height - this.#done - this.#filled;
  }

  /** @param height rows of each band in `bands`, no more than are missing */
  async push(bands: readonly PixelArray<ArrayBufferLike>[], height: number): Promise<void> {
    const { width } = this.size;
    for (let from = 0; from < height;) {
      const room = Math.min(this.#plan.blockSize, this.size.height - this.#done) - this.#filled;
      const count = Math.min(room, height - from);
      const parts = bands.map((pixels) => pixels.subarray(from * width, (from + count) * width));
      from += count;
      // A whole row of blocks needs no copy of its own.
      if (this.#filled === 0 && count === room) {
        await this.#packRow(parts, count);
        continue;
      }
      parts.forEach((part, band) => (this.#rows[band] as PixelArray).set(part, this.#filled * width));
      this.#filled += count;
      if (count < room) continue;
      await this.#packRow(this.#rows, this.#filled);
      this.#filled = 0;
    }
  }

  async #packRow(rows: readonly PixelArray<ArrayBufferLike>[], height: number): Promise<void> {
    const { compression, predictor, level, quality, type, blockSize: side, nodata, statistics, cog } = this.#plan;
    const rowBytes = side * height * bytesPerPixel(type) * rows.length;
    const step = side * Math.max(1, Math.floor(TASK_BYTES / rowBytes));
    for (let left = 0; left < this.size.width; left += step) {
      const width = Math.min(step, this.size.width - left);
      const pixels = this.#cut(rows, left, width, height);
      const how = { type, bands: rows.length, side, compression, predictor, level, quality, nodata, framed: cog };
      const blocks = { ...how, pixels, width, height, count: this.#isFirst && statistics };
      await this.#packer.add(blocks, (encoded) => this.#take(encoded));
    }
    if (this.#next !== null) await this.#handDown(this.#next, rows, height);
    this.#done += height;
  }

  async #take({ bytes, sizes, statistics, spare }: EncodedBlocks): Promise<void> {
    statistics.forEach(
      (of, band) => (this.statistics[band] = joinStatistics(this.statistics[band] as PixelStatistics, of)),
    );
    this.#spares.push(spare);
    await this.spool.add(bytes, sizes);
  }

  async #handDown(next: LevelWriter, rows: readonly PixelArray<ArrayBufferLike>[], height: number): Promise<void> {
    const { type, nodata, resampling } = this.#plan;
    const size = { width: this.size.width, height };
    const halves = rows.map((pixels) => halve(pixels, size, type, nodata, resampling));
    await next.push(halves, Math.ceil(height / 2));
  }

  /** Pixels of blocks beside each other in a buffer of their own. */
  #cut(bands: readonly PixelArray<ArrayBufferLike>[], left: number, width: number, height: number): PixelArray {
    const { type } = this.#plan;
    const count = width * height * bands.length;
    const spare = this.#spares.pop();
    const isLarge = spare !== undefined && spare.byteLength >= count * bytesPerPixel(type);
    const out = isLarge ? viewPixels(type, spare, 0, count) : newPixels(type, count);
    bands.forEach((rows, band) => {
      for (let y = 0; y < height; y++) {
        const from = y * this.size.width + left;
        out.set(rows.subarray(from, from + width), (band * height + y) * width);
      }
    });
    return out;
  }
}

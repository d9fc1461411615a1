import { bytesPerPixel } from "../pixel_type.ts";
import type { PixelStatistics } from "./block_statistics.ts";
import { even, fieldsOf, headerOf, MAX_CLASSIC_BYTES } from "./file_head.ts";
import type { LevelWriter } from "./level_writer.ts";
import { directoryBytes, writeDirectory } from "./write_directory.ts";
import type { WriteInfo, WritePlan } from "./write_options.ts";

/** No number is longer as text: 25 characters; of the deviation, which is a root, a digit may be missing. */
const LONGEST = -0.0000012345678901234567;
const LONGEST_STATISTICS: PixelStatistics = {
  count: 1,
  least: LONGEST,
  most: LONGEST,
  mean: LONGEST,
  spread: LONGEST * LONGEST,
};
const HEADER_BYTES = 8;

/**
 * Bytes in front of the blocks that take header and directory, so that blocks are written once, where they stay. Null where the order of blocks or the size of
 * offsets is known at the end only: a COG, and what might pass 4 GiB (no compression makes its worst input twice as large).
 */
export function planHead(info: WriteInfo, plan: WritePlan): number | null {
  const { width, height, bands } = info;
  const side = plan.blockSize;
  const blocks = Math.ceil(width / side) * Math.ceil(height / side);
  const pixelBytes = blocks * side * side * bands.length * bytesPerPixel(plan.type);
  if (plan.cog || plan.bigTiff === true || 2 * pixelBytes + 2 ** 24 > MAX_CLASSIC_BYTES) return null;
  const sizes = Array.from({ length: blocks }, () => 0);
  const statistics = plan.statistics ? bands.map(() => LONGEST_STATISTICS) : [];
  const level = { size: { width, height }, spool: { sizes }, statistics };
  const spareBytes = 8 * statistics.length;
  return even(
    HEADER_BYTES + spareBytes + directoryBytes(fieldsOf({ info, plan, level, index: 0 }, sizes, false), false),
  );
}

/** Writes header and directory before the blocks of the one level. @throws `store.io`, `store.full` */
export async function completeFile(info: WriteInfo, plan: WritePlan, level: LevelWriter): Promise<void> {
  const { spool } = level;
  let at = spool.firstByte;
  const offsets = spool.sizes.map((size) => (at += size) - size);
  const directory = writeDirectory(fieldsOf({ info, plan, level, index: 0 }, offsets, false), HEADER_BYTES, 0, false);
  await spool.complete(Buffer.concat([headerOf(HEADER_BYTES, false), directory]));
}

import type { PixelStatistics } from "./block_statistics.ts";
import { levelFields, mainFields } from "./image_fields.ts";
import { FIELD, TAG } from "./tiff_tags.ts";
import type { WrittenField } from "./write_directory.ts";
import type { LevelSize, WriteInfo, WritePlan } from "./write_options.ts";

/** Classic TIFF counts with 32 bits; some readers of old with a sign. */
export const MAX_CLASSIC_BYTES = 2 ** 32 - 2 ** 20;

/** What a directory tells of a level, apart from where its blocks lie. */
export interface DescribedLevel {
  readonly info: WriteInfo;
  readonly plan: WritePlan;
  readonly level: {
    readonly size: LevelSize;
    readonly spool: { readonly sizes: readonly number[] };
    readonly statistics: readonly PixelStatistics[];
  };
  /** 0 is the image. */
  readonly index: number;
}

export const even = (size: number): number => size + (size % 2);

/** @param first offset of the first directory */
export function headerOf(first: number, isBig: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(isBig ? 16 : 8));
  view.setUint16(0, 0x4949);
  view.setUint16(2, isBig ? 43 : 42, true);
  if (isBig) {
    view.setUint16(4, 8, true);
    view.setBigUint64(8, BigInt(first), true);
  } else view.setUint32(4, first, true);
  return new Uint8Array(view.buffer);
}

/** @param offsets of the blocks */
export function fieldsOf(
  { info, plan, level: { size, spool, statistics }, index }: DescribedLevel,
  offsets: readonly number[],
  isBig: boolean,
): WrittenField[] {
  return [
    ...levelFields(info, plan, size, index > 0),
    ...(index === 0 ? mainFields(info, statistics) : []),
    { tag: TAG.tileOffsets, type: isBig ? FIELD.long8 : FIELD.long, values: offsets },
    { tag: TAG.tileByteCounts, type: FIELD.long, values: spool.sizes },
  ];
}

import { FIELD, FIELD_BYTES, TAG } from "../../src/raster/geotiff/tiff_tags.ts";

export type TiffField = readonly [tag: number, type: number, values: readonly number[] | string];

export interface TiffPageSpec {
  readonly fields: readonly TiffField[];
  /** Packed blocks in order; null: not stored. */
  readonly blocks: readonly (Uint8Array | null)[];
  readonly tiled?: boolean;
}

export interface TiffSpec {
  readonly pages: readonly TiffPageSpec[];
  readonly littleEndian?: boolean;
  readonly big?: boolean;
  /** Behind the last directory comes the first one again. */
  readonly isCircle?: boolean;
}

/** A TIFF out of fields and packed blocks, written without any of the code under test but its numbers of tags. */
export function tiffFile({
  pages,
  littleEndian = true,
  big = false,
  isCircle = false,
}: TiffSpec): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pages.reduce((sum, page) => sum + sizeOf(page), 4096));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, littleEndian ? 0x4949 : 0x4d4d);
  view.setUint16(2, big ? 43 : 42, littleEndian);
  if (big) view.setUint16(4, 8, littleEndian);
  let pointer = big ? 8 : 4;
  let end = big ? 16 : 8;
  let firstAt = 0;
  const putOffset = (at: number, value: number): void =>
    big ? view.setBigUint64(at, BigInt(value), littleEndian) : view.setUint32(at, value, littleEndian);
  for (const { fields, blocks, tiled = false } of pages) {
    const offsets = blocks.map((block) => {
      if (block === null) return 0;
      bytes.set(block, end);
      end += block.length;
      return end - block.length;
    });
    const placed: TiffField[] = [
      ...fields,
      [tiled ? TAG.tileOffsets : TAG.stripOffsets, big ? FIELD.long8 : FIELD.long, offsets],
      [tiled ? TAG.tileByteCounts : TAG.stripByteCounts, FIELD.long, blocks.map((block) => block?.length ?? 0)],
    ];
    placed.sort(([one], [other]) => one - other);
    const written = placed.map(([tag, type, values]) => {
      const list = typeof values === "string" ? [...Buffer.from(`${values}\0`)] : values;
      const size = list.length * (FIELD_BYTES[type] as number);
      const inline = new Uint8Array(8);
      const at = size <= (big ? 8 : 4) ? null : end;
      const target = at === null ? new DataView(inline.buffer) : new DataView(bytes.buffer, end);
      list.forEach((value, i) => putValue(target, type, i, value, littleEndian));
      if (at !== null) end += size + (size % 2);
      return { tag, type, count: list.length, at, inline };
    });
    putOffset(pointer, end);
    if (firstAt === 0) firstAt = end;
    if (big) view.setBigUint64(end, BigInt(written.length), littleEndian);
    else view.setUint16(end, written.length, littleEndian);
    end += big ? 8 : 2;
    for (const { tag, type, count, at, inline } of written) {
      view.setUint16(end, tag, littleEndian);
      view.setUint16(end + 2, type, littleEndian);
      putOffset(end + 4, count);
      if (at === null) bytes.set(inline.subarray(0, big ? 8 : 4), end + (big ? 12 : 8));
      else putOffset(end + (big ? 12 : 8), at);
      end += big ? 20 : 12;
    }
    pointer = end;
    end += big ? 8 : 4;
  }
  putOffset(pointer, isCircle ? firstAt : 0);
  return bytes.slice(0, end);
}

function sizeOf({ fields, blocks }: TiffPageSpec): number {
  const packed = blocks.reduce((sum, block) => sum + (block?.length ?? 0) + 24, 0);
  return packed + fields.reduce((sum, [, , values]) => sum + values.length * 8 + 32, 512);
}

function putValue(view: DataView, type: number, index: number, value: number, littleEndian: boolean): void {
  const at = index * (FIELD_BYTES[type] as number);
  if (type === FIELD.short) view.setUint16(at, value, littleEndian);
  else if (type === FIELD.long) view.setUint32(at, value, littleEndian);
  else if (type === FIELD.double) view.setFloat64(at, value, littleEndian);
  else if (type === FIELD.long8) view.setBigUint64(at, BigInt(value), littleEndian);
  else view.setUint8(at, value);
}

/** Fields of an image of `samples` bands. */
export function imageFields(spec: {
  width: number;
  height: number;
  bits?: number;
  format?: number;
  samples?: number;
  compression?: number;
  predictor?: number;
  planar?: boolean;
  photometric?: number;
  /** Rows of a strip, or the sides of a block. */
  block: number | readonly [width: number, height: number];
}): TiffField[] {
  const {
    width,
    height,
    bits = 8,
    format = 1,
    samples = 1,
    compression = 1,
    predictor = 1,
    photometric = 1,
    block,
  } = spec;
  const each = (value: number): number[] => Array.from({ length: samples }, () => value);
  const size: TiffField[] =
    typeof block === "number"
      ? [[TAG.rowsPerStrip, FIELD.long, [block]]]
      : [
          [TAG.tileWidth, FIELD.long, [block[0]]],
          [TAG.tileLength, FIELD.long, [block[1]]],
        ];
  return [
    [TAG.imageWidth, FIELD.long, [width]],
    [TAG.imageLength, FIELD.long, [height]],
    [TAG.bitsPerSample, FIELD.short, each(bits)],
    [TAG.sampleFormat, FIELD.short, each(format)],
    [TAG.compression, FIELD.short, [compression]],
    [TAG.photometric, FIELD.short, [photometric]],
    [TAG.samplesPerPixel, FIELD.short, [samples]],
    [TAG.planarConfiguration, FIELD.short, [spec.planar === true ? 2 : 1]],
    [TAG.predictor, FIELD.short, [predictor]],
    ...size,
  ];
}

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
  const size = pages.reduce((sum, page) => sum + sizeOf(page), 4096);
  const writer = new TiffWriter(size, littleEndian, big);
  for (const page of pages) writer.putPage(page);
  return writer.finish(isCircle);
}

class TiffWriter {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #littleEndian: boolean;
  readonly #big: boolean;
  #pointer: number;
  #end: number;
  #firstAt = 0;

  constructor(size: number, littleEndian: boolean, big: boolean) {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
    this.#littleEndian = littleEndian;
    this.#big = big;
    this.#pointer = big ? 8 : 4;
    this.#end = big ? 16 : 8;
    this.#view.setUint16(0, littleEndian ? 0x4949 : 0x4d4d);
    this.#view.setUint16(2, big ? 43 : 42, littleEndian);
    if (big) this.#view.setUint16(4, 8, littleEndian);
  }

  putPage({ fields, blocks, tiled = false }: TiffPageSpec): void {
    const offsets = blocks.map((block) => (block === null ? 0 : this.#putBytes(block)));
    const placed: TiffField[] = [
      ...fields,
      [tiled ? TAG.tileOffsets : TAG.stripOffsets, this.#big ? FIELD.long8 : FIELD.long, offsets],
      [tiled ? TAG.tileByteCounts : TAG.stripByteCounts, FIELD.long, blocks.map((block) => block?.length ?? 0)],
    ];
    const values = placed.toSorted(([one], [other]) => one - other).map((field) => this.#putOutside(field));
    this.#putOffset(this.#pointer, this.#end);
    if (this.#firstAt === 0) this.#firstAt = this.#end;
    if (this.#big) this.#view.setBigUint64(this.#end, BigInt(values.length), this.#littleEndian);
    else this.#view.setUint16(this.#end, values.length, this.#littleEndian);
    this.#end += this.#big ? 8 : 2;
    for (const value of values) this.#putEntry(value);
    this.#pointer = this.#end;
    this.#end += this.#big ? 8 : 4;
  }

  finish(isCircle: boolean): Uint8Array<ArrayBuffer> {
    this.#putOffset(this.#pointer, isCircle ? this.#firstAt : 0);
    return this.#bytes.slice(0, this.#end);
  }

  #putBytes(bytes: Uint8Array): number {
    const at = this.#end;
    this.#bytes.set(bytes, at);
    this.#end += bytes.length;
    return at;
  }

  /** Writes the values that do not fit into an entry. */
  #putOutside([tag, type, values]: TiffField): Entry {
    const list = typeof values === "string" ? [...Buffer.from(`${values}\0`)] : values;
    const packed = new Uint8Array(Math.max(8, list.length * (FIELD_BYTES[type] as number)));
    list.forEach((value, i) => putValue(new DataView(packed.buffer), type, i, value, this.#littleEndian));
    const isOutside = list.length * (FIELD_BYTES[type] as number) > (this.#big ? 8 : 4);
    return { tag, type, count: list.length, at: isOutside ? this.#putBytes(packed) : null, packed };
  }

  #putEntry({ tag, type, count, at, packed }: Entry): void {
    this.#view.setUint16(this.#end, tag, this.#littleEndian);
    this.#view.setUint16(this.#end + 2, type, this.#littleEndian);
    this.#putOffset(this.#end + 4, count);
    const place = this.#end + (this.#big ? 12 : 8);
    if (at === null) this.#bytes.set(packed.subarray(0, this.#big ? 8 : 4), place);
    else this.#putOffset(place, at);
    this.#end += this.#big ? 20 : 12;
  }

  #putOffset(at: number, value: number): void {
    if (this.#big) this.#view.setBigUint64(at, BigInt(value), this.#littleEndian);
    else this.#view.setUint32(at, value, this.#littleEndian);
  }
}

interface Entry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Null: within the entry. */
  readonly at: number | null;
  readonly packed: Uint8Array;
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
export function imageFields(spec: ImageSpec): TiffField[] {
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

export interface ImageSpec {
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
}

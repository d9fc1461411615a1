import { bytesPerPixel, type PixelType } from "../pixel_type.ts";
import { damaged, tooLarge, unsupported } from "../raster_errors.ts";
import type { FieldValues } from "./field_values.ts";
import { COMPRESSION, COMPRESSION_NAMES, PHOTOMETRIC, TAG } from "./tiff_tags.ts";

/** How the pixels of one image of a TIFF are stored: plain data that crosses to a thread. */
export interface ImageLayout {
  readonly width: number;
  readonly height: number;
  readonly blockWidth: number;
  readonly blockHeight: number;
  readonly isTiled: boolean;
  /** Blocks of one band each. */
  readonly isPlanar: boolean;
  readonly samples: number;
  /** Of a sample, as stored: 1, 2, 4, 8, 16, 32, 64. */
  readonly bits: number;
  readonly type: PixelType;
  readonly compression: number;
  readonly predictor: number;
  readonly photometric: number;
  readonly littleEndian: boolean;
  /** Bits of a byte run from the lowest. */
  readonly isBitReversed: boolean;
  readonly jpegTables: Uint8Array<ArrayBuffer> | null;
  /** Compression around LERC: 0 none, 1 Deflate, 2 ZSTD. */
  readonly lercWrap: number;
}

/** Decoded bytes of one block at most. What is larger in practice is not compressed, and is read in parts. */
export const MAX_BLOCK_BYTES = 128 * 1024 * 1024;
/** Columns or rows at most: GDAL's own limit. */
const MAX_SIDE = 2 ** 31 - 1;
const MAX_SAMPLES = 65_535;
const READABLE: ReadonlySet<number> = new Set(Object.values(COMPRESSION));

/** @throws `raster.damaged`, `raster.unsupported`, `raster.tooLarge` */
export async function readLayout(fields: FieldValues, littleEndian: boolean): Promise<ImageLayout> {
  const width = expectSide("columns", await fields.number(TAG.imageWidth, 0));
  const height = expectSide("rows", await fields.number(TAG.imageLength, 0));
  const samples = await fields.number(TAG.samplesPerPixel, 1);
  if (samples < 1 || samples > MAX_SAMPLES) throw damaged(`it says that it has ${samples} bands`);
  const sample = await readSample(fields, samples);
  const block = await readBlockSize(fields, width, height);
  const compression = await fields.number(TAG.compression, COMPRESSION.none);
  if (!READABLE.has(compression)) throw unsupported(`compression ${COMPRESSION_NAMES[compression] ?? compression}`);
  const layout: ImageLayout = {
    width,
    height,
    ...block,
    isPlanar: samples > 1 && (await fields.number(TAG.planarConfiguration, 1)) === 2,
    samples,
    ...sample,
    compression,
    predictor: hasPredictor(compression) ? await fields.number(TAG.predictor, 1) : 1,
    photometric: await fields.number(TAG.photometric, PHOTOMETRIC.minIsBlack),
    littleEndian,
    isBitReversed: (await fields.number(TAG.fillOrder, 1)) === 2,
    jpegTables: compression === COMPRESSION.jpeg ? await fields.findBytes(TAG.jpegTables) : null,
    lercWrap: compression === COMPRESSION.lerc ? ((await fields.findNumbers(TAG.lercParameters))?.[1] ?? 0) : 0,
  };
  expectDecodable(layout, await fields.findNumbers(TAG.ycbcrSubsampling));
  return layout;
}

const hasPredictor = (compression: number): boolean =>
  compression === COMPRESSION.lzw ||
  compression === COMPRESSION.deflate ||
  compression === COMPRESSION.deflateOld ||
  compression === COMPRESSION.zstd;

function expectSide(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= MAX_SIDE) return value;
  throw damaged(`it says that it has ${value} ${name}`);
}

async function readSample(fields: FieldValues, samples: number): Promise<{ bits: number; type: PixelType }> {
  const bits = await oneValue(fields, TAG.bitsPerSample, samples, 1, "bands of different depth");
  const format = await oneValue(fields, TAG.sampleFormat, samples, 1, "bands of different number formats");
  const type = TYPES[`${format === 4 ? 1 : format}:${bits}`];
  if (type === undefined) throw unsupported(describeSample(format, bits), { bits, format });
  return { bits, type };
}

const TYPES: Readonly<Record<string, PixelType>> = {
  "1:1": "uint8",
  "1:2": "uint8",
  "1:4": "uint8",
  "1:8": "uint8",
  "1:16": "uint16",
  "1:32": "uint32",
  "2:8": "int8",
  "2:16": "int16",
  "2:32": "int32",
  "3:32": "float32",
  "3:64": "float64",
};

function describeSample(format: number, bits: number): string {
  if (format === 5 || format === 6) return "an image of complex numbers";
  return `an image of ${bits}-bit ${format === 3 ? "fractions" : format === 2 ? "signed integers" : "integers"}`;
}

/** The one value of all samples. */
async function oneValue(
  fields: FieldValues,
  tag: number,
  samples: number,
  otherwise: number,
  feature: string,
): Promise<number> {
  const values = (await fields.findNumbers(tag)) ?? [otherwise];
  const [first = otherwise] = values;
  if (values.slice(0, samples).some((value) => value !== first)) throw unsupported(`an image with ${feature}`);
  return first;
}

type Block = Pick<ImageLayout, "blockWidth" | "blockHeight" | "isTiled">;

async function readBlockSize(fields: FieldValues, width: number, height: number): Promise<Block> {
  if (fields.findEntry(TAG.tileOffsets) !== null || fields.findEntry(TAG.tileWidth) !== null) {
    const blockWidth = expectSide("columns in a block", await fields.number(TAG.tileWidth, 0));
    return {
      blockWidth,
      blockHeight: expectSide("rows in a block", await fields.number(TAG.tileLength, 0)),
      isTiled: true,
    };
  }
  const rows = await fields.number(TAG.rowsPerStrip, height);
  if (!(rows >= 1)) throw damaged(`it says that it has ${rows} rows in a strip`);
  return { blockWidth: width, blockHeight: Math.min(rows, height), isTiled: false };
}

function expectDecodable(layout: ImageLayout, subsampling: readonly number[] | null): void {
  const { compression, predictor, bits, type, photometric } = layout;
  if (
    photometric === PHOTOMETRIC.ycbcr &&
    compression !== COMPRESSION.jpeg &&
    (subsampling?.some((n) => n !== 1) ?? true)
  )
    throw unsupported("subsampled YCbCr without JPEG");
  if ((compression === COMPRESSION.jpeg || compression === COMPRESSION.webp) && bits !== 8)
    throw unsupported(`${COMPRESSION_NAMES[compression]} of ${bits} bits`);
  if (predictor < 1 || predictor > 3) throw unsupported(`predictor ${predictor}`);
  if (predictor === 2 && bits < 8) throw damaged(`predictor 2 over samples of ${bits} bits`);
  if (predictor === 3 && !type.startsWith("float")) throw damaged("predictor 3 over integers");
  // Where each row of the file is a row of memory, it is read in parts.
  const sizeBytes = isReadInParts(layout) ? rowBytes(layout) : blockBytes(layout);
  if (sizeBytes > MAX_BLOCK_BYTES)
    throw tooLarge(`a block has ${sizeBytes} bytes when unpacked, ${MAX_BLOCK_BYTES} at most are read`, { sizeBytes });
}

/** Strips without compression can be cut between rows. */
export function isReadInParts({ compression, isTiled }: ImageLayout): boolean {
  return compression === COMPRESSION.none && !isTiled;
}

/** Bands in one block. */
export function bandsPerBlock({ isPlanar, samples }: ImageLayout): number {
  return isPlanar ? 1 : samples;
}

/** Stored bytes of one row of a block, unpacked. */
export function rowBytes(layout: ImageLayout): number {
  return Math.ceil((layout.blockWidth * bandsPerBlock(layout) * layout.bits) / 8);
}

/** Bytes that a block may unpack to, of which `needed` are looked at: some writers fill up the last strip. */
export function maxUnpackedBytes(layout: ImageLayout, needed: number): number {
  return Math.max(needed, rowBytes(layout) * layout.blockHeight);
}

/** Bytes of a whole block in memory: samples below 8 bits take one each. */
export function blockBytes(layout: ImageLayout): number {
  return layout.blockWidth * layout.blockHeight * bandsPerBlock(layout) * bytesPerPixel(layout.type);
}

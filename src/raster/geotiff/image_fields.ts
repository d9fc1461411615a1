import { bytesPerPixel, isFloat, type PixelType } from "../pixel_type.ts";
import type { PixelStatistics } from "./block_statistics.ts";
import { COMPRESSION, FIELD, PHOTOMETRIC, TAG } from "./tiff_tags.ts";
import type { WrittenField } from "./write_directory.ts";
import { crsFields, placeFields } from "./write_geo_keys.ts";
import type { LevelSize, WriteInfo, WritePlan } from "./write_options.ts";

const CODES = {
  none: COMPRESSION.none,
  lzw: COMPRESSION.lzw,
  deflate: COMPRESSION.deflate,
  zstd: COMPRESSION.zstd,
  jpeg: COMPRESSION.jpeg,
  webp: COMPRESSION.webp,
} as const;

/** Fields that every level has, without the places of its blocks. */
export function levelFields(info: WriteInfo, plan: WritePlan, size: LevelSize, isOverview: boolean): WrittenField[] {
  const samples = info.bands.length;
  const short = (tag: number, ...values: number[]): WrittenField => ({ tag, type: FIELD.short, values });
  const long = (tag: number, value: number): WrittenField => ({ tag, type: FIELD.long, values: [value] });
  const each = (value: number): number[] => Array.from({ length: samples }, () => value);
  const { photometric, colors } = colorsOf(info, plan);
  const extras = info.bands.slice(colors).map(({ color }) => (color === "alpha" ? 2 : 0));
  const fields = [
    long(TAG.imageWidth, size.width),
    long(TAG.imageLength, size.height),
    short(TAG.bitsPerSample, ...each(bytesPerPixel(plan.type) * 8)),
    short(TAG.compression, CODES[plan.compression]),
    short(TAG.photometric, photometric),
    short(TAG.samplesPerPixel, samples),
    short(TAG.planarConfiguration, 1),
    short(TAG.tileWidth, plan.blockSize),
    short(TAG.tileLength, plan.blockSize),
    short(TAG.sampleFormat, ...each(formatOf(plan.type))),
  ];
  if (isOverview) fields.push(long(TAG.newSubfileType, 1));
  if (plan.predictor !== 1) fields.push(short(TAG.predictor, plan.predictor));
  if (extras.length > 0) fields.push(short(TAG.extraSamples, ...extras));
  if (photometric === PHOTOMETRIC.ycbcr) fields.push(short(TAG.ycbcrSubsampling, 2, 2));
  if (photometric === PHOTOMETRIC.palette && info.palette) fields.push(colorMap(info.palette, plan.type));
  if (plan.nodata !== null) fields.push({ tag: TAG.gdalNodata, type: FIELD.ascii, values: nodataText(plan.nodata) });
  return fields;
}

const formatOf = (type: PixelType): number => (isFloat(type) ? 3 : type.startsWith("u") ? 1 : 2);

const nodataText = (nodata: number): string =>
  Number.isNaN(nodata) ? "nan" : Number.isFinite(nodata) ? String(nodata) : nodata > 0 ? "inf" : "-inf";

/** @returns how many of the bands are the colours; the others are extra samples */
function colorsOf(
  { bands, palette }: WriteInfo,
  { compression, type }: WritePlan,
): { photometric: number; colors: number } {
  const isRgb = bands.length >= 3 && (bands[0]?.color === "red" || compression === "jpeg" || compression === "webp");
  if (compression === "jpeg" && bands.length === 3) return { photometric: PHOTOMETRIC.ycbcr, colors: 3 };
  if (isRgb) return { photometric: PHOTOMETRIC.rgb, colors: 3 };
  const hasPalette =
    palette !== null && palette !== undefined && bands.length === 1 && (type === "uint8" || type === "uint16");
  return { photometric: hasPalette ? PHOTOMETRIC.palette : PHOTOMETRIC.minIsBlack, colors: 1 };
}

function colorMap(palette: Uint8Array, type: PixelType): WrittenField {
  const count = type === "uint8" ? 256 : 65_536;
  const values = new Uint16Array(count * 3);
  for (let i = 0; i < Math.min(count, palette.length / 4); i++)
    for (let channel = 0; channel < 3; channel++)
      values[channel * count + i] = (palette[i * 4 + channel] as number) * 257;
  return { tag: TAG.colorMap, type: FIELD.short, values };
}

/** Fields of the whole image: place, CRS, and what GDAL keeps as XML. */
export function mainFields(info: WriteInfo, statistics: readonly PixelStatistics[]): WrittenField[] {
  const fields = [...(info.affine === null ? [] : placeFields(info.affine))];
  if (info.crs !== null) fields.push(...crsFields(info.crs));
  const xml = metadataXml(info, statistics);
  if (xml !== "") fields.push({ tag: TAG.gdalMetadata, type: FIELD.ascii, values: xml });
  return fields;
}

/** What other fields or the reader itself say. */
const NOT_KEPT = /^(?:OTHER_IMAGES|AREA_OR_POINT|OVR_RESAMPLING_ALG|LAYOUT|TIFFTAG_.*|STATISTICS_.*)$/;

function metadataXml({ bands, metadata = {} }: WriteInfo, statistics: readonly PixelStatistics[]): string {
  const items = Object.entries(metadata)
    .filter(([name]) => !NOT_KEPT.test(name))
    .map(([name, value]) => `<Item name="${escape(name)}">${escape(value)}</Item>`);
  bands.forEach(({ description, scale, offset, unit }, i) => {
    const role = (name: string, value: string): void =>
      void items.push(`<Item name="${name.toUpperCase()}" sample="${i}" role="${name}">${escape(value)}</Item>`);
    const of = statistics[i];
    if (of !== undefined && of.count > 0)
      for (const [name, value] of [
        ["MAXIMUM", of.most],
        ["MEAN", of.mean],
        ["MINIMUM", of.least],
        ["STDDEV", Math.sqrt(of.spread / of.count)],
      ] as const)
        items.push(`<Item name="STATISTICS_${name}" sample="${i}">${value}</Item>`);
    if (description !== "") role("description", description);
    if (offset !== 0 || scale !== 1) {
      role("offset", String(offset));
      role("scale", String(scale));
    }
    if (unit !== "") role("unittype", unit);
  });
  return items.length === 0 ? "" : `<GDALMetadata>\n  ${items.join("\n  ")}\n</GDALMetadata>\n`;
}

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

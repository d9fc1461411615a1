import type { BandInfo, ColorInterpretation, MaskKind } from "../raster.ts";
import type { FieldValues } from "./field_values.ts";
import type { GdalMetadata } from "./gdal_metadata.ts";
import type { ImageLayout } from "./image_layout.ts";
import { PHOTOMETRIC, TAG } from "./tiff_tags.ts";

/** Extra samples of opacity: premultiplied or not. */
const ALPHA: ReadonlySet<number> = new Set([1, 2]);

export async function readBandInfos(
  fields: FieldValues,
  layout: ImageLayout,
  metadata: GdalMetadata,
): Promise<BandInfo[]> {
  const nodata = parseNodata(await fields.findText(TAG.gdalNodata));
  const extras = (await fields.findNumbers(TAG.extraSamples)) ?? [];
  return Array.from({ length: layout.samples }, (_, band) => {
    const items = metadata.bands.get(band) ?? {};
    return {
      type: layout.type,
      description: items["description"] ?? "",
      nodata,
      scale: numberOr(items["scale"], 1),
      offset: numberOr(items["offset"], 0),
      unit: items["unittype"] ?? "",
      color: colorOf(layout, band, extras),
    };
  });
}

const numberOr = (text: string | undefined, otherwise: number): number => {
  const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : otherwise;
};

/** GDAL writes the number as text, some of it with a comma or spaces; what is no number names none. */
export function parseNodata(text: string | null): number | null {
  const word = text?.trim().toLowerCase() ?? "";
  if (/^[+-]?nan\b/.test(word)) return Number.NaN;
  if (/^\+?inf/.test(word)) return Infinity;
  if (word.startsWith("-inf")) return -Infinity;
  const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/.exec(word)?.[0];
  return number === undefined ? null : Number(number);
}

const RGB: readonly ColorInterpretation[] = ["red", "green", "blue"];

function colorOf({ photometric, samples }: ImageLayout, band: number, extras: readonly number[]): ColorInterpretation {
  const base = samples - extras.length;
  if (band >= base)
    return ALPHA.has(extras[band - base] ?? 0) && !hasEarlierAlpha(extras, band - base) ? "alpha" : "undefined";
  if (photometric === PHOTOMETRIC.rgb || photometric === PHOTOMETRIC.ycbcr) return RGB[band] ?? "undefined";
  if (photometric === PHOTOMETRIC.palette) return band === 0 ? "palette" : "undefined";
  return band === 0 && photometric <= PHOTOMETRIC.minIsBlack ? "gray" : "undefined";
}

const hasEarlierAlpha = (extras: readonly number[], index: number): boolean =>
  extras.slice(0, index).some((extra) => ALPHA.has(extra));

/** A mask of the file's own counts more than nodata, nodata more than opacity: as in GDAL. */
export function maskKindOf(bands: readonly BandInfo[], hasMask: boolean): MaskKind {
  if (hasMask) return "mask";
  if (bands.some(({ nodata }) => nodata !== null)) return "nodata";
  return bands.some(({ color }) => color === "alpha") ? "alpha" : "none";
}

/** Red, green, blue, alpha of each value. The field has all reds, then all greens, then all blues, of 16 bits. */
export async function readPalette(fields: FieldValues, layout: ImageLayout): Promise<Uint8Array | null> {
  const map = layout.photometric === PHOTOMETRIC.palette ? await fields.findNumbers(TAG.colorMap) : null;
  if (map === null) return null;
  const count = Math.floor(map.length / 3);
  // Some writers of old wrote values of 8 bits.
  const shift = map.some((value) => value > 255) ? 8 : 0;
  const palette = new Uint8Array(count * 4).fill(255);
  for (let i = 0; i < count; i++)
    for (let channel = 0; channel < 3; channel++)
      palette[i * 4 + channel] = (map[channel * count + i] as number) >> shift;
  return palette;
}

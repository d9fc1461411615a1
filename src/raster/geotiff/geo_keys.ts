import type { FieldValues } from "./field_values.ts";
import { TAG } from "./tiff_tags.ts";

/** GeoTIFF 1.1 (OGC 19-008), annex; only what is read or written here. */
export const KEY = {
  modelType: 1024,
  rasterType: 1025,
  citation: 1026,
  geographicType: 2048,
  geographicCitation: 2049,
  geodeticDatum: 2050,
  primeMeridian: 2051,
  angularUnit: 2054,
  angularUnitSize: 2055,
  ellipsoid: 2056,
  semiMajorAxis: 2057,
  semiMinorAxis: 2058,
  inverseFlattening: 2059,
  primeMeridianLongitude: 2061,
  toWgs84: 2062,
  projectedType: 3072,
  projectedCitation: 3073,
  projection: 3074,
  projectionMethod: 3075,
  linearUnit: 3076,
  linearUnitSize: 3077,
} as const;

export const USER_DEFINED = 32_767;

type KeyValue = number | readonly number[] | string;

/** The geokeys of an image, out of the three fields that they lie in. */
export class GeoKeys {
  readonly #values: ReadonlyMap<number, KeyValue>;

  constructor(values: ReadonlyMap<number, KeyValue>) {
    this.#values = values;
  }

  get isEmpty(): boolean {
    return this.#values.size === 0;
  }

  /** First number; null where the key is not there, holds a text or no number. */
  findNumber(key: number): number | null {
    const value = this.#values.get(key);
    const first = typeof value === "object" ? value[0] : value;
    return typeof first === "number" && Number.isFinite(first) ? first : null;
  }

  findNumbers(key: number): readonly number[] | null {
    const value = this.#values.get(key);
    if (typeof value === "number") return [value];
    return typeof value === "object" ? value : null;
  }

  text(key: number): string {
    const value = this.#values.get(key);
    return typeof value === "string" ? value : "";
  }
}

/** Keys whose value is not where the directory says are left out, as other readers do. */
export async function readGeoKeys(fields: FieldValues): Promise<GeoKeys> {
  const directory = (await fields.findNumbers(TAG.geoKeyDirectory)) ?? [];
  const doubles = (await fields.findNumbers(TAG.geoDoubleParams)) ?? [];
  const ascii = (await fields.findBytes(TAG.geoAsciiParams)) ?? new Uint8Array();
  const values = new Map<number, KeyValue>();
  const count = Math.min(directory[3] ?? 0, Math.floor((directory.length - 4) / 4));
  for (let i = 0; i < count; i++) {
    const [key = 0, place = 0, length = 0, value = 0] = directory.slice(4 + i * 4, 8 + i * 4);
    if (values.has(key)) continue;
    if (place === 0) values.set(key, value);
    else if (place === TAG.geoDoubleParams) values.set(key, doubles.slice(value, value + length));
    else if (place === TAG.geoAsciiParams) values.set(key, textOf(ascii.subarray(value, value + length)));
  }
  return new GeoKeys(values);
}

/** Texts end with a bar, and some writers end them with a zero as well. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder("latin1")
    .decode(bytes)
    .replace(/[|\0]+$/, "")
    .trim();
}

import { isFloat, rangeOf, type PixelArray, type PixelType } from "./pixel_type.ts";

export interface PixelStoreOptions {
  /** Index in `out` of the first value. */
  readonly first: number;
  readonly count: number;
  readonly type: PixelType;
  /** Stored for NaN. */
  readonly nodata: number;
}

/** Puts doubles into pixels of any type: whole numbers by rounding, halves away from zero, and not beyond their range, as GDAL does. */
export function storeValues(
  values: Float64Array | Float32Array,
  out: PixelArray,
  { first, count, type, nodata }: PixelStoreOptions,
): void {
  if (isFloat(type)) {
    for (let i = 0; i < count; i++) {
      const value = values[i] as number;
      out[first + i] = value === value ? value : nodata;
    }
    return;
  }
  const [least, most] = rangeOf(type);
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    if (value !== value) out[first + i] = nodata;
    else {
      const whole = value < 0 ? -Math.floor(0.5 - value) : Math.floor(value + 0.5);
      out[first + i] = whole < least ? least : whole > most ? most : whole;
    }
  }
}

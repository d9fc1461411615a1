/** What one pixel of one band is. Samples of 1, 2 and 4 bits are read as `uint8`. */
export type PixelType = "uint8" | "int8" | "uint16" | "int16" | "uint32" | "int32" | "float32" | "float64";

/** Pixels of one band, row by row from the top. `PixelArray<ArrayBufferLike>` may lie in memory that threads share. */
export type PixelArray<Memory extends ArrayBufferLike = ArrayBuffer> =
  | Uint8Array<Memory>
  | Int8Array<Memory>
  | Uint16Array<Memory>
  | Int16Array<Memory>
  | Uint32Array<Memory>
  | Int32Array<Memory>
  | Float32Array<Memory>
  | Float64Array<Memory>;

const ARRAYS = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

export const PIXEL_TYPES = Object.keys(ARRAYS) as readonly PixelType[];

export function bytesPerPixel(type: PixelType): number {
  return ARRAYS[type].BYTES_PER_ELEMENT;
}

export function newPixels(type: PixelType, count: number): PixelArray {
  return new ARRAYS[type](count);
}

/** A view, not a copy. `byteOffset` is a multiple of the pixel's size. */
export function viewPixels(type: PixelType, buffer: ArrayBuffer, byteOffset = 0, count?: number): PixelArray {
  return new ARRAYS[type](buffer, byteOffset, count);
}

export function isFloat(type: PixelType): boolean {
  return type === "float32" || type === "float64";
}

const INTEGER_RANGES: Readonly<Record<string, readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65_535],
  int16: [-32_768, 32_767],
  uint32: [0, 4_294_967_295],
  int32: [-2_147_483_648, 2_147_483_647],
};

/** Smallest and largest value; of the types of fractions, infinite. */
export function rangeOf(type: PixelType): readonly [least: number, most: number] {
  return INTEGER_RANGES[type] ?? [-Infinity, Infinity];
}

/**
 * Whether a pixel of this type can have that value at all: a nodata of -9999 in a band of `uint8` marks nothing.
 * Of `float32`, the value must be one after rounding.
 */
export function canHold(type: PixelType, value: number): boolean {
  if (isFloat(type)) return type === "float64" || !Number.isFinite(value) || Number.isFinite(Math.fround(value));
  const [least, most] = rangeOf(type);
  return Number.isInteger(value) && value >= least && value <= most;
}

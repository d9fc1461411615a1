import type { PixelArray } from "../pixel_type.ts";
import type { ValueRule } from "../value_rows.ts";
import { openBlockMemory } from "./block_memory.ts";

/** As `assembly/values.ts` numbers them. */
const TYPES = [Float32Array, Int16Array, Uint16Array, Uint8Array];

/**
 * As `putValues` for the pixels of a whole block, in the memory where it was unpacked; pixels of float32 are changed where they are. Null for what lies elsewhere, is of
 * another type or has a scale. The values hold until the next block. A slope of 17 million pixels takes 2 % less time.
 */
export function findFastValues(pixels: PixelArray, { scale, offset, marked }: ValueRule): Float32Array | null {
  const { byteOffset, byteLength, length } = pixels;
  const type = TYPES.findIndex((array) => pixels instanceof array);
  if (type < 0 || scale !== 1 || offset !== 0 || pixels.buffer !== openBlockMemory(0).buffer) return null;
  const to = type === 0 ? byteOffset : Math.ceil((byteOffset + byteLength) / 16) * 16;
  const { buffer, exports } = openBlockMemory(to + 4 * length);
  exports.toValues(byteOffset, length, type, marked, to);
  return new Float32Array(buffer, to, length);
}

// Rows of the source, combined once for a run of pixels that goes along them, for assembly/taps.ts.
import { sourceWidth } from "./source_image";

/** Source pixels of a run that are combined at once. */
export const MAX_SPAN: i32 = 1024;

/** Of the 14 bits of a weight, those that stay when rows are combined: 255 << 6 leaves an i16 room for twice as much. */
export const KEPT_BITS: i32 = 6;
const CUT_BITS: i32 = 14 - KEPT_BITS;

/** Combines `rows` rows (an even number) of `count` pixels (rounded up to four) from `ptr` on into four i16 a pixel at `out`, by i16 weights. */
export function combineRows(out: usize, ptr: usize, count: i32, weights: usize, rows: i32): void {
  const stride = (<usize>sourceWidth) << 2;
  const end = out + ((<usize>count) << 3);
  for (let to = out; to < end; to += 32) {
    let row = ptr;
    let first = i32x4.splat(1 << (CUT_BITS - 1));
    let second = first;
    let third = first;
    let fourth = first;
    // Two rows at a time: their bytes side by side are what a dot product of pairs wants.
    for (let j = 0; j < rows; j += 2) {
      const weight = v128.load32_splat(weights + ((<usize>j) << 1));
      const above = v128.load(row);
      const below = v128.load(row + stride);
      const near = i8x16.shuffle(above, below, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const far = i8x16.shuffle(above, below, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      first = i32x4.add(first, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(near), weight));
      second = i32x4.add(second, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(near), weight));
      third = i32x4.add(third, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(far), weight));
      fourth = i32x4.add(fourth, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(far), weight));
      row += stride << 1;
    }
    v128.store(to, i16x8.narrow_i32x4_s(i32x4.shr_s(first, CUT_BITS), i32x4.shr_s(second, CUT_BITS)));
    v128.store(to + 16, i16x8.narrow_i32x4_s(i32x4.shr_s(third, CUT_BITS), i32x4.shr_s(fourth, CUT_BITS)));
    ptr += 16;
  }
}

/** Weighted sum of two pixels of four i16 that lie side by side. */
export function sumTwo(ptr: usize, weights: usize): v128 {
  const pair = v128.load(ptr);
  const mixed = i8x16.shuffle(pair, pair, 0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15);
  return i32x4.dot_i16x8_s(mixed, v128.load32_splat(weights));
}

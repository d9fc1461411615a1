// The source image and how pixels are read and written, for assembly/warp.ts.

/** Fraction bits of the fixed-point source position: sources have at most 32,767 pixels on a side. */
export const POSITION_BITS: i32 = 16;

export let sourcePtr: usize = 0;
export let sourceWidth: i32 = 0;
export let sourceHeight: i32 = 0;
/** 1: every pixel of the source has alpha 255. */
export let sourceOpaque: i32 = 0;

export function setSource(ptr: usize, width: i32, height: i32, opaque: i32): void {
  sourcePtr = ptr;
  sourceWidth = width;
  sourceHeight = height;
  sourceOpaque = opaque;
}

export function pixelPtr(x: i32, y: i32): usize {
  return sourcePtr + ((<usize>y * <usize>sourceWidth + <usize>x) << 2);
}

export function toFixed(value: f64): i32 {
  return <i32>Math.floor(value * <f64>(1 << POSITION_BITS) + 0.5);
}

export function packBytes(value: v128): v128 {
  return i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(value, value), value);
}

export function loadPixel(ptr: usize): v128 {
  return f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(ptr))));
}

/** Sum of weight x alpha x (r, g, b, 1), and the pixel for the sum of weights. */
export function weighPixel(sum: v128, ptr: usize, weight: f32): v128 {
  const pixel = loadPixel(ptr);
  const alpha = f32x4.extract_lane(pixel, 3) * weight;
  return f32x4.add(sum, f32x4.mul(f32x4.replace_lane(pixel, 3, 1), f32x4.splat(alpha)));
}

/** Writes sum / its last lane, with that lane / `weights` as alpha; 0 where less than half a level of alpha is left. */
export function storeWeighed(out: usize, sum: v128, weights: f32): void {
  const alphaSum = f32x4.extract_lane(sum, 3);
  if (!(weights > 1e-6) || !(alphaSum >= 0.5 * weights)) {
    store<u32>(out, 0);
    return;
  }
  const colour = f32x4.replace_lane(f32x4.div(sum, f32x4.splat(alphaSum)), 3, alphaSum / weights);
  storeRounded(out, colour);
}

export function storeRounded(out: usize, value: v128): void {
  const rounded = i32x4.trunc_sat_f32x4_s(f32x4.add(f32x4.max(value, f32x4.splat(0)), f32x4.splat(0.5)));
  v128.store32_lane(out, packBytes(rounded), 0);
}

// Bilinear resampling at a filter's own width, for assembly/warp.ts.
import {
  loadPixel,
  packBytes,
  pixelPtr,
  POSITION_BITS,
  sourceHeight,
  sourceOpaque,
  sourceWidth,
  storeWeighed,
  toFixed,
  weighPixel,
} from "./source_image";

/** Bits of a bilinear weight: 8 + 11 + 11 bits stay within an i32. */
const WEIGHT_BITS: i32 = 11;
const WEIGHT_ONE: i32 = 1 << WEIGHT_BITS;
const ROUND: i32 = 1 << (2 * WEIGHT_BITS - 1);

function storeOpaqueBilinear(out: usize, ptr: usize, fx: i32, fy: i32): void {
  const weightsX = i32x4.splat((WEIGHT_ONE - fx) | (fx << 16));
  const upper = v128.load64_zero(ptr);
  const lower = v128.load64_zero(ptr + ((<usize>sourceWidth) << 2));
  const upperPairs = i16x8.extend_low_i8x16_u(
    i8x16.shuffle(upper, upper, 0, 4, 1, 5, 2, 6, 3, 7, 8, 9, 10, 11, 12, 13, 14, 15),
  );
  const lowerPairs = i16x8.extend_low_i8x16_u(
    i8x16.shuffle(lower, lower, 0, 4, 1, 5, 2, 6, 3, 7, 8, 9, 10, 11, 12, 13, 14, 15),
  );
  const top = i32x4.mul(i32x4.dot_i16x8_s(upperPairs, weightsX), i32x4.splat(WEIGHT_ONE - fy));
  const bottom = i32x4.mul(i32x4.dot_i16x8_s(lowerPairs, weightsX), i32x4.splat(fy));
  const value = i32x4.shr_u(i32x4.add(i32x4.add(top, bottom), i32x4.splat(ROUND)), 2 * WEIGHT_BITS);
  v128.store32_lane(out, packBytes(value), 0);
}

/** Bilinear with alpha and with taps beyond the source's edge left out. `x`, `y`: fixed-point position of pixel centres. */
export function storeBilinear(out: usize, x: i32, y: i32): void {
  const x0 = x >> POSITION_BITS;
  const y0 = y >> POSITION_BITS;
  const fx = <f32>(x & 0xffff) / 65536;
  const fy = <f32>(y & 0xffff) / 65536;
  let sum = f32x4.splat(0);
  let weights: f32 = 0;
  for (let j = 0; j < 2; j++) {
    if (y0 + j < 0 || y0 + j >= sourceHeight) continue;
    const weightY: f32 = j === 0 ? 1 - fy : fy;
    for (let i = 0; i < 2; i++) {
      if (x0 + i < 0 || x0 + i >= sourceWidth) continue;
      const weight = weightY * (i === 0 ? 1 - fx : fx);
      sum = weighPixel(sum, pixelPtr(x0 + i, y0 + j), weight);
      weights += weight;
    }
  }
  storeWeighed(out, sum, weights);
}

/** Alpha of two neighbouring pixels, as they lie in 8 bytes. */
const TWO_ALPHAS: u64 = 0xff000000ff000000;

function weighInner(sum: v128, pixel: v128, weight: f32): v128 {
  const alpha = f32x4.mul(
    i8x16.shuffle(pixel, pixel, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15),
    f32x4.splat(weight),
  );
  return f32x4.add(sum, f32x4.mul(f32x4.replace_lane(pixel, 3, 1), alpha));
}

/** Bilinear with alpha where all four neighbours lie within the source; most of them are wholly opaque or wholly clear. */
function storeInnerBilinear(out: usize, ptr: usize, fx: i32, fy: i32): void {
  const stride = (<usize>sourceWidth) << 2;
  const upper = load<u64>(ptr) & TWO_ALPHAS;
  const lower = load<u64>(ptr + stride) & TWO_ALPHAS;
  if ((upper & lower) === TWO_ALPHAS) {
    storeOpaqueBilinear(out, ptr, fx, fy);
    return;
  }
  if ((upper | lower) === 0) {
    store<u32>(out, 0);
    return;
  }
  const unit: f32 = 1.0 / <f32>WEIGHT_ONE;
  const right = <f32>fx * unit;
  const down = <f32>fy * unit;
  let sum = weighInner(f32x4.splat(0), loadPixel(ptr), (1 - right) * (1 - down));
  sum = weighInner(sum, loadPixel(ptr + 4), right * (1 - down));
  sum = weighInner(sum, loadPixel(ptr + stride), (1 - right) * down);
  sum = weighInner(sum, loadPixel(ptr + stride + 4), right * down);
  storeWeighed(out, sum, 1);
}

/** A run of pixels whose four neighbours are all there: positions advance by a fixed step, no test of the edges for each pixel. */
export function runInnerBilinear(out: usize, count: i32, u: f64, v: f64, stepU: f64, stepV: f64): void {
  // Half a weight's unit: what is cut off below is rounded.
  let x = toFixed(u - 0.5) + (1 << (POSITION_BITS - WEIGHT_BITS - 1));
  let y = toFixed(v - 0.5) + (1 << (POSITION_BITS - WEIGHT_BITS - 1));
  const stepX = toFixed(stepU);
  const stepY = toFixed(stepV);
  const toWeight = POSITION_BITS - WEIGHT_BITS;
  const end = out + ((<usize>count) << 2);
  if (sourceOpaque) {
    for (; out < end; out += 4) {
      storeOpaqueBilinear(
        out,
        pixelPtr(x >> POSITION_BITS, y >> POSITION_BITS),
        (x & 0xffff) >> toWeight,
        (y & 0xffff) >> toWeight,
      );
      x += stepX;
      y += stepY;
    }
    return;
  }
  for (; out < end; out += 4) {
    storeInnerBilinear(
      out,
      pixelPtr(x >> POSITION_BITS, y >> POSITION_BITS),
      (x & 0xffff) >> toWeight,
      (y & 0xffff) >> toWeight,
    );
    x += stepX;
    y += stepY;
  }
}

/** A margin of 1/100 pixel keeps what fixed-point steps add up (64 x 2^-17) within the source. */
export function neighboursAreThere(u: f64, v: f64): bool {
  return u >= 0.51 && v >= 0.51 && u <= <f64>sourceWidth - 1.51 && v <= <f64>sourceHeight - 1.51;
}

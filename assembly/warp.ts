// Resampling of 8-bit RGBA for `src/reproject`: the inner loops, in WebAssembly SIMD. Built by scripts/build_wasm.ts.
// Nothing is imported but the memory, so that no call ever leaves WebAssembly.
//
// A block is `width` x `height` destination pixels. Its nodes hold source pixel coordinates (f64 x, y; 0,0 = upper left corner of the
// source's first pixel) of the corners of cells of `step` pixels, row by row, `nodeColumns` to a row; between nodes they are bilinear.
// Images are row-major from the top left, 4 bytes a pixel, alpha not premultiplied.

/** Fraction bits of the fixed-point source position: sources have at most 32,767 pixels on a side. */
const POSITION_BITS: i32 = 16;
/** Bits of a bilinear weight: 8 + 11 + 11 bits stay within an i32. */
const WEIGHT_BITS: i32 = 11;
const WEIGHT_ONE: i32 = 1 << WEIGHT_BITS;
const ROUND: i32 = 1 << (2 * WEIGHT_BITS - 1);
/** Phases of a tap table: 1/1024 pixel apart. */
const PHASE_BITS: i32 = 10;

let sourcePtr: usize = 0;
let sourceWidth: i32 = 0;
let sourceHeight: i32 = 0;
/** 1: every pixel of the source has alpha 255. */
let sourceOpaque: i32 = 0;
/**
 * Tap tables, phase-major; the taps of a phase sum to 1 (16,384 as i16), the first stands `taps / 2 - 1` pixels before the position's
 * pixel. Along x: i16, `groupsX` times four to a phase, what is beyond `tapsX` being 0. Along y: f32, `tapsY` to a phase, and once more as
 * along x (`rowTable`, `groupsY`).
 */
let tableX: usize = 0;
let tapsX: i32 = 0;
let groupsX: i32 = 0;
let tableY: usize = 0;
let tapsY: i32 = 0;
let rowTable: usize = 0;
let groupsY: i32 = 0;
/** Where a row of source pixels is kept: `MAX_SPAN` of four i16. */
let rowPtr: usize = 0;
/** 1: a position with a missing tap is sampled bilinearly instead (cubic). */
let missingIsBilinear: i32 = 0;

export function setSource(ptr: usize, width: i32, height: i32, opaque: i32): void {
  sourcePtr = ptr;
  sourceWidth = width;
  sourceHeight = height;
  sourceOpaque = opaque;
}

export function setTaps(x: usize, countX: i32, y: usize, countY: i32, rows: usize, row: usize, fallBack: i32): void {
  tableX = x;
  tapsX = countX;
  groupsX = (countX + 3) >> 2;
  tableY = y;
  tapsY = countY;
  rowTable = rows;
  groupsY = (countY + 3) >> 2;
  rowPtr = row;
  missingIsBilinear = fallBack;
}

function pixelPtr(x: i32, y: i32): usize {
  return sourcePtr + ((<usize>y * <usize>sourceWidth + <usize>x) << 2);
}

function toFixed(value: f64): i32 {
  return <i32>Math.floor(value * <f64>(1 << POSITION_BITS) + 0.5);
}

function packBytes(value: v128): v128 {
  return i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(value, value), value);
}

function loadPixel(ptr: usize): v128 {
  return f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(ptr))));
}

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

/** Sum of weight x alpha x (r, g, b, 1), and the pixel for the sum of weights. */
function weighPixel(sum: v128, ptr: usize, weight: f32): v128 {
  const pixel = loadPixel(ptr);
  const alpha = f32x4.extract_lane(pixel, 3) * weight;
  return f32x4.add(sum, f32x4.mul(f32x4.replace_lane(pixel, 3, 1), f32x4.splat(alpha)));
}

/** Writes sum / its last lane, with that lane / `weights` as alpha; 0 where less than half a level of alpha is left. */
function storeWeighed(out: usize, sum: v128, weights: f32): void {
  const alphaSum = f32x4.extract_lane(sum, 3);
  if (!(weights > 1e-6) || !(alphaSum >= 0.5 * weights)) {
    store<u32>(out, 0);
    return;
  }
  const colour = f32x4.replace_lane(f32x4.div(sum, f32x4.splat(alphaSum)), 3, alphaSum / weights);
  storeRounded(out, colour);
}

/** Bilinear with alpha and with taps beyond the source's edge left out. `x`, `y`: fixed-point position of pixel centres. */
function storeBilinear(out: usize, x: i32, y: i32): void {
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

/** 0 = any of the window's pixels is beyond the edge; with `alpha` also when one is not fully opaque. */
function windowIsWhole(left: i32, top: i32): i32 {
  if (left < 0 || top < 0 || left + (groupsX << 2) > sourceWidth || top + tapsY > sourceHeight) return 0;
  if (sourceOpaque) return 1;
  for (let j = 0; j < tapsY; j++) {
    const row = pixelPtr(left, top + j);
    for (let i = 0; i < tapsX; i++) if (load<u8>(row + ((<usize>i) << 2), 3) !== 255) return 0;
  }
  return 1;
}

/** Weighted sum of four pixels side by side: bytes by i16 weights in i32 lanes. */
function sumFourTaps(ptr: usize, weights: usize): v128 {
  const pixels = v128.load(ptr);
  const near = i8x16.shuffle(pixels, pixels, 0, 4, 1, 5, 2, 6, 3, 7, 0, 0, 0, 0, 0, 0, 0, 0);
  const far = i8x16.shuffle(pixels, pixels, 8, 12, 9, 13, 10, 14, 11, 15, 0, 0, 0, 0, 0, 0, 0, 0);
  return i32x4.add(
    i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(near), v128.load32_splat(weights)),
    i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(far), v128.load32_splat(weights, 4)),
  );
}

function storeRounded(out: usize, value: v128): void {
  const rounded = i32x4.trunc_sat_f32x4_s(f32x4.add(f32x4.max(value, f32x4.splat(0)), f32x4.splat(0.5)));
  v128.store32_lane(out, packBytes(rounded), 0);
}

/** All taps are there and opaque. */
function storeTapsWhole(out: usize, ptr: usize, weightsX: usize, weightsY: usize): void {
  const stride = (<usize>sourceWidth) << 2;
  let sum = f32x4.splat(0);
  if (groupsX === 1) {
    for (let j = 0; j < tapsY; j++) {
      const row = f32x4.convert_i32x4_s(sumFourTaps(ptr, weightsX));
      sum = f32x4.add(sum, f32x4.mul(row, v128.load32_splat(weightsY)));
      ptr += stride;
      weightsY += 4;
    }
  } else {
    for (let j = 0; j < tapsY; j++) {
      let row = sumFourTaps(ptr, weightsX);
      for (let i = 1; i < groupsX; i++)
        row = i32x4.add(row, sumFourTaps(ptr + ((<usize>i) << 4), weightsX + ((<usize>i) << 3)));
      sum = f32x4.add(sum, f32x4.mul(f32x4.convert_i32x4_s(row), v128.load32_splat(weightsY)));
      ptr += stride;
      weightsY += 4;
    }
  }
  storeRounded(out, f32x4.mul(sum, f32x4.splat(1.0 / 16384.0)));
}

function storeTapsPartly(out: usize, left: i32, top: i32, weightsX: usize, weightsY: usize): void {
  let sum = f32x4.splat(0);
  let weights: f32 = 0;
  for (let j = 0; j < tapsY; j++) {
    if (top + j < 0 || top + j >= sourceHeight) continue;
    const weightY = load<f32>(weightsY + ((<usize>j) << 2));
    for (let i = 0; i < tapsX; i++) {
      if (left + i < 0 || left + i >= sourceWidth) continue;
      const weight = weightY * (<f32>load<i16>(weightsX + ((<usize>i) << 1)) * (1.0 / 16384.0));
      sum = weighPixel(sum, pixelPtr(left + i, top + j), weight);
      weights += weight;
    }
  }
  storeWeighed(out, sum, weights);
}

/** Half a phase: positions go to the nearest one. */
const HALF_PHASE: i32 = 1 << (POSITION_BITS - PHASE_BITS - 1);

function storeTaps(out: usize, exactX: i32, exactY: i32): void {
  const x = exactX + HALF_PHASE;
  const y = exactY + HALF_PHASE;
  const left = (x >> POSITION_BITS) - (tapsX >> 1) + 1;
  const top = (y >> POSITION_BITS) - (tapsY >> 1) + 1;
  const weightsX = phaseX(x);
  const weightsY = phaseY(y);
  if (windowIsWhole(left, top)) storeTapsWhole(out, pixelPtr(left, top), weightsX, weightsY);
  else if (missingIsBilinear) storeBilinear(out, exactX, exactY);
  else storeTapsPartly(out, left, top, weightsX, weightsY);
}

function phaseX(x: i32): usize {
  return tableX + ((<usize>(((x & 0xffff) >> (POSITION_BITS - PHASE_BITS)) * groupsX)) << 3);
}

function phaseY(y: i32): usize {
  return tableY + ((<usize>(((y & 0xffff) >> (POSITION_BITS - PHASE_BITS)) * tapsY)) << 2);
}

/** A run of pixels whose windows all lie within an opaque source. */
function runInnerTaps(out: usize, count: i32, u: f64, v: f64, stepU: f64, stepV: f64): void {
  let x = toFixed(u - 0.5) + HALF_PHASE;
  let y = toFixed(v - 0.5) + HALF_PHASE;
  const stepX = toFixed(stepU);
  const stepY = toFixed(stepV);
  // Not a phase along the whole run.
  const drift = (count - 1) * stepY;
  if (drift < HALF_PHASE && drift > -HALF_PHASE && runLevelTaps(out, count, x, stepX, y + (drift >> 1))) return;
  const toLeft = 1 - (tapsX >> 1);
  const toTop = 1 - (tapsY >> 1);
  const end = out + ((<usize>count) << 2);
  for (; out < end; out += 4) {
    const ptr = pixelPtr((x >> POSITION_BITS) + toLeft, (y >> POSITION_BITS) + toTop);
    storeTapsWhole(out, ptr, phaseX(x), phaseY(y));
    x += stepX;
    y += stepY;
  }
}

/** Source pixels of a run that are combined at once. */
const MAX_SPAN: i32 = 1024;
/** Of the 14 bits of a weight, those that stay when rows are combined: 255 << 6 leaves an i16 room for twice as much. */
const KEPT_BITS: i32 = 6;
const CUT_BITS: i32 = 14 - KEPT_BITS;

/** Combines `tapsY` rows of `count` pixels (rounded up to four) from `ptr` on into `rowPtr`, by the i16 weights of one phase. */
function combineRows(ptr: usize, count: i32, weights: usize): void {
  const stride = (<usize>sourceWidth) << 2;
  const end = rowPtr + ((<usize>count) << 3);
  for (let to = rowPtr; to < end; to += 32) {
    let row = ptr;
    let first = i32x4.splat(1 << (CUT_BITS - 1));
    let second = first;
    let third = first;
    let fourth = first;
    // Two rows at a time: their bytes side by side are what a dot product of pairs wants.
    for (let j = 0; j < tapsY; j += 2) {
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
function sumTwo(ptr: usize, weights: usize): v128 {
  const pair = v128.load(ptr);
  const mixed = i8x16.shuffle(pair, pair, 0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15);
  return i32x4.dot_i16x8_s(mixed, v128.load32_splat(weights));
}

/**
 * A run along a row of the source: one phase along y for all of it, so that rows are combined once and not for each pixel. From one CRS to
 * another whose parallels are level, such as Web Mercator to degrees, all runs are such. False when it is too long for the place of a row.
 */
function runLevelTaps(out: usize, count: i32, firstX: i32, stepX: i32, y: i32): bool {
  const lastX = firstX + (count - 1) * stepX;
  const left = (min(firstX, lastX) >> POSITION_BITS) + 1 - (tapsX >> 1);
  const span = (max(firstX, lastX) >> POSITION_BITS) + 1 - (tapsX >> 1) + (groupsX << 2) - left;
  if (span > MAX_SPAN) return false;
  const phase = (y & 0xffff) >> (POSITION_BITS - PHASE_BITS);
  combineRows(
    pixelPtr(left, (y >> POSITION_BITS) + 1 - (tapsY >> 1)),
    span,
    rowTable + ((<usize>(phase * groupsY)) << 3),
  );
  const end = out + ((<usize>count) << 2);
  let x = firstX;
  for (; out < end; out += 4) {
    let ptr = rowPtr + ((<usize>((x >> POSITION_BITS) + 1 - (tapsX >> 1) - left)) << 3);
    let weights = phaseX(x);
    let sum = i32x4.add(i32x4.splat(1 << (13 + KEPT_BITS)), sumTwo(ptr, weights));
    for (let i = 2; i < tapsX; i += 2) {
      ptr += 16;
      weights += 4;
      sum = i32x4.add(sum, sumTwo(ptr, weights));
    }
    v128.store32_lane(out, packBytes(i32x4.shr_s(sum, 14 + KEPT_BITS)), 0);
    x += stepX;
  }
  return true;
}

/** The window of taps, padded to groups of four, lies within the source with a margin for what fixed-point steps add up. */
function windowIsInside(u: f64, v: f64): bool {
  const reachX = <f64>((groupsX << 2) + 1);
  const reachY = <f64>((tapsY >> 1) + 1);
  return u >= reachX && v >= reachY && u <= <f64>sourceWidth - reachX && v <= <f64>sourceHeight - reachY;
}

/** Just before a border counts as beyond it (an error of rounding), but not beyond the edge. */
function storeNearest(out: usize, u: f64, v: f64): void {
  const x = min(<i32>Math.floor(u + 1e-10), sourceWidth - 1);
  const y = min(<i32>Math.floor(v + 1e-10), sourceHeight - 1);
  store<u32>(out, load<u32>(pixelPtr(x, y)));
}

function isInside(u: f64, v: f64): bool {
  // Written so that NaN is outside.
  return u >= 0 && v >= 0 && u < <f64>sourceWidth && v < <f64>sourceHeight;
}

const NEAREST: i32 = 0;
const BILINEAR: i32 = 1;

function storeAny(method: i32, out: usize, u: f64, v: f64): void {
  if (!isInside(u, v)) store<u32>(out, 0);
  else if (method === NEAREST) storeNearest(out, u, v);
  else if (method === BILINEAR) storeBilinear(out, toFixed(u - 0.5), toFixed(v - 0.5));
  else storeTaps(out, toFixed(u - 0.5), toFixed(v - 0.5));
}

/** A run of pixels whose four neighbours are all there: positions advance by a fixed step, no test of the edges for each pixel. */
function runInnerBilinear(out: usize, count: i32, u: f64, v: f64, stepU: f64, stepV: f64): void {
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
function neighboursAreThere(u: f64, v: f64): bool {
  return u >= 0.51 && v >= 0.51 && u <= <f64>sourceWidth - 1.51 && v <= <f64>sourceHeight - 1.51;
}

/** Pixels of one cell on one row. */
function warpRun(method: i32, out: usize, count: i32, u: f64, v: f64, stepU: f64, stepV: f64): void {
  const last = <f64>(count - 1);
  if (method === BILINEAR && neighboursAreThere(u, v) && neighboursAreThere(u + last * stepU, v + last * stepV)) {
    runInnerBilinear(out, count, u, v, stepU, stepV);
    return;
  }
  if (method > BILINEAR && sourceOpaque && windowIsInside(u, v) && windowIsInside(u + last * stepU, v + last * stepV)) {
    runInnerTaps(out, count, u, v, stepU, stepV);
    return;
  }
  for (let i = 0; i < count; i++) {
    storeAny(method, out, u + <f64>i * stepU, v + <f64>i * stepV);
    out += 4;
  }
}

/** Writes a block; `outStride` in bytes. Pixels without a place in the source become 0. */
export function warpBlock(
  method: i32,
  out: usize,
  outStride: usize,
  width: i32,
  height: i32,
  nodes: usize,
  nodeColumns: i32,
  step: i32,
): void {
  const nodeStride = (<usize>nodeColumns) << 4;
  const inverse = 1 / <f64>step;
  for (let y = 0; y < height; y++) {
    const row = nodes + <usize>(y / step) * nodeStride;
    const t = (<f64>(y % step) + 0.5) * inverse;
    let cell = row;
    for (let x = 0; x < width; x += step) {
      const leftU = load<f64>(cell) * (1 - t) + load<f64>(cell + nodeStride) * t;
      const leftV = load<f64>(cell, 8) * (1 - t) + load<f64>(cell + nodeStride, 8) * t;
      const stepU = (load<f64>(cell, 16) * (1 - t) + load<f64>(cell + nodeStride, 16) * t - leftU) * inverse;
      const stepV = (load<f64>(cell, 24) * (1 - t) + load<f64>(cell + nodeStride, 24) * t - leftV) * inverse;
      const count = min(step, width - x);
      warpRun(method, out + ((<usize>x) << 2), count, leftU + 0.5 * stepU, leftV + 0.5 * stepV, stepU, stepV);
      cell += 16;
    }
    out += outStride;
  }
}

/** Every pixel has a position of its own: `positions` holds f64 x, y for each, row by row. */
export function warpPositions(
  method: i32,
  out: usize,
  outStride: usize,
  width: i32,
  height: i32,
  positions: usize,
): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      storeAny(method, out + ((<usize>x) << 2), load<f64>(positions), load<f64>(positions, 8));
      positions += 16;
    }
    out += outStride;
  }
}

/** Smallest and greatest alpha of `count` pixels: smallest | greatest << 8. */
export function alphaRange(ptr: usize, count: i32): i32 {
  let least = i8x16.splat(-1);
  let most = i8x16.splat(0);
  const colours = i32x4.splat(0x00ffffff);
  const whole = count & ~3;
  for (let i = 0; i < whole; i += 4) {
    const pixels = v128.load(ptr + ((<usize>i) << 2));
    least = i8x16.min_u(least, v128.or(pixels, colours));
    most = i8x16.max_u(most, pixels);
  }
  let low: i32 = 255;
  let high: i32 = 0;
  for (let i = 0; i < 4; i++) {
    low = min(low, <i32>i32x4.extract_lane(i32x4.shr_u(least, 24), 0));
    high = max(high, <i32>i32x4.extract_lane(i32x4.shr_u(most, 24), 0));
    least = i8x16.shuffle(least, least, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3);
    most = i8x16.shuffle(most, most, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3);
  }
  for (let i = whole; i < count; i++) {
    const alpha = <i32>load<u8>(ptr + ((<usize>i) << 2), 3);
    low = min(low, alpha);
    high = max(high, alpha);
  }
  return low | (high << 8);
}

/** Copies a part of a decoded tile of 3 or 4 channels into an image of 4; 3 channels get alpha 255. Strides in bytes. */
export function placeTile(
  from: usize,
  fromStride: usize,
  channels: i32,
  width: i32,
  height: i32,
  to: usize,
  toStride: usize,
): void {
  const alpha = i32x4.splat(0xff000000);
  for (let y = 0; y < height; y++) {
    if (channels === 4) {
      memory.copy(to, from, (<usize>width) << 2);
    } else {
      let pixel = from;
      let x = 0;
      // 16 bytes are read, 12 count: whoever fills `from` leaves 16 bytes behind it.
      for (; x + 4 <= width; x += 4) {
        const p = v128.load(pixel);
        const spread = i8x16.shuffle(p, p, 0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0, 9, 10, 11, 0);
        v128.store(to + ((<usize>x) << 2), v128.or(spread, alpha));
        pixel += 12;
      }
      for (; x < width; x++) {
        store<u32>(to + ((<usize>x) << 2), (load<u32>(pixel) & 0x00ffffff) | 0xff000000);
        pixel += 3;
      }
    }
    from += fromStride;
    to += toStride;
  }
}

/** RGB of `count` RGBA pixels, over white where they are not opaque; writes up to 4 bytes more than 3 x count. */
export function dropAlpha(from: usize, count: i32, to: usize, opaque: i32): void {
  let i = 0;
  if (opaque) {
    for (; i + 4 <= count; i += 4) {
      const p = v128.load(from);
      v128.store(to, i8x16.shuffle(p, p, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 3, 3, 3));
      from += 16;
      to += 12;
    }
  }
  for (; i < count; i++) {
    const alpha = <u32>load<u8>(from, 3);
    for (let band: usize = 0; band < 3; band++) {
      const value = <u32>load<u8>(from + band);
      store<u8>(to + band, <u8>((value * alpha + 255 * (255 - alpha) + 127) / 255));
    }
    from += 4;
    to += 3;
  }
}

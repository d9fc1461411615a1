// Resampling by tables of taps (cubic, lanczos, average, and every filter that is widened), for assembly/warp.ts.
import {
  packBytes,
  pixelPtr,
  POSITION_BITS,
  sourceHeight,
  sourceOpaque,
  sourceWidth,
  storeRounded,
  storeWeighed,
  toFixed,
  weighPixel,
} from "./source_image";
import { storeBilinear } from "./bilinear";
import { combineRows, KEPT_BITS, MAX_SPAN, sumTwo } from "./level_rows";

/** Phases of a tap table: 1/1024 pixel apart. */
const PHASE_BITS: i32 = 10;

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

export function storeTaps(out: usize, exactX: i32, exactY: i32): void {
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
export function runInnerTaps(out: usize, count: i32, u: f64, v: f64, stepU: f64, stepV: f64): void {
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
    rowPtr,
    pixelPtr(left, (y >> POSITION_BITS) + 1 - (tapsY >> 1)),
    span,
    rowTable + ((<usize>(phase * groupsY)) << 3),
    tapsY,
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
export function windowIsInside(u: f64, v: f64): bool {
  const reachX = <f64>((groupsX << 2) + 1);
  const reachY = <f64>((tapsY >> 1) + 1);
  return u >= reachX && v >= reachY && u <= <f64>sourceWidth - reachX && v <= <f64>sourceHeight - reachY;
}

// PNG row filters (PNG specification, third edition, 9.2), chosen row by row, for `src/raster`. Built by scripts/build_wasm.ts.

/** |v| of a signed byte, summed over 16 lanes into `sum` (i16x8 pairs would overflow after 64 rows of 16: folded at once). */
function addAbsolutes(sum: v128, value: v128): v128 {
  const absolute = i8x16.abs(value);
  return i32x4.add(sum, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(absolute)));
}

function sumLanes(sum: v128): i32 {
  return (
    i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3)
  );
}

/** floor((a + b) / 2) of bytes; avgr rounds up. */
function floorAverage(a: v128, b: v128): v128 {
  return i8x16.sub(i8x16.avgr_u(a, b), v128.and(v128.xor(a, b), i8x16.splat(1)));
}

/** Eight Paeth predictors in 16-bit lanes. */
function paethHalf(a: v128, b: v128, c: v128): v128 {
  const pa = i16x8.abs(i16x8.sub(b, c));
  const pb = i16x8.abs(i16x8.sub(a, c));
  const pc = i16x8.abs(i16x8.sub(i16x8.add(a, b), i16x8.add(c, c)));
  const bOrC = v128.bitselect(b, c, i16x8.le_s(pb, pc));
  return v128.bitselect(a, bOrC, v128.and(i16x8.le_s(pa, pb), i16x8.le_s(pa, pc)));
}

function paeth(a: v128, b: v128, c: v128): v128 {
  const low = paethHalf(i16x8.extend_low_i8x16_u(a), i16x8.extend_low_i8x16_u(b), i16x8.extend_low_i8x16_u(c));
  const high = paethHalf(i16x8.extend_high_i8x16_u(a), i16x8.extend_high_i8x16_u(b), i16x8.extend_high_i8x16_u(c));
  return i8x16.narrow_i16x8_u(low, high);
}

/**
 * Filters one row four ways into `candidates` (4 rows of `padded` bytes: sub, up, average, paeth) and returns the one with the smallest
 * sum of absolute values (0..3). `row` and `above` have at least `pixelBytes` zero bytes before them and 16 readable bytes after.
 */
export function filterRow(
  row: usize,
  above: usize,
  candidates: usize,
  padded: i32,
  pixelBytes: i32,
  rowBytes: i32,
): i32 {
  let sub = i32x4.splat(0);
  let up = i32x4.splat(0);
  let average = i32x4.splat(0);
  let best = i32x4.splat(0);
  const left = <usize>pixelBytes;
  const lastMask = v128.load(<usize>maskPtr + 16 - <usize>(rowBytes & 15));
  for (let i = 0; i < rowBytes; i += 16) {
    const at = <usize>i;
    const x = v128.load(row + at);
    const a = v128.load(row + at - left);
    const b = v128.load(above + at);
    const c = v128.load(above + at - left);
    let s = i8x16.sub(x, a);
    let u = i8x16.sub(x, b);
    let v = i8x16.sub(x, floorAverage(a, b));
    let p = i8x16.sub(x, paeth(a, b, c));
    const out = candidates + at;
    v128.store(out, s);
    v128.store(out + <usize>padded, u);
    v128.store(out + <usize>(2 * padded), v);
    v128.store(out + <usize>(3 * padded), p);
    if (i + 16 > rowBytes) {
      s = v128.and(s, lastMask);
      u = v128.and(u, lastMask);
      v = v128.and(v, lastMask);
      p = v128.and(p, lastMask);
    }
    sub = addAbsolutes(sub, s);
    up = addAbsolutes(up, u);
    average = addAbsolutes(average, v);
    best = addAbsolutes(best, p);
  }
  let least = sumLanes(sub);
  let choice = 0;
  if (sumLanes(up) < least) {
    least = sumLanes(up);
    choice = 1;
  }
  if (sumLanes(average) < least) {
    least = sumLanes(average);
    choice = 2;
  }
  return sumLanes(best) < least ? 3 : choice;
}

let maskPtr: usize = 0;

/** Writes the 32 bytes (16 of 0xff, 16 of 0) that cut a row's last 16 bytes. */
export function setMask(ptr: usize): void {
  maskPtr = ptr;
  v128.store(ptr, i8x16.splat(-1));
  v128.store(ptr + 16, i8x16.splat(0));
}

/**
 * A whole image: `pixels` are RGBA rows, `out` receives for each row its filter type and the filtered bytes of 3 (`pixelBytes` 3: alpha is
 * dropped) or 4 channels. `work` needs 2 x (padded + 32) + 4 x padded bytes, padded = row bytes rounded up to 16, plus 16.
 * Returns the bytes written.
 */
export function filterImage(pixels: usize, width: i32, height: i32, pixelBytes: i32, out: usize, work: usize): i32 {
  const rowBytes = width * pixelBytes;
  const padded = ((rowBytes + 15) & ~15) + 16;
  let row = work + 16;
  let above = row + <usize>padded + 32;
  const candidates = above + <usize>padded + 16;
  memory.fill(work, 0, <usize>(2 * padded + 64));
  const start = out;
  for (let y = 0; y < height; y++) {
    copyRow(pixels, row, width, pixelBytes);
    const choice = filterRow(row, above, candidates, padded, pixelBytes, rowBytes);
    store<u8>(out, choice + 1);
    memory.copy(out + 1, candidates + <usize>(choice * padded), <usize>rowBytes);
    out += <usize>(rowBytes + 1);
    pixels += (<usize>width) << 2;
    const swap = row;
    row = above;
    above = swap;
  }
  return <i32>(out - start);
}

function copyRow(from: usize, to: usize, width: i32, pixelBytes: i32): void {
  if (pixelBytes === 4) {
    memory.copy(to, from, (<usize>width) << 2);
    return;
  }
  const whole = width & ~3;
  for (let x = 0; x < whole; x += 4) {
    const p = v128.load(from + ((<usize>x) << 2));
    // 16 bytes are written, 12 count: the next four pixels overwrite the rest, the row's padding takes the last.
    v128.store(to + <usize>(x * 3), i8x16.shuffle(p, p, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 3, 3, 3));
  }
  for (let x = whole; x < width; x++) {
    const pixel = load<u32>(from + ((<usize>x) << 2));
    store<u8>(to + <usize>(x * 3), <u8>pixel);
    store<u8>(to + <usize>(x * 3) + 1, <u8>(pixel >> 8));
    store<u8>(to + <usize>(x * 3) + 2, <u8>(pixel >> 16));
  }
}

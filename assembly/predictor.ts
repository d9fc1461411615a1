// Predictors of TIFF, 16 bytes at a time: src/raster/geotiff/predictor.ts says what they are. Rows lie behind each other from `ptr` on and are changed in
// place. A sum along a row goes on over 16 bytes by shifting and adding, and from there on by the last sum.

/** The lanes moved up by `bytes` (1, 2, 4 or 8), zeros below. */
function moveUp(x: v128, bytes: i32): v128 {
  const zero = i64x2.splat(0);
  if (bytes === 1) return i8x16.shuffle(zero, x, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
  if (bytes === 2) return i8x16.shuffle(zero, x, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
  if (bytes === 4) return i8x16.shuffle(zero, x, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27);
  return i8x16.shuffle(zero, x, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
}

/** The last `bytes` of the lanes, over and over. */
function repeatLast(x: v128, bytes: i32): v128 {
  if (bytes === 1) return i8x16.splat(i8x16.extract_lane_u(x, 15));
  if (bytes === 2) return i16x8.splat(i16x8.extract_lane_u(x, 7));
  if (bytes === 4) return i32x4.splat(i32x4.extract_lane(x, 3));
  return i64x2.splat(i64x2.extract_lane(x, 1));
}

function add(a: v128, b: v128, valueBytes: i32): v128 {
  if (valueBytes === 1) return i8x16.add(a, b);
  return valueBytes === 2 ? i16x8.add(a, b) : i32x4.add(a, b);
}

function subtract(a: v128, b: v128, valueBytes: i32): v128 {
  if (valueBytes === 1) return i8x16.sub(a, b);
  return valueBytes === 2 ? i16x8.sub(a, b) : i32x4.sub(a, b);
}

function loadValue(at: i32, valueBytes: i32): u32 {
  if (valueBytes === 1) return load<u8>(at);
  return valueBytes === 2 ? load<u16>(at) : load<u32>(at);
}

function storeValue(at: i32, value: u32, valueBytes: i32): void {
  if (valueBytes === 1) store<u8>(at, <u8>value);
  else if (valueBytes === 2) store<u16>(at, <u16>value);
  else store<u32>(at, value);
}

/** Sums along one row; from and to may be one. @param pixelBytes from a value to the next of its band */
function sumRow(from: i32, to: i32, rowBytes: i32, valueBytes: i32, pixelBytes: i32): void {
  let i = 0;
  if (pixelBytes === 1 || pixelBytes === 2 || pixelBytes === 4 || pixelBytes === 8) {
    let last = i64x2.splat(0);
    for (; i + 16 <= rowBytes; i += 16) {
      let x = v128.load(from + i);
      for (let step = pixelBytes; step < 16; step <<= 1) x = add(x, moveUp(x, step), valueBytes);
      x = add(x, last, valueBytes);
      v128.store(to + i, x);
      last = repeatLast(x, pixelBytes);
    }
  }
  for (; i < rowBytes; i += valueBytes) {
    const before = i < pixelBytes ? 0 : loadValue(to + i - pixelBytes, valueBytes);
    storeValue(to + i, loadValue(from + i, valueBytes) + before, valueBytes);
  }
}

/** Differences along one row, from its end: so that from and to may be one. */
function differRow(from: i32, to: i32, rowBytes: i32, valueBytes: i32, pixelBytes: i32): void {
  let end = rowBytes;
  for (; end - 16 >= pixelBytes; end -= 16) {
    const at = end - 16;
    v128.store(to + at, subtract(v128.load(from + at), v128.load(from + at - pixelBytes), valueBytes));
  }
  for (let i = end - valueBytes; i >= 0; i -= valueBytes) {
    const before = i < pixelBytes ? 0 : loadValue(from + i - pixelBytes, valueBytes);
    storeValue(to + i, loadValue(from + i, valueBytes) - before, valueBytes);
  }
}

export function undoDifferences(ptr: i32, rows: i32, rowBytes: i32, valueBytes: i32, pixelBytes: i32): void {
  for (let row = 0; row < rows; row++, ptr += rowBytes) sumRow(ptr, ptr, rowBytes, valueBytes, pixelBytes);
}

export function makeDifferences(ptr: i32, rows: i32, rowBytes: i32, valueBytes: i32, pixelBytes: i32): void {
  for (let row = 0; row < rows; row++, ptr += rowBytes) differRow(ptr, ptr, rowBytes, valueBytes, pixelBytes);
}

/** @param work room for one row @param bands in a pixel, whose bytes are each other's neighbours */
export function undoFloats(ptr: i32, work: i32, rows: i32, rowValues: i32, bands: i32): void {
  for (let row = 0; row < rows; row++, ptr += 4 * rowValues) {
    sumRow(ptr, work, 4 * rowValues, 1, bands);
    let i = 0;
    for (; i + 16 <= rowValues; i += 16) {
      const a = v128.load(work + 3 * rowValues + i);
      const b = v128.load(work + 2 * rowValues + i);
      const c = v128.load(work + rowValues + i);
      const d = v128.load(work + i);
      const abLow = i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const abHigh = i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      const cdLow = i8x16.shuffle(c, d, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const cdHigh = i8x16.shuffle(c, d, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      const to = ptr + 4 * i;
      v128.store(to, i16x8.shuffle(abLow, cdLow, 0, 8, 1, 9, 2, 10, 3, 11));
      v128.store(to, i16x8.shuffle(abLow, cdLow, 4, 12, 5, 13, 6, 14, 7, 15), 16);
      v128.store(to, i16x8.shuffle(abHigh, cdHigh, 0, 8, 1, 9, 2, 10, 3, 11), 32);
      v128.store(to, i16x8.shuffle(abHigh, cdHigh, 4, 12, 5, 13, 6, 14, 7, 15), 48);
    }
    for (; i < rowValues; i++)
      for (let b = 0; b < 4; b++) store<u8>(ptr + 4 * i + b, load<u8>(work + (3 - b) * rowValues + i));
  }
}

export function makeFloats(ptr: i32, work: i32, rows: i32, rowValues: i32, bands: i32): void {
  for (let row = 0; row < rows; row++, ptr += 4 * rowValues) {
    let i = 0;
    for (; i + 16 <= rowValues; i += 16) {
      const from = ptr + 4 * i;
      const x = v128.load(from);
      const y = v128.load(from, 16);
      const z = v128.load(from, 32);
      const w = v128.load(from, 48);
      storePlanes(x, y, z, w, work + i, rowValues);
    }
    for (; i < rowValues; i++)
      for (let b = 0; b < 4; b++) store<u8>(work + (3 - b) * rowValues + i, load<u8>(ptr + 4 * i + b));
    differRow(work, ptr, 4 * rowValues, 1, bands);
  }
}

/** 16 values of four bytes each to four planes, the highest bytes first. */
function storePlanes(x: v128, y: v128, z: v128, w: v128, to: i32, stride: i32): void {
  const lowXY = i8x16.shuffle(x, y, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
  const lowZW = i8x16.shuffle(z, w, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
  const highXY = i8x16.shuffle(x, y, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31);
  const highZW = i8x16.shuffle(z, w, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31);
  v128.store(to + 3 * stride, i64x2.shuffle(lowXY, lowZW, 0, 2));
  v128.store(to + 2 * stride, i64x2.shuffle(lowXY, lowZW, 1, 3));
  v128.store(to + stride, i64x2.shuffle(highXY, highZW, 0, 2));
  v128.store(to, i64x2.shuffle(highXY, highZW, 1, 3));
}

/** Pixels of several bands to one band behind the other, `count` of them. */
export function separate(from: i32, to: i32, count: i32, bands: i32, valueBytes: i32): void {
  if (bands === 4 && valueBytes === 2) separateFourWords(from, to, count);
  else if (valueBytes === 1) separateValues<u8>(from, to, count, bands);
  else if (valueBytes === 2) separateValues<u16>(from, to, count, bands);
  else separateValues<u32>(from, to, count, bands);
}

function separateValues<T>(from: i32, to: i32, count: i32, bands: i32): void {
  const pixelBytes = bands * <i32>sizeof<T>();
  for (let band = 0; band < bands; band++) {
    let at = from + band * <i32>sizeof<T>();
    for (let i = 0; i < count; i++, at += pixelBytes, to += <i32>sizeof<T>()) store<T>(to, load<T>(at));
  }
}

/** Two pixels of 16 bytes to a vector, eight at a time. */
function separateFourWords(from: i32, to: i32, count: i32): void {
  const bandBytes = 2 * count;
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    const at = from + 8 * i;
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    // Four pixels of two bands to a vector.
    const firstLow = i16x8.shuffle(a, b, 0, 4, 8, 12, 1, 5, 9, 13);
    const firstHigh = i16x8.shuffle(c, d, 0, 4, 8, 12, 1, 5, 9, 13);
    const lastLow = i16x8.shuffle(a, b, 2, 6, 10, 14, 3, 7, 11, 15);
    const lastHigh = i16x8.shuffle(c, d, 2, 6, 10, 14, 3, 7, 11, 15);
    const out = to + 2 * i;
    v128.store(out, i64x2.shuffle(firstLow, firstHigh, 0, 2));
    v128.store(out + bandBytes, i64x2.shuffle(firstLow, firstHigh, 1, 3));
    v128.store(out + 2 * bandBytes, i64x2.shuffle(lastLow, lastHigh, 0, 2));
    v128.store(out + 3 * bandBytes, i64x2.shuffle(lastLow, lastHigh, 1, 3));
  }
  for (; i < count; i++)
    for (let band = 0; band < 4; band++) store<u16>(to + band * bandBytes + 2 * i, load<u16>(from + 8 * i + 2 * band));
}

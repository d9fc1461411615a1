// Pixels as values: f32, and NaN where a pixel is the one that is no data. Four at a time.

const FLOAT32: i32 = 0;
const INT16: i32 = 1;
const UINT16: i32 = 2;

/**
 * @param type 0 float32, 1 int16, 2 uint16, 3 uint8
 * @param marked the pixel that is no data; NaN where none is
 * @param to 4 bytes a pixel; of float32 it may be `from`
 */
export function toValues(from: i32, count: i32, type: i32, marked: f32, to: i32): void {
  const marks = f32x4.splat(marked);
  const nothing = f32x4.splat(NaN);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x = type === FLOAT32 ? v128.load(from + 4 * i) : f32x4.convert_i32x4_s(loadFour(from, i, type));
    v128.store(to + 4 * i, v128.bitselect(nothing, x, f32x4.eq(x, marks)));
  }
  for (; i < count; i++) {
    const x = type === FLOAT32 ? load<f32>(from + 4 * i) : <f32>loadOne(from, i, type);
    store<f32>(to + 4 * i, x === marked ? NaN : x);
  }
}

function loadFour(from: i32, i: i32, type: i32): v128 {
  if (type === INT16) return v128.load16x4_s(from + 2 * i);
  if (type === UINT16) return v128.load16x4_u(from + 2 * i);
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(from + i)));
}

function loadOne(from: i32, i: i32, type: i32): i32 {
  if (type === INT16) return load<i16>(from + 2 * i);
  return type === UINT16 ? load<u16>(from + 2 * i) : load<u8>(from + i);
}

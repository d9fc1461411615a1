// Parts of SQLite's file format (sqlite.org/fileformat2.html): numbers of variable length (clause 1.6), serial types (clause 2.1).

export const NULL: i32 = 0;
export const FLOAT: i32 = 7;
const ZERO: i32 = 8;
const ONE: i32 = 9;

const MAX_SAFE: f64 = 9_007_199_254_740_991;

/** Bytes of a whole number as a varint: seven bits in each. */
export function varintSize(value: i32): i32 {
  let size = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) size += 1;
  return size;
}

/** @returns where it ends */
export function putVarint(to: i32, value: i32): i32 {
  if (value < 128) {
    store<u8>(to, value);
    return to + 1;
  }
  const end = to + varintSize(value);
  let rest = value;
  for (let at = end - 1; at >= to; at--) {
    store<u8>(at, (rest & 0x7f) | (at === end - 1 ? 0 : 0x80));
    rest >>>= 7;
  }
  return end;
}

export function textSerial(sizeBytes: i32): i32 {
  return 2 * sizeBytes + 13;
}

/** The smallest serial type that holds a number, which need not be whole. */
export function integerSerial(value: f64): i32 {
  if (trunc(value) !== value || abs(value) > MAX_SAFE) return FLOAT;
  if (value === 0) return ZERO;
  if (value === 1) return ONE;
  const size = value < 0 ? -value - 1 : value;
  if (size < 0x80) return 1;
  if (size < 0x8000) return 2;
  if (size < 0x80_0000) return 3;
  if (size < 0x8000_0000) return 4;
  return size < 0x8000_0000_0000 ? 5 : 6;
}

/** Bytes of a value of that serial type. */
export function contentSize(serial: i32): i32 {
  if (serial >= 12) return (serial - 12) >>> 1;
  if (serial <= 4) return serial;
  if (serial === 5) return 6;
  return serial === 6 || serial === FLOAT ? 8 : 0;
}

/** Of a serial type for numbers; the highest byte first. @returns where it ends */
export function putNumber(to: i32, serial: i32, value: f64): i32 {
  const size = contentSize(serial);
  const bits = serial === FLOAT ? reinterpret<i64>(value) : (<i64>value) << (64 - 8 * size);
  // What is written beyond the number comes before what follows it.
  if (size > 0) store<i64>(to, bswap<i64>(bits));
  return to + size;
}

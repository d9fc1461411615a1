// Numbers as JSON writes them: those that are whole, or have seven digits behind the point at the most, as OpenStreetMap's have. Of these the shortest form that
// reads back as the same double is the decimal number itself.

const SCALE: f64 = 10_000_000;
const DECIMALS: i32 = 7;
const MAX_SAFE: f64 = 9_007_199_254_740_991;
/** What is smaller is written with an exponent. */
const LEAST: f64 = 0.000001;

const ZERO: i32 = 0x30;
const MINUS: u8 = 0x2d;
const POINT: u8 = 0x2e;

/** Bytes of a number at the most: sign, nine digits, point, seven digits; or sixteen digits. */
export const NUMBER_BYTES: i32 = 20;

export function isDecimal(value: f64): bool {
  const size = abs(value);
  if (size < LEAST) return size === 0;
  return size <= MAX_SAFE && (trunc(value) === value || isInUnits(value));
}

/** Whether a position's number is one of at most seven decimals. */
export function isInUnits(value: f64): bool {
  const units = floor(value * SCALE + 0.5);
  return units / SCALE === value && abs(units) <= MAX_SAFE;
}

/** One for which `isDecimal` or `isInUnits` holds. @returns where it ends */
export function putNumber(to: i32, value: f64): i32 {
  let at = to;
  if (value < 0) store<u8>(at++, MINUS);
  const size = abs(value);
  const whole = <u64>size;
  if (<f64>whole === size) return putDigits(at, whole, digitsOf(whole));
  const units = <u64>floor(size * SCALE + 0.5);
  const before = units / 10_000_000;
  let rest = <u32>(units - before * 10_000_000);
  at = putDigits(at, before, digitsOf(before));
  let decimals = DECIMALS;
  for (; rest % 10 === 0; rest /= 10) decimals -= 1;
  store<u8>(at, POINT);
  return putDigits(at + 1, rest, decimals);
}

function digitsOf(value: u64): i32 {
  let digits = 1;
  for (let limit: u64 = 10; value >= limit; limit *= 10) digits += 1;
  return digits;
}

function putDigits(to: i32, value: u64, count: i32): i32 {
  let rest = value;
  for (let at = to + count - 1; at >= to; at--) {
    const tens = rest / 10;
    store<u8>(at, ZERO + <i32>(rest - tens * 10));
    rest = tens;
  }
  return to + count;
}

// Signs and numbers of JSON; behind the input stands a byte 0, which is none of them.
import { CLOSE_BRACE, CLOSE_BRACKET, COMMA, MINUS, POINT, ZERO } from "./json_columns";

/** Digits behind the point of a degree: more than OpenStreetMap keeps are rounded the long way. */
const UNIT_DIGITS: i32 = 7;
const MAX_SAFE: f64 = 9_007_199_254_740_991;

/** The next byte. */
export let at: i32 = 0;

export function beginAt(address: i32): void {
  at = address;
}

function isBlank(byte: i32): bool {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function skipBlanks(): void {
  while (isBlank(load<u8>(at))) at += 1;
}

/** Behind blanks and that byte, if it comes next. */
export function pass(byte: i32): bool {
  skipBlanks();
  if (<i32>load<u8>(at) !== byte) return false;
  at += 1;
  return true;
}

/** NaN for what is none, or is not whole. */
export function readInteger(): f64 {
  const isNegative = pass(MINUS);
  const value = readDigits(isNegative);
  const next = <i32>load<u8>(at);
  if (!(value <= MAX_SAFE) || next === POINT || !endsNumber(next)) return NaN;
  return isNegative ? -value : value;
}

/** Degrees as units; NaN for what is no number, or is not whole. */
export function readUnits(): f64 {
  const isNegative = pass(MINUS);
  let value = readDigits(isNegative);
  let digits = 0;
  if (<i32>load<u8>(at) === POINT) {
    at += 1;
    for (; digits < UNIT_DIGITS; digits++) {
      const digit = <i32>load<u8>(at) - ZERO;
      if (<u32>digit > 9) break;
      value = value * 10 + <f64>digit;
      at += 1;
    }
    if (digits === 0) return NaN;
  }
  if (!endsNumber(<i32>load<u8>(at))) return NaN;
  for (; digits < UNIT_DIGITS; digits++) value *= 10;
  return isNegative ? -value : value;
}

/** @param isSigned nothing may stand between the sign and the digits */
function readDigits(isSigned: bool): f64 {
  if (!isSigned) skipBlanks();
  const from = at;
  let value: f64 = 0;
  for (;;) {
    const digit = <i32>load<u8>(at) - ZERO;
    if (<u32>digit > 9) break;
    value = value * 10 + <f64>digit;
    at += 1;
  }
  // Without digits, or with a zero in front.
  if (at === from || (<i32>load<u8>(from) === ZERO && at - from > 1)) return NaN;
  return value;
}

/** What may stand behind a number; its end is none, for it may go on in the next piece. */
function endsNumber(byte: i32): bool {
  return byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || isBlank(byte);
}

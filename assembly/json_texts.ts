// Texts of JSON without escapes, each of which gets a number.
import { BACKSLASH, MAX_ELEMENT_TAGS, MAX_TEXTS, QUOTE, SLOT_COUNT, SLOTS, TEXT_COUNT, TEXTS } from "./json_columns";
import { at, beginAt, pass } from "./json_scan";

// Of the text that was passed last.
export let textFrom: i32 = 0;
let textTo: i32 = 0;
let hash: i32 = 0;
let count: i32 = 0;

/**
 * Texts are numbered from 0 again when that is wanted or there may not be enough numbers for an element.
 * @returns the next number
 */
export function forgetTexts(isWanted: bool): i32 {
  if (isWanted || count > MAX_TEXTS - 2 * MAX_ELEMENT_TAGS) {
    memory.fill(SLOTS, 0, 4 * SLOT_COUNT);
    count = 0;
    store<i32>(TEXT_COUNT, 0);
  }
  return count;
}

/** A text without escapes, with a hash of its bytes (FNV-1a). */
export function passText(): bool {
  if (!pass(QUOTE)) return false;
  let end = at;
  let sum: i32 = -2_128_831_035;
  textFrom = end;
  for (;;) {
    const byte = <i32>load<u8>(end);
    if (byte === QUOTE) break;
    if (byte === BACKSLASH || byte < 0x20) return false;
    sum = (sum ^ byte) * 16_777_619;
    end += 1;
  }
  textTo = end;
  hash = sum ^ (sum >>> 15);
  beginAt(end + 1);
  return true;
}

export function textLength(): i32 {
  return textTo - textFrom;
}

/** Whether the text begins with up to four ASCII characters. @param word of them the first as its lowest byte */
export function isText(word: i32, length: i32): bool {
  const shift = 32 - 8 * length;
  return load<i32>(textFrom) << shift === word << shift;
}

/** @returns the number of the text; -1 when there are too many */
export function intern(): i32 {
  const length = textTo - textFrom;
  let slot = hash & (SLOT_COUNT - 1);
  let number = numberIn(slot);
  while (number >= 0) {
    const text = TEXTS + 12 * number;
    if (load<i32>(text + 8) === hash && load<i32>(text + 4) === length && isSame(load<i32>(text), textFrom, length))
      return number;
    slot = (slot + 1) & (SLOT_COUNT - 1);
    number = numberIn(slot);
  }
  return add(slot, length);
}

function numberIn(slot: i32): i32 {
  return load<i32>(SLOTS + 4 * slot) - 1;
}

function add(slot: i32, length: i32): i32 {
  if (count === MAX_TEXTS) return -1;
  const text = TEXTS + 12 * count;
  store<i32>(text, textFrom);
  store<i32>(text + 4, length);
  store<i32>(text + 8, hash);
  count += 1;
  store<i32>(SLOTS + 4 * slot, count);
  store<i32>(TEXT_COUNT, count);
  return count - 1;
}

function isSame(a: i32, b: i32, length: i32): bool {
  for (let i = 0; i < length; i++) if (load<u8>(a + i) !== load<u8>(b + i)) return false;
  return true;
}

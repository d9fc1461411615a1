// Texts of a batch of features, as they are and as JSON (RFC 8259), out of one run of UTF-8 bytes in which a quote stands before, between and behind them.

/** Bytes up to which copies may go beyond the end of what they copy. */
export const SLACK: i32 = 32;

/** Of each text: address and bytes as it is, address and bytes as a string of JSON; 32 bits each. */
export let TEXTS: i32 = 0;

const QUOTE: i32 = 0x22;
const BACKSLASH: i32 = 0x5c;
const HEX = memory.data<u8>([48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 97, 98, 99, 100, 101, 102]);
/** Letters of the control characters that have one, 8 to 13: b, t, n, none, f, r. */
const LETTERS = memory.data<u8>([98, 116, 110, 0, 102, 114]);

/**
 * Finds the texts, and puts those that JSON writes otherwise behind the run.
 * @param units of each text its length in UTF-16, 32 bits
 * @param table where `TEXTS` goes
 * @param from the first quote @param end behind the last one; six times as many bytes are free from there on
 * @param escapesLineEnds also those that are none in JSON: U+0085, U+2028 and U+2029
 * @returns behind all of them
 */
export function findTexts(count: i32, units: i32, table: i32, from: i32, end: i32, escapesLineEnds: bool): i32 {
  TEXTS = table;
  let at = from + 1;
  let free = end;
  for (let i = 0; i < count; i++) {
    const start = at;
    let isPlain = true;
    for (let left = load<u32>(units + 4 * i); left > 0;) {
      const byte = <i32>load<u8>(at);
      if (byte < 0x80) {
        if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH) isPlain = false;
        at += 1;
        left -= 1;
      } else if (byte < 0xf0) {
        if (escapesLineEnds && lineEndAt(at) !== 0) isPlain = false;
        at += byte < 0xe0 ? 2 : 3;
        left -= 1;
      } else {
        at += 4;
        left -= 2;
      }
    }
    const text = table + 16 * i;
    store<i32>(text, start);
    store<i32>(text + 4, at - start);
    if (isPlain) {
      store<i32>(text + 8, start - 1);
      store<i32>(text + 12, at - start + 2);
    } else {
      store<i32>(text + 8, free);
      const escaped = escape(start, at, free, escapesLineEnds);
      store<i32>(text + 12, escaped - free);
      free = escaped;
    }
    // The quote between.
    at += 1;
  }
  return free;
}

/** Last two digits of the number of a line end that JSON does not escape (U+0085, U+2028, U+2029); else 0. */
function lineEndAt(at: i32): i32 {
  const first = load<u16>(at);
  if (first === 0x85c2) return 0x85;
  if (first !== 0x80e2) return 0;
  const last = <i32>load<u8>(at + 2);
  return last === 0xa8 ? 0x28 : last === 0xa9 ? 0x29 : 0;
}

/** As `JSON.stringify` does it. @returns where it ends */
function escape(from: i32, end: i32, out: i32, escapesLineEnds: bool): i32 {
  let to = out;
  store<u8>(to++, QUOTE);
  for (let at = from; at < end; at++) {
    const byte = <i32>load<u8>(at);
    const lineEnd = escapesLineEnds && byte >= 0x80 ? lineEndAt(at) : 0;
    if (lineEnd !== 0) {
      to = putCode(to, lineEnd === 0x85 ? 0 : 0x20, lineEnd);
      at += lineEnd === 0x85 ? 1 : 2;
    } else if (byte === QUOTE || byte === BACKSLASH) to = putPair(to, byte);
    else if (byte < 0x20) to = putControl(to, byte);
    else store<u8>(to++, byte);
  }
  store<u8>(to, QUOTE);
  return to + 1;
}

function putControl(to: i32, byte: i32): i32 {
  const letter = byte >= 8 && byte <= 13 ? <i32>load<u8>(<i32>LETTERS + byte - 8) : 0;
  return letter === 0 ? putCode(to, 0, byte) : putPair(to, letter);
}

function putPair(to: i32, byte: i32): i32 {
  store<u8>(to, BACKSLASH);
  store<u8>(to + 1, byte);
  return to + 2;
}

/** `\u` and four digits. */
function putCode(to: i32, high: i32, low: i32): i32 {
  putPair(to, 0x75);
  putHex(to + 2, high);
  putHex(to + 4, low);
  return to + 6;
}

function putHex(to: i32, byte: i32): void {
  store<u8>(to, load<u8>(<i32>HEX + (byte >> 4)));
  store<u8>(to + 1, load<u8>(<i32>HEX + (byte & 15)));
}

export function plainSize(text: i32): i32 {
  return load<i32>(TEXTS + 16 * text + 4);
}

export function jsonSize(text: i32): i32 {
  return load<i32>(TEXTS + 16 * text + 12);
}

/** @returns where it ends; up to `SLACK` bytes behind are written over */
export function putPlain(to: i32, text: i32): i32 {
  return copyShort(to, load<i32>(TEXTS + 16 * text), plainSize(text));
}

export function putJson(to: i32, text: i32): i32 {
  return copyShort(to, load<i32>(TEXTS + 16 * text + 8), jsonSize(text));
}

/** Sixteen bytes at a time: nearly all texts are shorter, and `memory.copy` is a call for each. */
export function copyShort(to: i32, from: i32, size: i32): i32 {
  for (let i = 0; i < size; i += 16) v128.store(to + i, v128.load(from + i));
  return to + size;
}

// Tables of Huffman codes (RFC 1951, section 3.2). An entry: in its low byte the bits that it takes, extra bits included; in the next one those of the code alone; in the
// upper half a literal, the least length or distance, or where a table for longer codes begins.

export const LITERAL: u32 = 0x80000000;
/** None of literal, length and distance: one of those below, or a code that does not exist. */
export const SPECIAL: u32 = 0x8000;
/** Longer codes: their table has as many bits as the second byte says. */
export const SUBTABLE: u32 = 0x4000;
export const END: u32 = 0x2000;

// What codes stand for.
export const LITLEN: i32 = 0;
export const DISTANCE: i32 = 1;
export const PRECODE: i32 = 2;

export const LITLEN_BITS: u32 = 11;
export const DISTANCE_BITS: u32 = 8;
export const PRECODE_BITS: u32 = 7;

const MAX_LENGTH: u32 = 15;
// Where things lie from `work` on: how many codes have a length, where the next one of it goes, symbols by their length.
const COUNTS: usize = 0;
const PLACES: usize = 64;
const SORTED: usize = 128;

/**
 * @param lengths of the codes of `count` symbols, a byte each
 * @param work 768 bytes
 * @returns false for codes that are too many, or too few (but none at all, and one alone, are enough)
 */
export function buildTable(kind: i32, lengths: usize, count: u32, tableBits: u32, table: usize, work: usize): bool {
  const longest = sortSymbols(lengths, count, work);
  const spare = spareCodes(work);
  const codes = load<u32>(work + PLACES + ((<usize>MAX_LENGTH) << 2));
  if (spare < 0 || (spare > 0 && (kind === PRECODE || codes > 1 || longest > 1))) return false;
  if (spare > 0) for (let i: usize = 0; i < 1 << tableBits; i++) store<u32>(table + (i << 2), SPECIAL | 0x0101);
  fillTable(kind, codes, longest, lengths, tableBits, table, work);
  return true;
}

/** @returns the greatest length */
function sortSymbols(lengths: usize, count: u32, work: usize): u32 {
  memory.fill(work + COUNTS, 0, 64);
  for (let i: u32 = 0; i < count; i++) {
    const at = work + COUNTS + ((<usize>load<u8>(lengths + i)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  store<u32>(work + COUNTS, 0);
  let longest: u32 = 0;
  let place: u32 = 0;
  for (let length: u32 = 0; length <= MAX_LENGTH; length++) {
    const codes = load<u32>(work + COUNTS + ((<usize>length) << 2));
    store<u32>(work + PLACES + ((<usize>length) << 2), place);
    if (codes > 0) longest = length;
    place += codes;
  }
  for (let i: u32 = 0; i < count; i++) {
    const length = load<u8>(lengths + i);
    if (length === 0) continue;
    const at = work + PLACES + ((<usize>length) << 2);
    const to = load<u32>(at);
    store<u16>(work + SORTED + ((<usize>to) << 1), <u16>i);
    store<u32>(at, to + 1);
  }
  return longest;
}

/** Codes of the greatest length that nothing uses; less than 0 when there are too many. */
function spareCodes(work: usize): i32 {
  let spare: i32 = 1;
  for (let length: usize = 1; length <= MAX_LENGTH; length++) {
    spare = (spare << 1) - load<u32>(work + COUNTS + (length << 2));
    if (spare < 0) return spare;
  }
  return spare;
}

/** Codes in their order, their bits from the other end: as they are read. */
function fillTable(
  kind: i32,
  codes: u32,
  longest: u32,
  lengths: usize,
  tableBits: u32,
  table: usize,
  work: usize,
): void {
  const size: u32 = 1 << tableBits;
  let code: u32 = 0;
  let prefix: u32 = 0xffffffff;
  let inner: u32 = 0;
  let innerBits: u32 = 0;
  let free = size;
  for (let i: u32 = 0; i < codes; i++) {
    const symbol: u32 = load<u16>(work + SORTED + ((<usize>i) << 1));
    const length: u32 = load<u8>(lengths + symbol);
    if (length <= tableBits) {
      fillEvery(table, code, size, length, entryOf(kind, symbol) + length * 0x0101);
    } else {
      if ((code & (size - 1)) !== prefix) {
        prefix = code & (size - 1);
        innerBits = bitsOfSubtable(length, longest, tableBits, work);
        inner = free;
        free += 1 << innerBits;
        store<u32>(table + ((<usize>prefix) << 2), (inner << 16) | SPECIAL | SUBTABLE | (innerBits << 8) | tableBits);
      }
      const rest = length - tableBits;
      fillEvery(
        table + ((<usize>inner) << 2),
        code >> tableBits,
        1 << innerBits,
        rest,
        entryOf(kind, symbol) + rest * 0x0101,
      );
    }
    const at = work + COUNTS + ((<usize>length) << 2);
    store<u32>(at, load<u32>(at) - 1);
    code = nextCode(code, length);
  }
}

function fillEvery(table: usize, first: u32, size: u32, bits: u32, entry: u32): void {
  for (let i = first; i < size; i += 1 << bits) store<u32>(table + ((<usize>i) << 2), entry);
}

function nextCode(code: u32, length: u32): u32 {
  let bit: u32 = 1 << (length - 1);
  while ((code & bit) !== 0) bit >>= 1;
  return bit === 0 ? 0 : (code & (bit - 1)) + bit;
}

/** As many as the codes that begin alike need: counts are of those that are still to come. */
function bitsOfSubtable(length: u32, longest: u32, tableBits: u32, work: usize): u32 {
  let bits = length - tableBits;
  let room: i32 = 1 << bits;
  while (bits + tableBits < longest) {
    room -= load<u32>(work + COUNTS + ((<usize>(bits + tableBits)) << 2));
    if (room <= 0) break;
    bits++;
    room <<= 1;
  }
  return bits;
}

function entryOf(kind: i32, symbol: u32): u32 {
  if (kind === PRECODE) return symbol << 16;
  if (kind === DISTANCE) return distanceEntry(symbol);
  if (symbol < 256) return LITERAL | (symbol << 16);
  return symbol === 256 ? SPECIAL | END : lengthEntry(symbol - 257);
}

function lengthEntry(index: u32): u32 {
  if (index > 28) return SPECIAL;
  if (index === 28) return 258 << 16;
  if (index < 8) return (3 + index) << 16;
  const extra = (index >> 2) - 1;
  return ((3 + ((4 + (index & 3)) << extra)) << 16) | extra;
}

function distanceEntry(index: u32): u32 {
  if (index > 29) return SPECIAL;
  if (index < 4) return (1 + index) << 16;
  const extra = (index >> 1) - 1;
  return ((1 + ((2 + (index & 1)) << extra)) << 16) | extra;
}

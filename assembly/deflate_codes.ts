// Huffman codes of limited length (RFC 1951, section 3.2.2): made in place, by the two queues of Moffat and Katajainen, as libdeflate does.
import { countAt, SORTING } from "./deflate_work";

// In a node's upper 23 bits lies first how often it comes, then its parent, then its depth; in the lower ones the symbol that is its place's.
const SYMBOL_BITS: u32 = 9;
const SYMBOL_MASK: u32 = 511;
const MAX_LENGTH: u32 = 15;

/**
 * @param counts how often each of `count` symbols comes, u32; all together less than 2^22
 * @param limit of bits
 * @param lengths a byte each, 0 for what never comes
 * @param codes their bits from the other end, as they are written, and in the highest byte how many
 */
export function makeCodes(counts: usize, count: u32, limit: u32, lengths: usize, codes: usize, work: usize): void {
  const nodes = work + SORTING;
  memory.fill(lengths, 0, count);
  let used: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const times = load<u32>(countAt(counts, i));
    if (times !== 0) store<u32>(countAt(nodes, used++), (times << SYMBOL_BITS) | i);
  }
  // Two at least: some readers refuse a code of one.
  for (let i: u32 = 0; used < 2; i++) if (load<u32>(countAt(counts, i)) === 0) store<u32>(countAt(nodes, used++), i);
  sort(nodes, used);
  joinNodes(nodes, used);
  const places = countAt(nodes, used);
  countLengths(nodes, used, limit, places);
  let next: u32 = 0;
  for (let length = limit; length > 0; length--)
    for (let left = load<u32>(countAt(places, length)); left > 0; left--)
      store<u8>(lengths + (load<u32>(countAt(nodes, next++)) & SYMBOL_MASK), <u8>length);
  numberCodes(lengths, count, codes, work);
}

/** Shell's: 286 numbers in 5 µs. */
function sort(nodes: usize, count: u32): void {
  for (let gap: u32 = 57; gap > 0; gap = gap === 57 ? 23 : gap === 23 ? 10 : gap === 10 ? 4 : gap >> 2)
    for (let i = gap; i < count; i++) {
      const value = load<u32>(countAt(nodes, i));
      let j = i;
      for (; j >= gap && load<u32>(countAt(nodes, j - gap)) > value; j -= gap)
        store<u32>(countAt(nodes, j), load<u32>(countAt(nodes, j - gap)));
      store<u32>(countAt(nodes, j), value);
    }
}

/** The two rarest become one, until one is left: the root, at `count - 2`. */
function joinNodes(nodes: usize, count: u32): void {
  let leaf: u32 = 0;
  let inner: u32 = 0;
  for (let next: u32 = 0; next < count - 1; next++) {
    let sum: u32 = 0;
    for (let side = 0; side < 2; side++) {
      const isLeaf =
        leaf < count &&
        (inner >= next ||
          load<u32>(countAt(nodes, leaf)) >> SYMBOL_BITS <= load<u32>(countAt(nodes, inner)) >> SYMBOL_BITS);
      if (isLeaf) sum += load<u32>(countAt(nodes, leaf++)) >> SYMBOL_BITS;
      else {
        const node = load<u32>(countAt(nodes, inner));
        sum += node >> SYMBOL_BITS;
        store<u32>(countAt(nodes, inner++), (next << SYMBOL_BITS) | (node & SYMBOL_MASK));
      }
    }
    store<u32>(countAt(nodes, next), (sum << SYMBOL_BITS) | (load<u32>(countAt(nodes, next)) & SYMBOL_MASK));
  }
}

/** How many leaves are so deep. Where a node is as deep as the limit, its two hang under a shorter leaf instead. */
function countLengths(nodes: usize, count: u32, limit: u32, places: usize): void {
  memory.fill(places, 0, 64);
  store<u32>(countAt(places, 1), 2);
  const root = countAt(nodes, count - 2);
  store<u32>(root, load<u32>(root) & SYMBOL_MASK);
  for (let i: i32 = <i32>count - 3; i >= 0; i--) {
    const node = load<u32>(countAt(nodes, i));
    const depth = (load<u32>(countAt(nodes, node >> SYMBOL_BITS)) >> SYMBOL_BITS) + 1;
    store<u32>(countAt(nodes, i), (depth << SYMBOL_BITS) | (node & SYMBOL_MASK));
    let from = depth;
    if (depth >= limit) for (from = limit - 1; load<u32>(countAt(places, from)) === 0;) from--;
    store<u32>(countAt(places, from), load<u32>(countAt(places, from)) - 1);
    store<u32>(countAt(places, from + 1), load<u32>(countAt(places, from + 1)) + 2);
  }
}

/** Codes of symbols whose lengths are known. */
export function numberCodes(lengths: usize, count: u32, codes: usize, work: usize): void {
  const places = work + SORTING;
  memory.fill(places, 0, 64);
  for (let i: usize = 0; i < count; i++) {
    const place = countAt(places, load<u8>(lengths + i));
    store<u32>(place, load<u32>(place) + 1);
  }
  let code: u32 = 0;
  for (let length: u32 = 1, before: u32 = 0; length <= MAX_LENGTH; length++) {
    code = (code + before) << 1;
    before = load<u32>(countAt(places, length));
    store<u32>(countAt(places, length), code);
  }
  for (let i: u32 = 0; i < count; i++) {
    const length: u32 = load<u8>(lengths + i);
    const place = countAt(places, length);
    const value = load<u32>(place);
    store<u32>(place, value + 1);
    store<u32>(countAt(codes, i), length === 0 ? 0 : (length << 24) | turn(value, length));
  }
}

/** The last bit first. */
function turn(code: u32, length: u32): u32 {
  code = ((code & 0x5555) << 1) | ((code >> 1) & 0x5555);
  code = ((code & 0x3333) << 2) | ((code >> 2) & 0x3333);
  code = ((code & 0x0f0f) << 4) | ((code >> 4) & 0x0f0f);
  return (((code & 0xff) << 8) | (code >> 8)) >> (16 - length);
}

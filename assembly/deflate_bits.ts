// Blocks of Deflate as bits (RFC 1951, section 3.2). Up to 8 bytes are written beyond the end.
import { distanceExtraBits, distanceIndex, lengthExtraBits, lengthIndex } from "./deflate_symbols";
import { CODES, countAt, DISTANCE_AT, LENGTH_CODES } from "./deflate_work";

// Bits that are no whole byte yet, and where that byte goes: held here between blocks.
let bits: u64 = 0;
let held: u32 = 0;
let next: usize = 0;

export function startBits(to: usize): void {
  bits = 0;
  held = 0;
  next = to;
}

/** @param count up to 32 */
export function putBits(value: u32, count: u32): void {
  bits |= (<u64>value) << (<u64>held);
  held += count;
  store<u64>(next, bits);
  next += held >> 3;
  bits >>= <u64>(held & ~7);
  held &= 7;
}

/** @param entry a code, and in its highest byte how many bits it has */
export function putCode(entry: u32): void {
  putBits(entry & 0xffffff, entry >> 24);
}

/** Zeros up to a whole byte. @returns where the next one goes */
export function endBits(): usize {
  if (held > 0) putBits(0, 8 - held);
  return next;
}

/** Where the byte goes that is not yet full. */
export function bitsPlace(): usize {
  return next;
}

/** After `endBits`. */
export function putBytes(from: usize, sizeBytes: u32): void {
  memory.copy(next, from, sizeBytes);
  next += sizeBytes;
}

/** Codes of 3 to 258 with the bits that follow them: no more than 14 + 5. */
export function fillLengthCodes(work: usize): void {
  for (let length: u32 = 3; length <= 258; length++) {
    const index = lengthIndex(length);
    const extra = lengthExtraBits(index);
    const entry = load<u32>(countAt(work + CODES, 257 + index));
    const following = ((length - 3) & ((1 << extra) - 1)) << (entry >> 24);
    store<u32>(countAt(work + LENGTH_CODES, length), entry + (extra << 24) + following);
  }
}

/** Up to four literals, whose codes have 14 bits at most: with 7 bits that are left over, and a length or not, they go in one. The state of the writer lies in locals, which are registers. */
export function putSequences(first: usize, last: usize, from: usize, work: usize): void {
  const codes = work + CODES;
  let buffer = bits;
  let left = held;
  let out = next;
  for (; first < last; first += 8) {
    let run = load<u32>(first);
    for (; run >= 4; run -= 4, from += 4) {
      const a = load<u32>(countAt(codes, load<u8>(from)));
      const b = load<u32>(countAt(codes, load<u8>(from, 1)));
      const c = load<u32>(countAt(codes, load<u8>(from, 2)));
      const d = load<u32>(countAt(codes, load<u8>(from, 3)));
      const two = (a & 0xffffff) | ((b & 0xffffff) << (a >> 24));
      const more = (c & 0xffffff) | ((d & 0xffffff) << (c >> 24));
      const twoBits = (a >> 24) + (b >> 24);
      buffer |= (<u64>two | ((<u64>more) << (<u64>twoBits))) << (<u64>left);
      left += twoBits + (c >> 24) + (d >> 24);
      store<u64>(out, buffer);
      out += left >> 3;
      buffer >>= <u64>(left & ~7);
      left &= 7;
    }
    for (; run > 0; run--, from++) {
      const entry = load<u32>(countAt(codes, load<u8>(from)));
      buffer |= (<u64>(entry & 0xffffff)) << (<u64>left);
      left += entry >> 24;
    }
    store<u64>(out, buffer);
    out += left >> 3;
    buffer >>= <u64>(left & ~7);
    left &= 7;
    const length: u32 = load<u16>(first, 4);
    if (length === 0) continue;
    const entry = load<u32>(countAt(work + LENGTH_CODES, length));
    buffer |= (<u64>(entry & 0xffffff)) << (<u64>left);
    left += entry >> 24;
    const distance: u32 = load<u16>(first, 6);
    const index = distanceIndex(distance);
    const extra = distanceExtraBits(index);
    const code = load<u32>(countAt(codes, DISTANCE_AT + index));
    const following = ((distance - 1) & ((1 << extra) - 1)) << (code >> 24);
    buffer |= (<u64>(following | (code & 0xffffff))) << (<u64>left);
    left += (code >> 24) + extra;
    store<u64>(out, buffer);
    out += left >> 3;
    buffer >>= <u64>(left & ~7);
    left &= 7;
    from += length;
  }
  bits = buffer;
  held = left;
  next = out;
  putCode(load<u32>(countAt(codes, 256)));
}

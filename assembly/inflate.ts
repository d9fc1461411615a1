// Deflate unpacked (RFC 1950, 1951), with tables in the manner of libdeflate: the next 11 bits say which literal or length comes, the next 8 which distance, and longer
// codes lead to a table of their own. Reads and writes go up to 320 bytes beyond the end of what they are given; what they were is checked afterwards.
import { checksum } from "./adler32";
import { precodePlace } from "./deflate_symbols";
import {
  buildTable,
  DISTANCE,
  DISTANCE_BITS,
  END,
  LITLEN,
  LITLEN_BITS,
  PRECODE,
  PRECODE_BITS,
  SPECIAL,
  SUBTABLE,
} from "./inflate_tables";

/** What `inflate` says of anything that is not whole and right. */
const DAMAGED: i32 = -1;
/** The same in place of where what comes next goes. */
const NOWHERE: usize = usize.MAX_VALUE;

// Where things lie from `work` on; tables have the room that zlib's `enough` gives for them.
const LENGTHS: usize = 0;
const SORTING: usize = 512;
const PRECODE_TABLE: usize = 1280;
const LITLEN_TABLE: usize = 2048;
const DISTANCE_TABLE: usize = 11520;

// Bits that were read and not yet taken, and the byte that is read next: held here between blocks.
let bits: u64 = 0;
let held: u32 = 0;
let next: usize = 0;
let last: usize = 0;

/** 56 bits or more are held after it. */
function refill(): void {
  bits |= load<u64>(next) << (<u64>held);
  next += (63 - held) >> 3;
  held |= 56;
}

function take(count: u32): u32 {
  const value = <u32>(bits & (((<u64>1) << (<u64>count)) - 1));
  bits >>= <u64>count;
  held -= count;
  return value;
}

/** More bits were taken than there are. */
function isPastEnd(): bool {
  return next - (held >> 3) > last;
}

/**
 * zlib's format.
 * @param work 16 KiB for tables
 * @param capacity bytes that may come out
 * @returns how many came out; -1 when anything is wrong
 */
export function inflate(from: usize, sizeBytes: i32, to: usize, capacity: i32, work: usize): i32 {
  if (sizeBytes < 6) return DAMAGED;
  const head: u32 = ((<u32>load<u8>(from)) << 8) | <u32>load<u8>(from, 1);
  if (head % 31 !== 0 || (head & 0x8f20) !== 0x0800) return DAMAGED;
  next = from + 2;
  last = from + <usize>sizeBytes - 4;
  bits = 0;
  held = 0;
  let out = to;
  const end = to + <usize>capacity;
  for (let isLast: u32 = 0; isLast === 0;) {
    refill();
    isLast = take(1);
    out = inflateBlock(take(2), to, out, end, work);
    if (out === NOWHERE || isPastEnd()) return DAMAGED;
  }
  return checksum(to, out) === bswap<u32>(load<u32>(next - (held >> 3))) ? <i32>(out - to) : DAMAGED;
}

/** @returns where what comes next goes */
function inflateBlock(kind: u32, to: usize, out: usize, end: usize, work: usize): usize {
  if (kind === 0) return copyStored(out, end);
  const isRead = kind === 1 ? readFixed(work) : kind === 2 && readDynamic(work);
  return isRead ? inflateCodes(to, out, end, work + LITLEN_TABLE, work + DISTANCE_TABLE) : NOWHERE;
}

function copyStored(out: usize, end: usize): usize {
  take(held & 7);
  next -= held >> 3;
  const size: u32 = load<u16>(next);
  const check: u32 = load<u16>(next, 2);
  next += 4;
  bits = 0;
  held = 0;
  if ((size ^ check) !== 0xffff || next + size > last || out + size > end) return NOWHERE;
  memory.copy(out, next, size);
  next += size;
  return out + size;
}

function readFixed(work: usize): bool {
  const lengths = work + LENGTHS;
  memory.fill(lengths, 8, 144);
  memory.fill(lengths + 144, 9, 112);
  memory.fill(lengths + 256, 7, 24);
  memory.fill(lengths + 280, 8, 8);
  memory.fill(lengths + 288, 5, 32);
  return buildBoth(work, 288, 32);
}

function buildBoth(work: usize, litlens: u32, distances: u32): bool {
  return (
    buildTable(LITLEN, work + LENGTHS, litlens, LITLEN_BITS, work + LITLEN_TABLE, work + SORTING) &&
    buildTable(DISTANCE, work + LENGTHS + litlens, distances, DISTANCE_BITS, work + DISTANCE_TABLE, work + SORTING)
  );
}

function readDynamic(work: usize): bool {
  const litlens = take(5) + 257;
  const distances = take(5) + 1;
  const count = take(4) + 4;
  if (litlens > 286 || distances > 30) return false;
  const lengths = work + LENGTHS;
  memory.fill(lengths, 0, 19);
  for (let i: u32 = 0; i < count; i++) {
    if (held < 3) refill();
    store<u8>(lengths + precodePlace(i), <u8>take(3));
  }
  if (!buildTable(PRECODE, lengths, 19, PRECODE_BITS, work + PRECODE_TABLE, work + SORTING)) return false;
  return (
    readLengths(lengths, litlens + distances, work + PRECODE_TABLE) &&
    load<u8>(lengths + 256) !== 0 &&
    buildBoth(work, litlens, distances)
  );
}

function readLengths(lengths: usize, count: u32, table: usize): bool {
  for (let i: u32 = 0; i < count;) {
    refill();
    const entry = load<u32>(table + ((<usize>bits & ((1 << PRECODE_BITS) - 1)) << 2));
    if ((entry & SPECIAL) !== 0 || isPastEnd()) return false;
    take(entry & 0xff);
    const symbol = entry >> 16;
    if (symbol < 16) {
      store<u8>(lengths + i++, <u8>symbol);
      continue;
    }
    if (symbol === 16 && i === 0) return false;
    const value = symbol === 16 ? load<u8>(lengths + i - 1) : 0;
    const times = symbol === 16 ? 3 + take(2) : symbol === 17 ? 3 + take(3) : 11 + take(7);
    if (i + times > count) return false;
    memory.fill(lengths + i, value, times);
    i += times;
  }
  return true;
}

/** Literals, lengths and distances up to the end of a block; the state of the reader lies in locals, which are registers. */
function inflateCodes(to: usize, out: usize, end: usize, litlen: usize, distance: usize): usize {
  const litlenMask: usize = (1 << LITLEN_BITS) - 1;
  const distanceMask: usize = (1 << DISTANCE_BITS) - 1;
  const past = last + 8;
  let buffer = bits;
  let left = held;
  let at = next;
  while (at <= past && out <= end) {
    buffer |= load<u64>(at) << (<u64>left);
    at += (63 - left) >> 3;
    left |= 56;
    let entry = load<u32>(litlen + ((<usize>buffer & litlenMask) << 2));
    // Up to four literals take 44 of the 56 bits.
    for (let i = 0; i < 3 && <i32>entry < 0; i++) {
      buffer >>= <u64>entry;
      left -= entry & 0xff;
      store<u8>(out++, <u8>(entry >> 16));
      entry = load<u32>(litlen + ((<usize>buffer & litlenMask) << 2));
    }
    if (<i32>entry < 0) {
      buffer >>= <u64>entry;
      left -= entry & 0xff;
      store<u8>(out++, <u8>(entry >> 16));
      continue;
    }
    buffer |= load<u64>(at) << (<u64>left);
    at += (63 - left) >> 3;
    left |= 56;
    if ((entry & SPECIAL) !== 0) {
      if ((entry & SUBTABLE) !== 0) {
        buffer >>= LITLEN_BITS;
        left -= LITLEN_BITS;
        const inner = <usize>buffer & ((1 << ((entry >> 8) & 15)) - 1);
        entry = load<u32>(litlen + (((<usize>entry >> 16) + inner) << 2));
      }
      if (<i32>entry < 0) {
        buffer >>= <u64>entry;
        left -= entry & 0xff;
        store<u8>(out++, <u8>(entry >> 16));
        continue;
      }
      if ((entry & SPECIAL) !== 0) {
        bits = buffer >> <u64>entry;
        held = left - (entry & 0xff);
        next = at;
        return (entry & END) !== 0 && out <= end ? out : NOWHERE;
      }
    }
    const length = (entry >> 16) + extraOf(buffer, entry);
    buffer >>= <u64>entry;
    left -= entry & 0xff;
    entry = load<u32>(distance + ((<usize>buffer & distanceMask) << 2));
    if ((entry & SPECIAL) !== 0) {
      if ((entry & SUBTABLE) === 0) return NOWHERE;
      buffer >>= DISTANCE_BITS;
      left -= DISTANCE_BITS;
      const inner = <usize>buffer & ((1 << ((entry >> 8) & 15)) - 1);
      entry = load<u32>(distance + (((<usize>entry >> 16) + inner) << 2));
      if ((entry & SPECIAL) !== 0) return NOWHERE;
    }
    const back = (entry >> 16) + extraOf(buffer, entry);
    buffer >>= <u64>entry;
    left -= entry & 0xff;
    if (<usize>back > out - to) return NOWHERE;
    copyMatch(out, back, length);
    out += length;
  }
  return NOWHERE;
}

/** The bits behind a code that belong to it. */
function extraOf(buffer: u64, entry: u32): u32 {
  return <u32>((buffer & (((<u64>1) << (<u64>(entry & 0xff))) - 1)) >> <u64>((entry >> 8) & 0xff));
}

/** Up to 15 bytes more than `length` are written. */
function copyMatch(out: usize, back: u32, length: u32): void {
  const end = out + length;
  if (back >= 16) {
    for (; out < end; out += 16) v128.store(out, v128.load(out - back));
  } else if (back === 1) {
    const all = i8x16.splat(load<u8>(out - 1));
    for (; out < end; out += 16) v128.store(out, all);
  } else if (back >= 8) {
    for (; out < end; out += 8) store<u64>(out, load<u64>(out - back));
  } else for (; out < end; out++) store<u8>(out, load<u8>(out - back));
}

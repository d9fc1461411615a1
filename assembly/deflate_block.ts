// One block of Deflate: dynamic, fixed or stored, whichever is the smallest.
import { bitsPlace, endBits, fillLengthCodes, putBits, putBytes, putSequences } from "./deflate_bits";
import { makeCodes, numberCodes } from "./deflate_codes";
import { planHeader, putHeader } from "./deflate_header";
import { distanceExtraBits, lengthExtraBits } from "./deflate_symbols";
import {
  BLOCK_COUNTS,
  CODE_LENGTHS,
  CODES,
  countAt,
  DISTANCE_AT,
  DISTANCES,
  KEPT_LENGTHS,
  LITLENS,
} from "./deflate_work";

/** In larger blocks a fixed code never wins. */
const MAX_FIXED_BYTES: u32 = 4096;
const MAX_STORED_BYTES: u32 = 65535;
/** Of literals and lengths: 15 are allowed, but four times 14 go at once. */
const LITLEN_LIMIT: u32 = 14;
const NEVER: u32 = 0xffffffff;

/**
 * @param first where the sequences lie, up to `last`; the symbols are counted in `BLOCK_COUNTS`
 * @param from the bytes that they stand for, up to `to`
 * @returns false when there is no room before `limit`
 */
export function putBlock(
  first: usize,
  last: usize,
  from: usize,
  to: usize,
  isLast: bool,
  limit: usize,
  work: usize,
): bool {
  const counts = work + BLOCK_COUNTS;
  store<u32>(countAt(counts, 256), 1);
  const sizeBytes = <u32>(to - from);
  const stored = 8 * sizeBytes + 40 * (sizeBytes / MAX_STORED_BYTES + 1);
  const dynamic = planDynamic(counts, work);
  const fixed = sizeBytes > MAX_FIXED_BYTES ? NEVER : planFixed(counts, dynamic, work);
  const least = min(stored, min(dynamic, fixed));
  if (bitsPlace() + (least >> 3) + 16 > limit) return false;
  if (least === stored) putStored(from, sizeBytes, isLast);
  else {
    putBits(<u32>isLast | (least === fixed ? 2 : 4), 3);
    if (least !== fixed) putHeader(work);
    fillLengthCodes(work);
    putSequences(first, last, from, work);
  }
  return true;
}

/** @returns bits */
function planDynamic(counts: usize, work: usize): u32 {
  const lengths = work + CODE_LENGTHS;
  const codes = work + CODES;
  makeCodes(counts, 286, LITLEN_LIMIT, lengths, codes, work);
  makeCodes(countAt(counts, DISTANCE_AT), 30, 15, lengths + DISTANCE_AT, countAt(codes, DISTANCE_AT), work);
  return planHeader(work) + codedBits(counts, work);
}

/** Sets the fixed codes when they are shorter. @returns bits */
function planFixed(counts: usize, dynamic: u32, work: usize): u32 {
  const lengths = work + CODE_LENGTHS;
  const codes = work + CODES;
  memory.copy(work + KEPT_LENGTHS, lengths, LITLENS + DISTANCES);
  memory.fill(lengths, 8, 288);
  memory.fill(lengths + 144, 9, 112);
  memory.fill(lengths + 256, 7, 24);
  memory.fill(lengths + DISTANCE_AT, 5, 32);
  const fixed = codedBits(counts, work);
  if (fixed <= dynamic) {
    numberCodes(lengths, LITLENS, codes, work);
    numberCodes(lengths + DISTANCE_AT, DISTANCES, countAt(codes, DISTANCE_AT), work);
  } else memory.copy(lengths, work + KEPT_LENGTHS, LITLENS + DISTANCES);
  return fixed;
}

/** What all symbols take with the codes that they have. */
function codedBits(counts: usize, work: usize): u32 {
  const lengths = work + CODE_LENGTHS;
  let sum: u32 = 0;
  for (let i: u32 = 0; i < 286; i++) {
    const behind = i < 257 ? 0 : lengthExtraBits(i - 257);
    sum += load<u32>(countAt(counts, i)) * (load<u8>(lengths + i) + behind);
  }
  for (let i: u32 = 0; i < 30; i++) {
    const at = DISTANCE_AT + i;
    sum += load<u32>(countAt(counts, at)) * (load<u8>(lengths + at) + distanceExtraBits(i));
  }
  return sum;
}

function putStored(from: usize, sizeBytes: u32, isLast: bool): void {
  do {
    const part = min(sizeBytes, MAX_STORED_BYTES);
    sizeBytes -= part;
    putBits(<u32>(isLast && sizeBytes === 0), 3);
    endBits();
    putBits(part | (~part << 16), 32);
    putBytes(from, part);
    from += part;
  } while (sizeBytes > 0);
}

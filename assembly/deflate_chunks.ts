// Where blocks begin: chunk after chunk becomes part of the block before it, unless codes of its own would save more than their header takes.
import { putBlock } from "./deflate_block";
import { blockBits, updateCosts } from "./deflate_costs";
import { findSequences, lastSequence } from "./deflate_sequences";
import { distanceIndex, lengthIndex } from "./deflate_symbols";
import {
  BLOCK_COUNTS,
  CHUNK_COUNTS,
  countAt,
  COUNTS_BYTES,
  DISTANCE_AT,
  MAX_SEQUENCES,
  SEQUENCES,
} from "./deflate_work";

const CHUNK_BYTES: usize = 4096;
const HEADER_BITS: f32 = 500;
/** Counts of a block must stay below 2^22. */
const MAX_BLOCK_BYTES: usize = 0x100000;
/** Costs are reckoned anew after every fourth chunk. */
const UPDATE_MASK: u32 = 3;

/** Packs bytes that are not none, in blocks. @returns false when there is no room before `limit` */
export function putChunks(from: usize, end: usize, limit: usize, work: usize): bool {
  const block = work + BLOCK_COUNTS;
  const chunk = work + CHUNK_COUNTS;
  const first = work + SEQUENCES;
  const full = first + ((MAX_SEQUENCES - CHUNK_BYTES) << 3);
  let filled = first;
  let blockBegin = from;
  let spent: f32 = 0;
  let number: u32 = 0;
  memory.fill(block, 0, COUNTS_BYTES);
  for (let at = from; at < end;) {
    const next = findSequences(at, min(end, at + CHUNK_BYTES), filled);
    const last = lastSequence();
    memory.fill(chunk, 0, COUNTS_BYTES);
    countSequences(chunk, at, filled, last);
    const alone = blockBits(chunk, 0);
    const joined = blockBits(block, chunk);
    const isOver = spent + alone + HEADER_BITS < joined || last > full || next - blockBegin > MAX_BLOCK_BYTES;
    if (isOver && filled > first) {
      if (!putBlock(first, filled, blockBegin, at, false, limit, work)) return false;
      memory.copy(first, filled, last - filled);
      memory.copy(block, chunk, COUNTS_BYTES);
      filled = first + (last - filled);
      blockBegin = at;
      spent = alone;
    } else {
      addCounts(block, chunk);
      filled = last;
      spent = joined;
    }
    at = next;
    if ((number++ & UPDATE_MASK) === 0) updateCosts(block, work);
  }
  return putBlock(first, filled, blockBegin, end, true, limit, work);
}

function addCounts(counts: usize, more: usize): void {
  for (let i: usize = 0; i < COUNTS_BYTES; i += 16)
    v128.store(counts + i, i32x4.add(v128.load(counts + i), v128.load(more + i)));
}

function increase(count: usize): void {
  store<u32>(count, load<u32>(count) + 1);
}

function countSequences(counts: usize, from: usize, first: usize, last: usize): void {
  for (; first < last; first += 8) {
    const length: u32 = load<u16>(first, 4);
    for (const stop = from + load<u32>(first); from < stop; from++) increase(countAt(counts, load<u8>(from)));
    if (length === 0) continue;
    increase(countAt(counts, 257 + lengthIndex(length)));
    increase(countAt(counts, DISTANCE_AT + distanceIndex(load<u16>(first, 6))));
    from += length;
  }
}

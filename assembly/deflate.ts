// Deflate packed (RFC 1950, 1951), for blocks of TIFFs behind a predictor: noise that nothing repeats lies in planes beside bytes that pack well.
import { checksum } from "./adler32";
import { endBits, putBits, startBits } from "./deflate_bits";
import { putChunks } from "./deflate_chunks";
import { guessCosts } from "./deflate_costs";
import { startSequences } from "./deflate_sequences";
import { CHUNK_COUNTS, BLOCK_COUNTS, countAt, COUNTS_BYTES, HASH_SHIFTS } from "./deflate_work";

const DOES_NOT_FIT: i32 = -1;
/** 32 KiB of window, the usual effort. */
const HEAD: u32 = 0x9c78;
/** Bytes that a sample has about. */
const SAMPLE_BITS: usize = 14;

/**
 * zlib's format. The same bytes always give the same. Up to 16 bytes behind those that are packed are read.
 * @param capacity bytes of room; nothing is written beyond it. `sizeBytes` and one byte of each 512 more, and 64, are always enough
 * @param planeBytes bytes that have something in common: those of a row, for predictor 3 of one plane of it; the best matches of each are sought in its own way
 * @param planes 1; 4 for predictor 3
 * @param work 272 KiB
 * @returns how many came out; -1 when there is no room for them
 */
export function deflate(
  from: usize,
  sizeBytes: i32,
  to: usize,
  capacity: i32,
  planeBytes: i32,
  planes: i32,
  work: usize,
): i32 {
  if (capacity < 32) return DOES_NOT_FIT;
  const end = from + <usize>sizeBytes;
  startBits(to);
  putBits(HEAD, 16);
  samplePlanes(from, end, planeBytes, planes, work);
  startSequences(from, end, planeBytes, planes, work);
  // Behind the blocks there is Adler-32, and of the last bits eight bytes are written.
  if (!putChunks(from, end, to + <usize>capacity - 16, work)) return DOES_NOT_FIT;
  const out = endBits();
  store<u32>(out, bswap<u32>(checksum(from, end)));
  return <i32>(out + 4 - to);
}

/** What literals cost, and how long at least a match is in each plane. */
function samplePlanes(from: usize, end: usize, planeBytes: usize, planes: usize, work: usize): void {
  const counts = work + CHUNK_COUNTS;
  const all = work + BLOCK_COUNTS;
  // Odd, so that it meets low and high bytes alike.
  const step: usize = ((end - from) >> SAMPLE_BITS) | 1;
  memory.fill(all, 0, COUNTS_BYTES);
  for (let plane: usize = 0; plane < planes; plane++) {
    memory.fill(counts, 0, COUNTS_BYTES);
    for (let row = from + planeBytes * plane; row < end; row += planeBytes * planes)
      countSample(counts, row, min(end, row + planeBytes), step);
    store<u8>(work + HASH_SHIFTS + plane, <u8>(64 - 8 * hashedBytes(guessCosts(counts, work))));
    for (let i: usize = 0; i < COUNTS_BYTES; i += 16)
      v128.store(all + i, i32x4.add(v128.load(all + i), v128.load(counts + i)));
  }
  guessCosts(all, work);
}

/** How often each byte comes that is not the same as the one before it: runs are matches later on. */
function countSample(counts: usize, from: usize, end: usize, step: usize): void {
  for (let at = from + 1; at < end; at += step) {
    const value = load<u8>(at);
    if (value === load<u8>(at - 1)) continue;
    const count = countAt(counts, value);
    store<u32>(count, load<u32>(count) + 1);
  }
}

/** Where literals cost little, short matches save nothing, and long ones are found among fewer. @param cost of a literal, eighths of a bit */
function hashedBytes(cost: u32): u32 {
  if (cost > 32) return 4;
  if (cost > 26) return 5;
  return cost > 22 ? 6 : 7;
}

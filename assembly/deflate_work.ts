// Where things lie in the memory that `deflate` works in, from `work` on.

/** 4096 rows of hashes: 8 tags, then the 8 places where they came, the last one first; 16 bits each, places counted from where the block begins. */
export const ROWS: usize = 0;
export const ROWS_BYTES: usize = 0x20000;
/** Literals (u32), then length and distance of what is repeated behind them (u16 each); a length of 0 for none. */
export const SEQUENCES: usize = 0x20000;
export const MAX_SEQUENCES: usize = 16384;
/** How often each symbol comes in a block: u32, those of literals and lengths, then those of distances. */
export const BLOCK_COUNTS: usize = 0x40000;
/** The same of what may become a part of it. */
export const CHUNK_COUNTS: usize = 0x40500;
export const COUNTS_BYTES: usize = 1280;
/** A code in the lower 24 bits, in the byte above how many bits it has; the same symbols. */
export const CODES: usize = 0x40a00;
/** Codes of lengths from 0 on, the bits behind them included. */
export const LENGTH_CODES: usize = 0x40f00;
/** Bits of each code, a byte each; the same symbols. */
export const CODE_LENGTHS: usize = 0x41400;
/** While codes of a fixed block are weighed. */
export const KEPT_LENGTHS: usize = 0x41600;
export const SORTING: usize = 0x41800;
/** What each literal costs: eighths of a bit, a byte each. */
export const LITERAL_COSTS: usize = 0x41e00;
/** Symbols of the header of a dynamic block (u8), and the bits behind them (u8). */
export const PRECODES: usize = 0x42000;
export const PRECODE_COUNTS: usize = 0x42400;
export const PRECODE_CODES: usize = 0x42480;
export const PRECODE_LENGTHS: usize = 0x42500;
/** Of each plane how patiently it is searched, a byte each. */
export const PATIENCE: usize = 0x42520;
/** Of each plane how many bits of eight bytes are not hashed. */
export const HASH_SHIFTS: usize = 0x42530;

/** Symbols that have room; 286 and 30 are used. */
export const LITLENS: u32 = 288;
export const DISTANCES: u32 = 32;
/** The first symbol of distances. */
export const DISTANCE_AT: usize = 288;

export function countAt(counts: usize, symbol: usize): usize {
  return counts + (symbol << 2);
}

// Memory at whose end something is written that nobody knows the size of before.
import { SLACK } from "./batch_texts";

/** Larger rows or features are rare, and memory that has been taken stays. */
export const MAX_BYTES: i64 = 16_777_216;

/** Room for so many bytes from an address on, and what copies write beyond them. False when that is very much, or there is no more memory. */
export function reserve(at: i32, sizeBytes: i64): bool {
  if (sizeBytes > MAX_BYTES) return false;
  const needed = <i64>(<u32>at) + sizeBytes + SLACK;
  const held = (<i64>memory.size()) << 16;
  if (needed <= held) return true;
  // Half as much again: each growth may move all of it.
  const pages = (needed + (needed >> 1) - held) >> 16;
  return memory.grow(<i32>pages + 1) !== -1;
}

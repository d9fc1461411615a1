// Texts that came in one block and may come in the next: told by a number, so that the caller makes each string once. Addresses in bytes.

/** A power of two, at most half of which is taken. */
const SLOT_COUNT: i32 = 32_768;
const MAX_TEXTS: i32 = 16_384;
const MAX_BYTES: i32 = 1024 * 1024;
/** Longer ones are mostly in one place only. */
const MAX_TEXT_BYTES: i32 = 64;

/** Numbers of texts + 1. */
const SLOTS: i32 = 1024;
/** Of each where its copy is, its bytes, a hash of them. */
const RECORDS: i32 = SLOTS + 4 * SLOT_COUNT;
const COPIES: i32 = RECORDS + 12 * MAX_TEXTS;
/** Free from here on. */
export const TEXTS_END: i32 = COPIES + MAX_BYTES;

let count: i32 = 0;
let used: i32 = 0;
/** How often all of them were forgotten. */
export let generation: i32 = 0;

/** Begins anew when little room is left. */
export function makeRoom(): void {
  if (count < (MAX_TEXTS / 4) * 3 && used < (MAX_BYTES / 4) * 3) return;
  memory.fill(SLOTS, 0, 4 * SLOT_COUNT);
  count = used = 0;
  generation += 1;
}

/** @param hash of its bytes @returns -1 for one that is not kept */
export function numberOf(from: i32, length: i32, hash: i32): i32 {
  if (length > MAX_TEXT_BYTES) return -1;
  let slot = hash & (SLOT_COUNT - 1);
  let number = load<i32>(SLOTS + 4 * slot) - 1;
  while (number >= 0) {
    const record = RECORDS + 12 * number;
    const copy = load<i32>(record);
    if (load<i32>(record + 8) === hash && load<i32>(record + 4) === length && isSame(copy, from, length)) return number;
    slot = (slot + 1) & (SLOT_COUNT - 1);
    number = load<i32>(SLOTS + 4 * slot) - 1;
  }
  return count < MAX_TEXTS && used + length <= MAX_BYTES ? keep(slot, from, length, hash) : -1;
}

function keep(slot: i32, from: i32, length: i32, hash: i32): i32 {
  const record = RECORDS + 12 * count;
  memory.copy(COPIES + used, from, length);
  store<i32>(record, COPIES + used);
  store<i32>(record + 4, length);
  store<i32>(record + 8, hash);
  used += length;
  count += 1;
  store<i32>(SLOTS + 4 * slot, count);
  return count - 1;
}

function isSame(a: i32, b: i32, length: i32): bool {
  for (let i = 0; i < length; i++) if (load<u8>(a + i) !== load<u8>(b + i)) return false;
  return true;
}

const DIGITS = 0x1_0000;
/** Of 16 bits, in a location of 16 bytes. */
const WORDS = 8;
const ID_WORDS = 4;
const SIGN = 0x8000;

/**
 * In which order locations stand by ascending id, those of one id as they came: a radix sort by 16 bits at a time of the doubles' patterns,
 * three times as fast as comparing. Digits in which all ids are alike are passed over.
 * @param bytes locations, little-endian: id as a double, then the place
 */
export function sortLocations(bytes: ArrayBuffer, count: number): Uint32Array {
  const words = new Uint16Array(bytes, 0, count * WORDS);
  let order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  let sorted = new Uint32Array(count);
  for (let word = 0; word < ID_WORDS; word++) {
    const ends = new Uint32Array(DIGITS);
    for (let i = 0; i < count; i++) {
      const digit = digitOf(words, i, word);
      ends[digit] = (ends[digit] as number) + 1;
    }
    if (count === 0 || ends[digitOf(words, 0, word)] === count) continue;
    for (let digit = 0, sum = 0; digit < DIGITS; digit++) {
      const own = ends[digit] as number;
      ends[digit] = sum;
      sum += own;
    }
    for (let at = 0; at < count; at++) {
      const i = order[at] as number;
      const digit = digitOf(words, i, word);
      const to = ends[digit] as number;
      ends[digit] = to + 1;
      sorted[to] = i;
    }
    const spare = order;
    order = sorted;
    sorted = spare;
  }
  return order;
}

/** So that patterns ascend as numbers do: of negative ones all bits turn round, of others the sign (IEEE 754, 5.10). */
function digitOf(words: Uint16Array, i: number, word: number): number {
  const bits = words[WORDS * i + word] as number;
  if (((words[WORDS * i + ID_WORDS - 1] as number) & SIGN) !== 0) return bits ^ 0xffff;
  return word === ID_WORDS - 1 ? bits ^ SIGN : bits;
}

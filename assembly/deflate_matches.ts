// What came before and comes again. Places lie in rows by their hashes, eight in each, and a tag beside each tells in one comparison which of them are worth a look: a
// chain would go from place to place, and half of those it visits have other bytes.
import { LITERAL_COSTS, ROWS, ROWS_BYTES } from "./deflate_work";

/** Odd, its bits mixed, and no more of them than a number of JavaScript holds. */
const FACTOR: u64 = 0x1e3779b97f4a7d;
const WINDOW: u32 = 32768;
/** Where one is so long, no other is looked for. */
const NICE_LENGTH: u32 = 32;
/** Literals whose costs are added up; the others of a match count as the mean. */
const WEIGHED: u32 = 8;

let begin: usize = 0;
let memoryAt: usize = 0;
let hashShift: u64 = 0;
let meanCost: u32 = 0;
let matchCost: i32 = 0;
let bestDistance: u32 = 0;

export function startMatches(from: usize, work: usize): void {
  begin = from;
  memoryAt = work;
  memory.fill(work + ROWS, 0, ROWS_BYTES);
}

/** @param shift bits of eight bytes that are not hashed: 32 where 4 bytes are */
export function setHash(shift: u32): void {
  hashShift = shift;
}

/** In eighths of a bit. @param mean of a literal @param match what lengths and distances cost without the bits behind the distance */
export function setCosts(mean: u32, match: i32): void {
  meanCost = mean;
  matchCost = match;
}

/** Of what `findMatch` has found. */
export function foundDistance(): u32 {
  return bestDistance;
}

/** 12 bits say the row, 16 more are the tag. */
function hashOf(at: usize): u32 {
  return <u32>(((load<u64>(at) << hashShift) * FACTOR) >> 36);
}

function rowOf(hash: u32): usize {
  return memoryAt + ROWS + ((<usize>(hash >> 16)) << 5);
}

/** From now on it can be found; the oldest of its row is forgotten. */
function insertInto(row: usize, hash: u32, place: u32): void {
  const tags = v128.load(row);
  const places = v128.load(row, 16);
  v128.store(row, i16x8.shuffle(i16x8.splat(<i16>hash), tags, 7, 8, 9, 10, 11, 12, 13, 14));
  v128.store(row, i16x8.shuffle(i16x8.splat(<i16>place), places, 7, 8, 9, 10, 11, 12, 13, 14), 16);
}

/** Makes what is at `at` known; 8 bytes are read. */
export function insert(at: usize): void {
  const hash = hashOf(at);
  insertInto(rowOf(hash), hash, <u32>(at - begin));
}

/** Up to 15 bytes more than `most` are read. */
function sameBytes(a: usize, b: usize, most: u32): u32 {
  for (let i: u32 = 0; i < most; i += 16) {
    const same = i8x16.bitmask(i8x16.eq(v128.load(a + i), v128.load(b + i)));
    if (same !== 0xffff) return min(most, i + ctz(~same));
  }
  return most;
}

/** The bits behind a distance, in eighths. */
function distanceCost(distance: u32): i32 {
  return distance < 3 ? 0 : (30 - clz(distance - 1)) << 3;
}

/** @returns the length of a match longer than `best`, whose last four bytes say first that it is; else 0 */
function longerMatch(at: usize, distance: u32, most: u32, best: u32): u32 {
  const other = at - distance;
  const check = max<u32>(best, 3) - 3;
  if (load<u32>(other + check) !== load<u32>(at + check)) return 0;
  const length = sameBytes(at, other, most);
  return length > best ? length : 0;
}

function scoreOf(length: u32, distance: u32): i32 {
  return <i32>(length * meanCost) - distanceCost(distance);
}

/**
 * Makes what is at `at` known as well.
 * @param most bytes that may be the same
 * @param atLeast shorter ones are none
 * @param lastDistance one that is likely
 * @returns the length of the best match, 4 or more; 0 for none
 */
export function findMatch(at: usize, most: u32, atLeast: u32, lastDistance: u32): u32 {
  const place = <u32>(at - begin);
  let best = max<u32>(atLeast, 1) - 1;
  let score = 0;
  let length = place >= 1 ? longerMatch(at, 1, most, best) : 0;
  if (length !== 0) {
    best = length;
    score = scoreOf(length, 1);
    bestDistance = 1;
  }
  length = lastDistance > 1 && place >= lastDistance ? longerMatch(at, lastDistance, most, best) : 0;
  if (length !== 0 && scoreOf(length, lastDistance) > score) {
    best = length;
    score = scoreOf(length, lastDistance);
    bestDistance = lastDistance;
  }
  const hash = hashOf(at);
  const row = rowOf(hash);
  let alike = i16x8.bitmask(i16x8.eq(v128.load(row), i16x8.splat(<i16>hash)));
  for (; alike !== 0 && best < NICE_LENGTH; alike &= alike - 1) {
    const distance = (place - load<u16>(row + ((<usize>ctz(alike)) << 1), 16)) & 0xffff;
    if (distance - 1 >= WINDOW || distance > place) break;
    length = longerMatch(at, distance, most, best);
    if (length === 0 || scoreOf(length, distance) <= score) continue;
    best = length;
    score = scoreOf(length, distance);
    bestDistance = distance;
  }
  insertInto(row, hash, place);
  return score > 0 ? best : 0;
}

/** Eighths of a bit that a match saves, less than 0 when its literals cost less. */
export function savedBits(at: usize, length: u32, distance: u32): i32 {
  const costs = memoryAt + LITERAL_COSTS;
  let sum = -matchCost - distanceCost(distance);
  const weighed = min(length, WEIGHED);
  for (let i: usize = 0; i < weighed; i++) sum += load<u8>(costs + load<u8>(at + i));
  return sum + <i32>((length - weighed) * meanCost);
}

// Bytes become literals and matches. Planes of noise (the low bytes of fractions) cost little: each miss makes the next step longer, the sooner the less its plane has saved before.
import { findMatch, foundDistance, insert, savedBits, setHash, startMatches } from "./deflate_matches";
import { HASH_SHIFTS, PATIENCE } from "./deflate_work";

const MAX_LENGTH: usize = 258;
/** Behind a longer one no better one is looked for. */
const LAZY_LENGTH: u32 = 8;
/** Bits in eighths that a match one byte on must save more: it also takes a byte from the next. */
const LAZY_GAIN: i32 = 32;
/** Of longer ones only every eighth place is made known, and the last. */
const DENSE_LENGTH: usize = 64;
const SPARSE_STEP: usize = 8;
/** So many misses, as a power of two, make steps longer by one. */
const FIRST_PATIENCE: u32 = 5;
const LEAST_PATIENCE: u32 = 3;
const MOST_PATIENCE: u32 = 6;
/** Thousandths of a plane's bits: what must be saved to keep its patience, and to raise it. */
const KEEPING: i32 = 10;
const RAISING: i32 = 20;

let begin: usize = 0;
let end: usize = 0;
/** Where eight bytes can be read for the last time. */
let lastSearch: usize = 0;
let known: usize = 0;
let planeBytes: usize = 1;
let planes: usize = 1;
let plane: usize = 0;
let planeEnd: usize = 0;
let patience: u32 = 0;
/** In this row of this plane, eighths of a bit. */
let saved: i32 = 0;
let lastDistance: u32 = 1;
let sequencesEnd: usize = 0;

/** @param row bytes of a row of a plane; `count` of them, 4 at most, are followed by the next rows of all */
export function startSequences(from: usize, to: usize, row: usize, count: usize, work: usize): void {
  begin = from;
  end = to;
  lastSearch = to - min<usize>(to - from, 8);
  known = work;
  planeBytes = row;
  planes = count;
  plane = 0;
  planeEnd = from;
  saved = <i32>row;
  patience = FIRST_PATIENCE;
  lastDistance = 1;
  memory.fill(work + PATIENCE, <u8>FIRST_PATIENCE, 4);
  startMatches(from, work);
}

/** Where the sequences end that were found last. */
export function lastSequence(): usize {
  return sequencesEnd;
}

/** What the last row has saved says how its plane's next one is searched. */
function enterPlane(at: usize): void {
  const bits = <i32>planeBytes * 8;
  if (saved * 125 < bits * KEEPING) patience = max(LEAST_PATIENCE, patience - 1);
  else if (saved * 125 > bits * RAISING) patience = min(MOST_PATIENCE, patience + 1);
  store<u8>(known + PATIENCE + plane, <u8>patience);
  saved = 0;
  const row = (at - begin) / planeBytes;
  plane = row % planes;
  patience = load<u8>(known + PATIENCE + plane);
  setHash(load<u8>(known + HASH_SHIFTS + plane));
  planeEnd = begin + (row + 1) * planeBytes;
}

function lengthUpTo(at: usize): u32 {
  return <u32>min(MAX_LENGTH, end - at);
}

function put(to: usize, literals: usize, length: u32, distance: u32): usize {
  store<u32>(to, <u32>literals);
  store<u32>(to, length | (distance << 16), 4);
  return to + 8;
}

/** Sequences of the bytes from `at` to `stop` and of what the last match goes beyond it. @returns where the next begin */
export function findSequences(at: usize, stop: usize, to: usize): usize {
  const searchEnd = min(stop, lastSearch);
  let literals = at;
  let missed = at;
  while (at < searchEnd) {
    if (at >= planeEnd) {
      enterPlane(at);
      missed = at;
    }
    const length = findMatch(at, lengthUpTo(at), 0, lastDistance);
    const gain = length === 0 ? 0 : savedBits(at, length, foundDistance());
    if (gain <= 0) {
      at += 1 + ((at - missed) >> patience);
      continue;
    }
    at = takeMatch(at, literals, length, gain, to);
    to += 8;
    literals = missed = at;
  }
  at = min(end, max(at, stop));
  if (at > literals) to = put(to, at - literals, 0, 0);
  sequencesEnd = to;
  return at;
}

/** The match at `at`, or a better one that begins right behind it. @returns its end */
function takeMatch(at: usize, literals: usize, length: u32, gain: i32, to: usize): usize {
  let distance = foundDistance();
  let unknown = at + 1;
  while (length < LAZY_LENGTH && at + 1 < lastSearch) {
    unknown = at + 2;
    const next = findMatch(at + 1, lengthUpTo(at + 1), length, lastDistance);
    const more = next === 0 ? 0 : savedBits(at + 1, next, foundDistance());
    if (more <= gain + LAZY_GAIN) break;
    at++;
    gain = more;
    length = next;
    distance = foundDistance();
  }
  // Steps may have gone past where it begins.
  while (at > literals && at - distance > begin && length < 258 && load<u8>(at - 1) === load<u8>(at - distance - 1)) {
    at--;
    length++;
  }
  put(to, at - literals, length, distance);
  lastDistance = distance;
  saved += gain;
  insertUpTo(unknown, min(at + length, lastSearch), distance);
  return at + length;
}

function insertUpTo(at: usize, stop: usize, distance: u32): void {
  // All places of a run are alike.
  if (distance === 1 && stop > at + 4) at = stop - 4;
  if (stop > at + DENSE_LENGTH) for (; at + SPARSE_STEP < stop; at += SPARSE_STEP) insert(at);
  for (; at < stop; at++) insert(at);
}

// Lengths of codes, as a dynamic block begins with them (RFC 1951, section 3.2.7).
import { putBits, putCode } from "./deflate_bits";
import { makeCodes } from "./deflate_codes";
import { precodePlace } from "./deflate_symbols";
import {
  CODE_LENGTHS,
  countAt,
  DISTANCE_AT,
  PRECODE_CODES,
  PRECODE_COUNTS,
  PRECODE_LENGTHS,
  PRECODES,
} from "./deflate_work";

// What was planned and is to be written.
let litlens: u32 = 0;
let distances: u32 = 0;
let items: u32 = 0;
let precodes: u32 = 0;

/** @returns how many bits `putHeader` is going to write */
export function planHeader(work: usize): u32 {
  const lengths = work + CODE_LENGTHS;
  const inner = work + PRECODE_LENGTHS;
  for (litlens = 286; load<u8>(lengths + litlens - 1) === 0;) litlens--;
  for (distances = 30; load<u8>(lengths + DISTANCE_AT + distances - 1) === 0;) distances--;
  memory.fill(work + PRECODE_COUNTS, 0, 76);
  items = 0;
  listItems(lengths, litlens, work);
  listItems(lengths + DISTANCE_AT, distances, work);
  makeCodes(work + PRECODE_COUNTS, 19, 7, inner, work + PRECODE_CODES, work);
  for (precodes = 19; precodes > 4 && load<u8>(inner + precodePlace(precodes - 1)) === 0;) precodes--;
  let sum = 14 + 3 * precodes;
  for (let i: u32 = 0; i < 19; i++)
    sum += load<u32>(countAt(work + PRECODE_COUNTS, i)) * (load<u8>(inner + i) + bitsBehind(i));
  return sum;
}

function bitsBehind(symbol: u32): u32 {
  if (symbol < 16) return 0;
  return symbol === 16 ? 2 : symbol === 17 ? 3 : 7;
}

/** Runs are told as 18 (11 to 138 zeros), 17 (3 to 10 zeros) and 16 (3 to 6 times the last again). */
function listItems(lengths: usize, count: u32, work: usize): void {
  for (let i: u32 = 0; i < count;) {
    const value: u32 = load<u8>(lengths + i);
    let run: u32 = 1;
    while (i + run < count && load<u8>(lengths + i + run) === value) run++;
    i += run;
    if (value === 0) run = listRuns(18, 11, 138, run, work);
    if (value === 0) run = listRuns(17, 3, 10, run, work);
    if (value !== 0 && run >= 4) {
      addItem(value, 0, work);
      run = listRuns(16, 3, 6, run - 1, work);
    }
    for (; run > 0; run--) addItem(value, 0, work);
  }
}

/** @returns what is left of the run */
function listRuns(symbol: u32, least: u32, most: u32, run: u32, work: usize): u32 {
  while (run >= least) {
    const times = min(run, most);
    addItem(symbol, times - least, work);
    run -= times;
  }
  return run;
}

function addItem(symbol: u32, behind: u32, work: usize): void {
  const item = work + PRECODES + ((<usize>items) << 1);
  items++;
  store<u8>(item, <u8>symbol);
  store<u8>(item, <u8>behind, 1);
  const count = countAt(work + PRECODE_COUNTS, symbol);
  store<u32>(count, load<u32>(count) + 1);
}

export function putHeader(work: usize): void {
  putBits(litlens - 257, 5);
  putBits(distances - 1, 5);
  putBits(precodes - 4, 4);
  for (let i: u32 = 0; i < precodes; i++) putBits(load<u8>(work + PRECODE_LENGTHS + precodePlace(i)), 3);
  for (let i: u32 = 0; i < items; i++) {
    const item = work + PRECODES + ((<usize>i) << 1);
    const symbol: u32 = load<u8>(item);
    putCode(load<u32>(countAt(work + PRECODE_CODES, symbol)));
    if (symbol >= 16) putBits(load<u8>(item, 1), bitsBehind(symbol));
  }
}

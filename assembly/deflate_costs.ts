// What symbols cost, as Shannon has it: close enough to say where a block ends and which match is worth while.
import { setCosts } from "./deflate_matches";
import { countAt, DISTANCES, LITERAL_COSTS, LITLENS } from "./deflate_work";

const FRACTION: f32 = 1 / 8388608;
/** Bits of a length and its distance before any were counted, in eighths. */
const FIRST_MATCH_COST: i32 = 80;

/** n * log2(n) of each lane, within n / 100: the bits of a float are its logarithm but for a slight curve. */
function timesLog(counts: v128): v128 {
  const numbers = f32x4.convert_i32x4_s(counts);
  const line = f32x4.mul(f32x4.convert_i32x4_s(numbers), f32x4.splat(FRACTION));
  const part = f32x4.mul(f32x4.convert_i32x4_s(v128.and(numbers, i32x4.splat(0x7fffff))), f32x4.splat(FRACTION));
  const curve = f32x4.mul(f32x4.mul(part, f32x4.sub(f32x4.splat(1), part)), f32x4.splat(0.3448));
  return f32x4.mul(numbers, f32x4.add(f32x4.sub(line, f32x4.splat(127)), curve));
}

function log2(count: u32): f32 {
  return count === 0 ? 0 : f32x4.extract_lane(timesLog(i32x4.splat(count)), 0) / <f32>count;
}

/** Bits of `count` symbols, a multiple of four, whose numbers are in `counts` and, if not 0, in `more`. */
function entropy(counts: usize, more: usize, count: u32): f32 {
  let sum = i32x4.splat(0);
  let bits = f32x4.splat(0);
  const last = countAt(counts, count);
  for (; counts < last; counts += 16) {
    let all = v128.load(counts);
    if (more !== 0) {
      all = i32x4.add(all, v128.load(more));
      more += 16;
    }
    sum = i32x4.add(sum, all);
    bits = f32x4.add(bits, timesLog(all));
  }
  sum = i32x4.add(sum, i32x4.shuffle(sum, sum, 2, 3, 0, 1));
  bits = f32x4.add(bits, f32x4.shuffle(bits, bits, 2, 3, 0, 1));
  const total = <u32>(i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1));
  return <f32>total * log2(total) - f32x4.extract_lane(bits, 0) - f32x4.extract_lane(bits, 1);
}

/** Bits of a block without its header and without the bits behind lengths and distances. @param more what is added to it; 0 for nothing */
export function blockBits(counts: usize, more: usize): f32 {
  const others: usize = more === 0 ? 0 : countAt(more, LITLENS);
  return entropy(counts, more, LITLENS) + entropy(countAt(counts, LITLENS), others, DISTANCES);
}

function sumOf(counts: usize, count: u32): u32 {
  let total: u32 = 0;
  for (let i: usize = 0; i < count; i++) total += load<u32>(countAt(counts, i));
  return total;
}

/** Fills in what each literal costs. @returns the mean, eighths of a bit */
export function costLiterals(counts: usize, symbols: u32, work: usize): u32 {
  const all = log2(symbols + 256);
  let total: u32 = 0;
  let sum: u64 = 0;
  for (let i: usize = 0; i < 256; i++) {
    const count = load<u32>(countAt(counts, i));
    const cost = min<u32>(112, max<u32>(4, <u32>(<f32>8 * (all - log2(count + 1)))));
    store<u8>(work + LITERAL_COSTS + i, <u8>cost);
    sum += <u64>cost * count;
    total += count;
  }
  return total === 0 ? 64 : <u32>(sum / total);
}

/** From now on matches are weighed by what literals, lengths and distances of this block cost. */
export function updateCosts(counts: usize, work: usize): void {
  const total = sumOf(counts, LITLENS);
  const matches = sumOf(countAt(counts, LITLENS), DISTANCES);
  const mean = costLiterals(counts, total, work);
  if (matches < 16) return setCosts(mean, FIRST_MATCH_COST);
  let bits = entropy(countAt(counts, LITLENS), 0, DISTANCES);
  const all = log2(total);
  for (let i: usize = 257; i < 286; i++) {
    const count = load<u32>(countAt(counts, i));
    bits += <f32>count * (all - log2(count));
  }
  setCosts(mean, <i32>(<f32>8 * bits) / <i32>matches);
}

/** The same from a sample of literals. @returns the mean of a literal, eighths of a bit */
export function guessCosts(counts: usize, work: usize): u32 {
  const mean = costLiterals(counts, sumOf(counts, 256), work);
  setCosts(mean, FIRST_MATCH_COST);
  return mean;
}

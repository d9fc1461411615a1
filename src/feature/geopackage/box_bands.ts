import { Float32Column } from "../../core/index.ts";
import { BoxMemory } from "../box_memory.ts";

/** Boxes of a layer: minX, minY, maxX, maxY of feature 1, 2 ..., rounded outwards to 32 bits. */
export interface BoxSource {
  readonly count: number;
  /** From the first to the last, some at a time: each piece holds until the next one is asked for. Asked for more than once. */
  pieces(): Iterable<Float32Array>;
}

/** Boxes that are put in order together. */
export interface Band {
  readonly boxes: Float32Array<ArrayBuffer>;
  /** Of each box. */
  readonly ids: Uint32Array<ArrayBuffer>;
}

/** 1 MiB of boxes; their places in the order and what they are sorted by take as much. */
const BAND_BOXES = 65_536;
/** Parts of the extent of which borders of bands are chosen. */
const STEPS = 65_536;
/** A box and its id as two numbers of 16 bits, which 32-bit numbers hold exactly. */
const RECORD_VALUES = 6;

/**
 * A layer in vertical bands from west to east, of a number of boxes each (more only where that many have the same middle): however many there are, few are in memory at a time.
 * Those of a large layer go through a temporary file. @throws `store.full`, `store.io`
 */
export function* bandsOf(source: BoxSource, maxBoxes = BAND_BOXES): Generator<Band> {
  if (source.count <= maxBoxes) return yield wholeOf(source);
  const stepOf = stepsAcross(source);
  const { bandOfStep, bandCount } = cutSteps(countSteps(source, stepOf), maxBoxes);
  using bands = new BoxMemory(bandCount, Float32Column, { maxBoxes: Infinity });
  const record = new Float32Array(RECORD_VALUES);
  let id = 0;
  for (const piece of source.pieces())
    for (let at = 0; at < piece.length; at += 4) {
      id += 1;
      for (let i = 0; i < 4; i++) record[i] = piece[at + i] as number;
      record[4] = id & 0xffff;
      record[5] = id >>> 16;
      bands.push(bandOfStep[stepOf(piece, at)] as number, record);
    }
  for (let band = 0; band < bandCount; band++) yield unpack(bands.take(band) ?? new Float32Array());
}

function wholeOf(source: BoxSource): Band {
  const boxes = new Float32Array(4 * source.count);
  let at = 0;
  for (const piece of source.pieces()) {
    boxes.set(piece, at);
    at += piece.length;
  }
  return { boxes, ids: Uint32Array.from({ length: source.count }, (_, i) => i + 1) };
}

/** In place: the boxes move to the front. */
function unpack(records: Float32Array<ArrayBuffer>): Band {
  const ids = new Uint32Array(records.length / RECORD_VALUES);
  for (let i = 0; i < ids.length; i++) {
    const at = RECORD_VALUES * i;
    ids[i] = (records[at + 4] as number) + (records[at + 5] as number) * 0x1_0000;
    for (let value = 0; value < 4; value++) records[4 * i + value] = records[at + value] as number;
  }
  return { boxes: records.subarray(0, 4 * ids.length), ids };
}

type StepOf = (boxes: Float32Array, at: number) => number;

/** In which of the steps from west to east the middle of a box lies. */
function stepsAcross(source: BoxSource): StepOf {
  let [low, high] = [Infinity, -Infinity];
  for (const boxes of source.pieces())
    for (let at = 0; at < boxes.length; at += 4) {
      const middle = (boxes[at] as number) + (boxes[at + 2] as number);
      if (middle < low) low = middle;
      if (middle > high) high = middle;
    }
  const scale = high > low ? (STEPS - 1) / (high - low) : 0;
  return (boxes, at) => Math.floor(((boxes[at] as number) + (boxes[at + 2] as number) - low) * scale);
}

function countSteps(source: BoxSource, stepOf: StepOf): Uint32Array {
  const counts = new Uint32Array(STEPS);
  for (const boxes of source.pieces())
    for (let at = 0; at < boxes.length; at += 4) {
      const step = stepOf(boxes, at);
      counts[step] = (counts[step] as number) + 1;
    }
  return counts;
}

function cutSteps(counts: Uint32Array, maxBoxes: number): { bandOfStep: Uint16Array; bandCount: number } {
  const bandOfStep = new Uint16Array(STEPS);
  let [band, filled] = [0, 0];
  for (let step = 0; step < STEPS; step++) {
    const count = counts[step] as number;
    if (filled > 0 && filled + count > maxBoxes) [band, filled] = [band + 1, 0];
    bandOfStep[step] = band;
    filled += count;
  }
  return { bandOfStep, bandCount: band + 1 };
}

import type { PbfReader } from "pbf";
import { TilthError } from "../../core/index.ts";

/** A packed list of varints. @throws `osm.invalid` when it ends beyond its message */
export function readPackedNumbers(pbf: PbfReader): Float64Array<ArrayBuffer> {
  const end = endOfList(pbf);
  const numbers = new Float64Array(countNumbers(pbf.buf, pbf.pos, end));
  for (let i = 0; i < numbers.length; i++) numbers[i] = pbf.readVarint();
  return numbers;
}

/** A packed list of signed differences, summed up. @throws `osm.invalid` when it ends beyond its message */
export function readPackedDeltas(pbf: PbfReader): Float64Array<ArrayBuffer> {
  const end = endOfList(pbf);
  const { buf } = pbf;
  const numbers = new Float64Array(countNumbers(buf, pbf.pos, end));
  let value = 0;
  let at = pbf.pos;
  for (let i = 0; i < numbers.length; i++) {
    const first = buf[at] as number;
    const second = buf[at + 1] as number;
    // One and two bytes are nine in ten; a call for each costs as much again as all the rest.
    if (first < 0x80) {
      value += (first >>> 1) ^ -(first & 1);
      at += 1;
    } else if (second < 0x80) {
      const zigzag = (first & 0x7f) | (second << 7);
      value += (zigzag >>> 1) ^ -(zigzag & 1);
      at += 2;
    } else {
      pbf.pos = at;
      value += pbf.readSVarint();
      at = pbf.pos;
    }
    numbers[i] = value;
  }
  pbf.pos = at;
  return numbers;
}

function endOfList(pbf: PbfReader): number {
  const end = pbf.readPackedEnd();
  if (end <= pbf.length) return end;
  throw new TilthError("osm.invalid", "a list ends beyond its block of the .osm.pbf file; the file is damaged");
}

/** Each number ends with a byte below 128. */
function countNumbers(buf: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) if ((buf[i] as number) < 0x80) count += 1;
  return count;
}

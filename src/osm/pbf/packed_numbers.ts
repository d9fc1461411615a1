import type { PbfReader } from "pbf";
import { TilthError, type Column } from "../../core/index.ts";

type Numbers = Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** A packed list of varints, behind what the column has. @throws `osm.invalid` when it ends beyond its message */
export function readNumbers(pbf: PbfReader, into: Column<Numbers>): void {
  const end = endOfList(pbf);
  const { buf } = pbf;
  let to = into.length;
  // No number has less than a byte.
  const numbers = into.extend(end - pbf.pos);
  let at = pbf.pos;
  while (at < end) {
    const first = buf[at] as number;
    if (first < 0x80) {
      numbers[to++] = first;
      at += 1;
      continue;
    }
    pbf.pos = at;
    numbers[to++] = pbf.readVarint();
    at = pbf.pos;
  }
  pbf.pos = at;
  into.cut(to);
}

/** A packed list of signed differences, summed up. @throws `osm.invalid` when it ends beyond its message */
export function readDeltas(pbf: PbfReader, into: Column<Float64Array<ArrayBuffer>>): void {
  const end = endOfList(pbf);
  const { buf } = pbf;
  let to = into.length;
  const numbers = into.extend(end - pbf.pos);
  let value = 0;
  let at = pbf.pos;
  while (at < end) {
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
    numbers[to++] = value;
  }
  pbf.pos = at;
  into.cut(to);
}

/** Whether a packed list of signed differences has four values or more and ends with the one with which it begins. @throws as `readDeltas` */
export function readRing(pbf: PbfReader): boolean {
  const end = endOfList(pbf);
  if (pbf.pos >= end) return false;
  const first = pbf.readSVarint();
  let count = 1;
  let value = first;
  for (; pbf.pos < end; count++) value += pbf.readSVarint();
  return count >= 4 && value === first;
}

function endOfList(pbf: PbfReader): number {
  const end = pbf.readPackedEnd();
  if (end <= pbf.length) return end;
  throw new TilthError("osm.invalid", "a list ends beyond its block of the .osm.pbf file; the file is damaged");
}

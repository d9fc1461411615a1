// Blocks of `.osm.pbf` files as nearly all are written (wiki.openstreetmap.org/wiki/PBF_Format), to columns, for `src/osm/pbf`. Built by scripts/build_wasm.ts.
import { readNodes } from "./pbf_nodes";
import { readWay } from "./pbf_ways";
import { addString, highestText, placeColumns, storeCounts, stringCount } from "./pbf_columns";
import { at, beginAt, BYTES, field, fieldEnd, nextField, readVarint, skipField, VARINT, wire } from "./pbf_varints";

export { inflate } from "./inflate";
export { HEADER, roomFor } from "./pbf_columns";
export { TEXTS_END } from "./pbf_texts";

/** What is wanted, as bits. */
const NODES: i32 = 1;
const WAYS: i32 = 2;
const RELATIONS: i32 = 4;
const REFS: i32 = 8;

/**
 * Reads a `PrimitiveBlock`.
 * @param base where the columns go: `roomFor(sizeBytes)` bytes
 * @returns false for one that is damaged, or has what is rare: relations and single nodes that are wanted, deleted objects, another granularity. That goes the long way.
 */
export function readBlock(from: i32, sizeBytes: i32, base: i32, wanted: i32): bool {
  const end = from + sizeBytes;
  placeColumns(base, sizeBytes);
  beginAt(from);
  while (nextField(end)) if (!readField(wanted)) return false;
  storeCounts();
  return at === end && highestText < stringCount;
}

function readField(wanted: i32): bool {
  if (field === 1) return wire === BYTES && readStrings();
  if (field === 2) return wire === BYTES && readGroup(fieldEnd, wanted);
  if (field === 17) return wire === VARINT && readVarint() === 100;
  if (field === 19 || field === 20) return wire === VARINT && readVarint() === 0;
  skipField();
  return true;
}

function readStrings(): bool {
  const end = fieldEnd;
  while (nextField(end)) {
    if (field !== 1 || wire !== BYTES) return false;
    addString(at, fieldEnd - at);
    skipField();
  }
  return at === end;
}

/** Fields of `PrimitiveGroup`: nodes 1, dense 2, ways 3, relations 4. */
function readGroup(end: i32, wanted: i32): bool {
  while (nextField(end)) {
    if (field === 1 && (wanted & NODES) !== 0) return false;
    if (field === 4 && (wanted & RELATIONS) !== 0) return false;
    if (field === 2 && (wanted & NODES) !== 0) {
      if (wire !== BYTES || !readNodes(fieldEnd)) return false;
    } else if (field === 3 && (wanted & WAYS) !== 0) {
      if (wire !== BYTES || !readWay(fieldEnd, (wanted & REFS) !== 0)) return false;
    } else skipField();
  }
  return at === end;
}

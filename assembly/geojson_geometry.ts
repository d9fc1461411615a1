// Geometries of GeoJSON (RFC 7946, clause 3.1).
import { COORDINATES, endOf, POSITION_ENDS, RING_ENDS, startOf } from "./batch_geometry";
import { LINE, MULTI_LINE, POINT } from "./geometry_blob";
import { NUMBER_BYTES, putNumber } from "./json_numbers";
import { putWord, Word } from "./words";

/** Of a position, or of the brackets of a ring or a part, with a comma. */
export const GEOMETRY_BYTES: i32 = 2 * NUMBER_BYTES + 4;

const OPEN: u8 = 0x5b;
const CLOSE: u8 = 0x5d;
const COMMA: u8 = 0x2c;
const END: u8 = 0x7d;

/** @param kind code of the layer's geometry @returns where it ends */
export function putGeometry(to: i32, kind: i32, fromPart: i32, toPart: i32): i32 {
  const ring = startOf(RING_ENDS, fromPart);
  let at = putWord(to, <i32>Word.KINDS + kind);
  if (kind === POINT) at = putPosition(at, startOf(POSITION_ENDS, ring));
  else if (kind === LINE) at = putRing(at, ring);
  else at = putParts(at, kind, fromPart, toPart);
  store<u8>(at, END);
  return at + 1;
}

function putParts(to: i32, kind: i32, fromPart: i32, toPart: i32): i32 {
  store<u8>(to, OPEN);
  let at = to + 1;
  for (let part = fromPart; part < toPart; part++) {
    if (part > fromPart) store<u8>(at++, COMMA);
    const ring = startOf(RING_ENDS, part);
    at = kind === MULTI_LINE ? putRing(at, ring) : putRings(at, ring, endOf(RING_ENDS, part));
  }
  store<u8>(at, CLOSE);
  return at + 1;
}

function putRings(to: i32, from: i32, end: i32): i32 {
  store<u8>(to, OPEN);
  let at = to + 1;
  for (let ring = from; ring < end; ring++) {
    if (ring > from) store<u8>(at++, COMMA);
    at = putRing(at, ring);
  }
  store<u8>(at, CLOSE);
  return at + 1;
}

function putRing(to: i32, ring: i32): i32 {
  store<u8>(to, OPEN);
  let at = to + 1;
  const from = startOf(POSITION_ENDS, ring);
  const end = endOf(POSITION_ENDS, ring);
  for (let position = from; position < end; position++) {
    if (position > from) store<u8>(at++, COMMA);
    at = putPosition(at, position);
  }
  store<u8>(at, CLOSE);
  return at + 1;
}

function putPosition(to: i32, position: i32): i32 {
  const source = COORDINATES + 16 * position;
  store<u8>(to, OPEN);
  const at = putNumber(to + 1, load<f64>(source));
  store<u8>(at, COMMA);
  const end = putNumber(at + 1, load<f64>(source + 8));
  store<u8>(end, CLOSE);
  return end + 1;
}

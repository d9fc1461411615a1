// GeoPackage binary (OGC 12-128r18, clause 2.1.3) of features, for `src/feature/geopackage`.
import { COORDINATES, endOf, maxX, maxY, minX, minY, POSITION_ENDS, RING_ENDS, startOf } from "./batch_geometry";

/** Kinds of a table's geometry, and their codes in well-known binary (OGC 06-103r4, table 7). */
export const POINT: i32 = 1;
export const LINE: i32 = 2;
export const POLYGON: i32 = 3;
export const MULTI_LINE: i32 = 5;
export const MULTI_POLYGON: i32 = 6;

/** Magic, version, flags, srs_id; then the envelope, but for points. */
const HEADER_BYTES: i32 = 8;
const ENVELOPE_BYTES: i32 = 32;
/** Of a geometry: byte order and code; of a list its length. */
const HEAD_BYTES: i32 = 5;
const COUNT_BYTES: i32 = 4;

export function blobSize(kind: i32, fromPart: i32, toPart: i32): i32 {
  const parts = toPart - fromPart;
  if (kind === POINT) return HEADER_BYTES + HEAD_BYTES + 16;
  const fixed = HEADER_BYTES + ENVELOPE_BYTES + HEAD_BYTES + COUNT_BYTES;
  const firstRing = startOf(RING_ENDS, fromPart);
  if (kind === LINE) return fixed + 16 * ringLength(firstRing);
  let size = fixed + parts * (HEAD_BYTES + COUNT_BYTES);
  if (kind === MULTI_LINE) {
    for (let part = fromPart; part < toPart; part++) size += 16 * ringLength(startOf(RING_ENDS, part));
    return size;
  }
  const endRing = endOf(RING_ENDS, toPart - 1);
  return (
    size +
    COUNT_BYTES * (endRing - firstRing) +
    16 * (endOf(POSITION_ENDS, endRing - 1) - startOf(POSITION_ENDS, firstRing))
  );
}

function ringLength(ring: i32): i32 {
  return endOf(POSITION_ENDS, ring) - startOf(POSITION_ENDS, ring);
}

/** With the box that was measured last. @returns where it ends */
export function putBlob(to: i32, srsId: i32, kind: i32, fromPart: i32, toPart: i32): i32 {
  // 'GP', version 0, little-endian, with an envelope of minx, maxx, miny, maxy or none.
  store<u32>(to, kind === POINT ? 0x0100_5047 : 0x0300_5047);
  store<i32>(to + 4, srsId);
  let at = to + HEADER_BYTES;
  if (kind !== POINT) {
    store<f64>(at, minX);
    store<f64>(at + 8, maxX);
    store<f64>(at + 16, minY);
    store<f64>(at + 24, maxY);
    at += ENVELOPE_BYTES;
  }
  const ring = startOf(RING_ENDS, fromPart);
  if (kind === POINT) return putPositions(putHead(at, POINT), startOf(POSITION_ENDS, ring), 1);
  if (kind === LINE) return putRing(putHead(at, LINE), ring);
  return putParts(at, kind, fromPart, toPart);
}

function putParts(to: i32, kind: i32, fromPart: i32, toPart: i32): i32 {
  let at = putCount(putHead(to, kind), toPart - fromPart);
  for (let part = fromPart; part < toPart; part++) {
    const first = startOf(RING_ENDS, part);
    if (kind === MULTI_LINE) {
      at = putRing(putHead(at, LINE), first);
      continue;
    }
    const end = endOf(RING_ENDS, part);
    at = putCount(putHead(at, POLYGON), end - first);
    for (let ring = first; ring < end; ring++) at = putRing(at, ring);
  }
  return at;
}

function putRing(to: i32, ring: i32): i32 {
  const length = ringLength(ring);
  return putPositions(putCount(to, length), startOf(POSITION_ENDS, ring), length);
}

function putPositions(to: i32, from: i32, count: i32): i32 {
  const source = COORDINATES + 16 * from;
  for (let i = 0; i < 16 * count; i += 16) v128.store(to + i, v128.load(source + i));
  return to + 16 * count;
}

function putHead(to: i32, kind: i32): i32 {
  store<u8>(to, 1);
  store<u32>(to + 1, kind);
  return to + HEAD_BYTES;
}

function putCount(to: i32, count: i32): i32 {
  store<u32>(to, count);
  return to + COUNT_BYTES;
}

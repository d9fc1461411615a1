// Numbers and fields of protocol buffers (protobuf.dev/programming-guides/encoding). Reads go up to 16 bytes beyond what is given; where a message ends is checked afterwards.

export const VARINT: i32 = 0;
export const FIXED64: i32 = 1;
export const BYTES: i32 = 2;
export const FIXED32: i32 = 5;

/** The next byte. */
export let at: i32 = 0;
/** Of the field that was begun last. */
export let field: i32 = 0;
export let wire: i32 = 0;
/** Where its bytes end. */
export let fieldEnd: i32 = 0;

export function beginAt(address: i32): void {
  at = address;
}

export function readVarint(): i64 {
  let byte = <i64>load<u8>(at++);
  if (byte < 0x80) return byte;
  let value = byte & 0x7f;
  for (let shift: i64 = 7; shift < 64; shift += 7) {
    byte = <i64>load<u8>(at++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  // More than ten bytes: no number.
  beDamaged();
  return 0;
}

/** A signed number, its sign in the lowest bit. */
export function readSigned(): i64 {
  const value = readVarint();
  return (value >>> 1) ^ -(value & 1);
}

/** The next field of a message; what it holds is begun, or its bytes are bounded by `fieldEnd`. False at the end, and for what is damaged: then `at` is not `end`. */
export function nextField(end: i32): bool {
  if (at >= end) return false;
  const key = readVarint();
  field = <i32>(key >>> 3);
  wire = <i32>(key & 7);
  // There is no field 0.
  if (at >= end || field === 0) return beDamaged();
  if (wire !== BYTES) return true;
  const length = readVarint();
  if (<u64>length > <u64>max(0, end - at)) return beDamaged();
  fieldEnd = at + <i32>length;
  return true;
}

/** Behind the field that was begun. */
export function skipField(): void {
  if (wire === BYTES) at = fieldEnd;
  else if (wire === VARINT) readVarint();
  else if (wire === FIXED64) at += 8;
  else if (wire === FIXED32) at += 4;
  else beDamaged();
}

/** The message cannot end where it should any more. */
export function beDamaged(): bool {
  at = i32.MAX_VALUE - 64;
  return false;
}

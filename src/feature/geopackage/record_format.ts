/** Parts of SQLite's file format (sqlite.org/fileformat2.html): numbers of variable length (clause 1.6), serial types (clause 2.1). */

/** Bytes of a number from 0 to 2^53 as a varint: seven bits in each. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

/** @returns where it ends */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  if (value < 128) {
    bytes[at] = value;
    return at + 1;
  }
  const end = at + varintSize(value);
  let rest = value;
  for (let i = end - 1; i >= at; i--) {
    bytes[i] = (rest % 128) | (i === end - 1 ? 0 : 0x80);
    rest = Math.floor(rest / 128);
  }
  return end;
}

export const SERIAL = { null: 0, float: 7, zero: 8, one: 9 } as const;
const BYTES_OF_INTEGER = [0, 1, 2, 3, 4, 6, 8] as const;

/** The smallest serial type that holds a whole number up to 2^53. */
export function integerSerial(value: number): number {
  if (value === 0) return SERIAL.zero;
  if (value === 1) return SERIAL.one;
  const size = value < 0 ? -value - 1 : value;
  if (size < 0x80) return 1;
  if (size < 0x8000) return 2;
  if (size < 0x80_0000) return 3;
  if (size < 0x8000_0000) return 4;
  return size < 0x8000_0000_0000 ? 5 : 6;
}

export function textSerial(bytes: number): number {
  return 2 * bytes + 13;
}

export function blobSerial(bytes: number): number {
  return 2 * bytes + 12;
}

/** Bytes of a value of that serial type. */
export function contentSize(serial: number): number {
  if (serial >= 12) return (serial - 12 - (serial % 2)) / 2;
  if (serial === SERIAL.float) return 8;
  return BYTES_OF_INTEGER[serial] ?? 0;
}

/** Of a serial type for numbers. @returns where it ends */
export function putNumber(view: DataView, at: number, serial: number, value: number): number {
  const size = contentSize(serial);
  if (serial === SERIAL.float) view.setFloat64(at, value);
  else {
    let rest = value;
    for (let i = at + size - 1; i >= at; i--) {
      const next = Math.floor(rest / 256);
      view.setUint8(i, rest - next * 256);
      rest = next;
    }
  }
  return at + size;
}

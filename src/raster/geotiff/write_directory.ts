import { FIELD, FIELD_BYTES } from "./tiff_tags.ts";

/** A field of a directory to be written; a text gets its zero byte here. */
export interface WrittenField {
  readonly tag: number;
  readonly type: number;
  readonly values: ArrayLike<number> | string;
}

/** Bytes of a directory and of its values. */
export function directoryBytes(fields: readonly WrittenField[], isBig: boolean): number {
  const head = (isBig ? 16 : 6) + fields.length * (isBig ? 20 : 12);
  return fields.reduce((sum, field) => sum + outsideBytes(field, isBig), even(head));
}

const even = (size: number): number => size + (size % 2);

function valueBytes({ type, values }: WrittenField): number {
  return (typeof values === "string" ? Buffer.byteLength(values) + 1 : values.length) * (FIELD_BYTES[type] as number);
}

function outsideBytes(field: WrittenField, isBig: boolean): number {
  const size = valueBytes(field);
  return size <= (isBig ? 8 : 4) ? 0 : even(size);
}

/** A directory, little endian, that will lie at `offset` of the file. @param next offset of the one behind it, 0 for none */
export function writeDirectory(
  fields: readonly WrittenField[],
  offset: number,
  next: number,
  isBig: boolean,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(directoryBytes(fields, isBig));
  const view = new DataView(bytes.buffer);
  const put = (at: number, value: number): void =>
    isBig ? view.setBigUint64(at, BigInt(value), true) : view.setUint32(at, value, true);
  const entryBytes = isBig ? 20 : 12;
  if (isBig) put(0, fields.length);
  else view.setUint16(0, fields.length, true);
  let at = isBig ? 8 : 2;
  let outside = even((isBig ? 16 : 6) + fields.length * entryBytes);
  for (const field of fields.toSorted((one, other) => one.tag - other.tag)) {
    const count = valueBytes(field) / (FIELD_BYTES[field.type] as number);
    view.setUint16(at, field.tag, true);
    view.setUint16(at + 2, field.type, true);
    put(at + 4, count);
    const place = at + (isBig ? 12 : 8);
    const size = outsideBytes(field, isBig);
    if (size > 0) put(place, offset + outside);
    putValues(view, size === 0 ? place : outside, field);
    outside += size;
    at += entryBytes;
  }
  put(at, next);
  return bytes;
}

function putValues(view: DataView, at: number, { type, values }: WrittenField): void {
  const list = typeof values === "string" ? Buffer.from(values) : values;
  const size = FIELD_BYTES[type] as number;
  for (let i = 0; i < list.length; i++) {
    const value = list[i] as number;
    if (type === FIELD.short) view.setUint16(at + i * size, value, true);
    else if (type === FIELD.long) view.setUint32(at + i * size, value, true);
    else if (type === FIELD.double) view.setFloat64(at + i * size, value, true);
    else if (type === FIELD.long8) view.setBigUint64(at + i * size, BigInt(value), true);
    else view.setUint8(at + i * size, value);
  }
}

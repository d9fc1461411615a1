import { cutShort, type TileInspection } from "./tile_format.ts";

const TAG_WIDTH = 256;
const TAG_HEIGHT = 257;
const TAG_STRIP_OFFSETS = 273;
const TAG_STRIP_COUNTS = 279;
const TAG_TILE_OFFSETS = 324;
const TAG_TILE_COUNTS = 325;
const TYPE_SHORT = 3;

/** Bytes of one value, by type 1..13 of TIFF 6.0 (BYTE, ASCII, SHORT, LONG, RATIONAL ...). */
const TYPE_BYTES: readonly number[] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];

interface Entry {
  type: number;
  count: number;
  /** Where its value stands. */
  at: number;
}

/** Classic TIFF 6.0: size from the first directory, whole when its strips or blocks lie inside. BigTIFF is accepted by its magic alone. null when it is no TIFF. */
export function inspectTiff(data: Uint8Array, view: DataView): TileInspection | null {
  const little = view.getUint16(0) === 0x4949;
  if (!little && view.getUint16(0) !== 0x4d4d) return null;
  const version = view.getUint16(2, little);
  if (version === 43) return { format: "tiff", width: null, height: null };
  if (version !== 42) return null;
  const entries = readDirectory(data, view, little);
  const read = (entry: Entry | undefined, index = 0): number | null => readNumber(view, entry, index, little);
  checkBlocks(data, entries, read);
  return { format: "tiff", width: read(entries.get(TAG_WIDTH)), height: read(entries.get(TAG_HEIGHT)) };
}

function readDirectory(data: Uint8Array, view: DataView, little: boolean): Map<number, Entry> {
  const start = data.length < 8 ? data.length : view.getUint32(4, little);
  if (start + 2 > data.length) throw cutShort("TIFF", data.length, "its directory lies behind the end");
  const count = view.getUint16(start, little);
  if (start + 2 + count * 12 > data.length) throw cutShort("TIFF", data.length, "its directory is not whole");
  const entries = new Map<number, Entry>();
  for (let index = 0; index < count; index++) {
    const at = start + 2 + index * 12;
    const type = view.getUint16(at + 2, little);
    const values = view.getUint32(at + 4, little);
    const sizeBytes = values * (TYPE_BYTES[type] ?? 0);
    const valueAt = sizeBytes <= 4 ? at + 8 : view.getUint32(at + 8, little);
    if (valueAt + sizeBytes > data.length) throw cutShort("TIFF", data.length, "a value lies behind the end");
    entries.set(view.getUint16(at, little), { type, count: values, at: valueAt });
  }
  return entries;
}

function readNumber(view: DataView, entry: Entry | undefined, index: number, little: boolean): number | null {
  if (entry === undefined || index >= entry.count) return null;
  const size = entry.type === TYPE_SHORT ? 2 : 4;
  const at = entry.at + index * size;
  if (at + size > view.byteLength) return null;
  return entry.type === TYPE_SHORT ? view.getUint16(at, little) : view.getUint32(at, little);
}

function checkBlocks(
  data: Uint8Array,
  entries: Map<number, Entry>,
  read: (entry: Entry | undefined, index: number) => number | null,
): void {
  const offsets = entries.get(TAG_STRIP_OFFSETS) ?? entries.get(TAG_TILE_OFFSETS);
  const counts = entries.get(TAG_STRIP_COUNTS) ?? entries.get(TAG_TILE_COUNTS);
  const blocks = offsets?.count ?? 0;
  for (let index = 0; index < blocks; index++) {
    const offset = read(offsets, index);
    const size = read(counts, index);
    if (offset === null || size === null || offset + size > data.length)
      throw cutShort("TIFF", data.length, "its pixels lie behind the end");
  }
}

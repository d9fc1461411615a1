import { TilthError, type ByteSource } from "../../core/index.ts";
import { damaged, tooLarge } from "../raster_errors.ts";
import { PagedBytes } from "./paged_bytes.ts";
import { FIELD_BYTES } from "./tiff_tags.ts";

/** One entry of a directory: `count` values of `type`, at byte `offset` of the file. */
export interface TiffEntry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly offset: number;
}

export interface TiffDirectory {
  readonly offset: number;
  readonly entries: ReadonlyMap<number, TiffEntry>;
}

/** A file's frame: how its numbers are written, and its directories in the order of the file. */
export interface TiffFile {
  readonly bytes: PagedBytes;
  readonly littleEndian: boolean;
  readonly isBig: boolean;
  readonly directories: readonly TiffDirectory[];
}

/** Images of a file at most: an image with a mask and 30 overviews of each has 62. */
const MAX_DIRECTORIES = 1024;
/** Entries of a directory at most; real ones have 10 to 40. */
const MAX_ENTRIES = 4096;

/** Reads all directories. @throws `raster.unknown` for what is no TIFF, `raster.damaged`, `raster.truncated`, `raster.tooLarge` */
export async function readDirectories(source: ByteSource, signal?: AbortSignal): Promise<TiffFile> {
  const bytes = new PagedBytes(source);
  const head = await bytes.read(0, Math.min(16, source.sizeBytes), "the header", signal);
  const littleEndian = orderOf(head, source);
  const isBig = head.getUint16(2, littleEndian) === 43;
  if (head.byteLength < (isBig ? 16 : 8)) throw damaged("the file ends within the header");
  if (isBig && (head.getUint16(4, littleEndian) !== 8 || head.getUint16(6, littleEndian) !== 0))
    throw damaged("the header of a BigTIFF says offsets of another size than 8 bytes");
  const first = isBig ? readOffset(head, 8, littleEndian) : head.getUint32(4, littleEndian);
  const directories: TiffDirectory[] = [];
  const seen = new Set<number>();
  for (let offset = first; offset !== 0;) {
    if (seen.has(offset)) throw damaged("its directories go round in a circle", { offset });
    if (seen.size >= MAX_DIRECTORIES) throw tooLarge(`the file has more than ${MAX_DIRECTORIES} directories`);
    seen.add(offset);
    const { directory, next } = await readDirectory({ bytes, littleEndian, isBig }, offset, signal);
    directories.push(directory);
    offset = next;
  }
  if (directories.length === 0) throw damaged("the file has no directory");
  return { bytes, littleEndian, isBig, directories };
}

function orderOf(head: DataView, source: ByteSource): boolean {
  const order = head.byteLength < 8 ? 0 : head.getUint16(0);
  const littleEndian = order === 0x4949;
  const version = head.byteLength < 8 ? 0 : head.getUint16(2, littleEndian);
  if ((order === 0x4949 || order === 0x4d4d) && (version === 42 || version === 43)) return littleEndian;
  throw new TilthError("raster.unknown", `expected a TIFF, got other bytes in '${source.name}'`);
}

type Frame = Pick<TiffFile, "bytes" | "littleEndian" | "isBig">;

async function readDirectory(
  { bytes, littleEndian, isBig }: Frame,
  offset: number,
  signal: AbortSignal | undefined,
): Promise<{ directory: TiffDirectory; next: number }> {
  const countBytes = isBig ? 8 : 2;
  const countView = await bytes.read(offset, countBytes, "a directory", signal);
  const count = isBig ? readOffset(countView, 0, littleEndian) : countView.getUint16(0, littleEndian);
  if (count === 0 || count > MAX_ENTRIES) throw damaged(`a directory has ${count} entries`, { offset, count });
  const entryBytes = isBig ? 20 : 12;
  const size = count * entryBytes + (isBig ? 8 : 4);
  const view = await bytes.read(offset + countBytes, size, "a directory's entries", signal);
  const entries = new Map<number, TiffEntry>();
  for (let i = 0; i < count; i++) {
    const entry = readEntry(view, i * entryBytes, offset + countBytes, littleEndian, isBig);
    // The first one counts, as in libtiff.
    if (entry !== null && !entries.has(entry.tag)) entries.set(entry.tag, entry);
  }
  const next = count * entryBytes;
  return {
    directory: { offset, entries },
    next: isBig ? readOffset(view, next, littleEndian) : view.getUint32(next, littleEndian),
  };
}

/** Null for a type that does not exist: readers must skip such fields (TIFF 6.0, page 16). */
function readEntry(view: DataView, at: number, base: number, littleEndian: boolean, isBig: boolean): TiffEntry | null {
  const type = view.getUint16(at + 2, littleEndian);
  const valueBytes = FIELD_BYTES[type] ?? 0;
  if (valueBytes === 0) return null;
  const count = isBig ? readOffset(view, at + 4, littleEndian) : view.getUint32(at + 4, littleEndian);
  const place = at + (isBig ? 12 : 8);
  const isInline = count * valueBytes <= (isBig ? 8 : 4);
  const pointer = isBig ? readOffset(view, place, littleEndian, isInline) : view.getUint32(place, littleEndian);
  return { tag: view.getUint16(at, littleEndian), type, count, offset: isInline ? base + place : pointer };
}

/** @param isAnything the 8 bytes may be no number at all */
export function readOffset(view: DataView, at: number, littleEndian: boolean, isAnything = false): number {
  const value = Number(view.getBigUint64(at, littleEndian));
  if (!isAnything && value > Number.MAX_SAFE_INTEGER) throw damaged("an offset lies beyond any file");
  return value;
}

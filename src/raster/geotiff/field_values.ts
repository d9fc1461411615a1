import { damaged, tooLarge } from "../raster_errors.ts";
import { readOffset, type TiffDirectory, type TiffEntry, type TiffFile } from "./read_directories.ts";
import { FIELD, FIELD_BYTES } from "./tiff_tags.ts";

/** Bytes of one field's values at most; block offsets, which may be more, are read in parts (`BlockIndex`). */
const MAX_FIELD_BYTES = 4 * 1024 * 1024;

/** Values of one directory's fields. */
export class FieldValues {
  readonly #file: TiffFile;
  readonly #directory: TiffDirectory;
  readonly #signal: AbortSignal | undefined;

  constructor(file: TiffFile, directory: TiffDirectory, signal?: AbortSignal) {
    this.#file = file;
    this.#directory = directory;
    this.#signal = signal;
  }

  findEntry(tag: number): TiffEntry | null {
    return this.#directory.entries.get(tag) ?? null;
  }

  /** The field's numbers; null where the field is not there. @throws `raster.damaged` for a text, or numbers without end */
  async findNumbers(tag: number): Promise<number[] | null> {
    const entry = this.findEntry(tag);
    if (entry === null) return null;
    const view = await this.#view(entry);
    return Array.from({ length: entry.count }, (_, i) => numberAt(view, entry.type, i, this.#file.littleEndian));
  }

  /** The first number of the field, or `otherwise`. */
  async number(tag: number, otherwise: number): Promise<number> {
    return (await this.findNumbers(tag))?.[0] ?? otherwise;
  }

  /** Text up to its first zero byte; UTF-8, which GDAL writes, or else Latin 1. */
  async findText(tag: number): Promise<string | null> {
    const bytes = await this.findBytes(tag);
    if (bytes === null) return null;
    const end = bytes.indexOf(0);
    return decodeText(end < 0 ? bytes : bytes.subarray(0, end));
  }

  async findBytes(tag: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const entry = this.findEntry(tag);
    if (entry === null) return null;
    const view = await this.#view(entry);
    return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
  }

  #view({ tag, type, count, offset }: TiffEntry): Promise<DataView<ArrayBuffer>> {
    const sizeBytes = count * (FIELD_BYTES[type] as number);
    if (sizeBytes > MAX_FIELD_BYTES)
      throw tooLarge(`field ${tag} says that it has ${sizeBytes} bytes; ${MAX_FIELD_BYTES} at most are read`);
    return this.#file.bytes.read(offset, sizeBytes, `field ${tag}`, this.#signal);
  }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("latin1").decode(bytes);
  }
}

/** The `index`th value of a field. */
export function numberAt(view: DataView, type: number, index: number, littleEndian: boolean): number {
  const at = index * (FIELD_BYTES[type] as number);
  switch (type) {
    case FIELD.byte:
    case FIELD.undefined:
      return view.getUint8(at);
    case FIELD.sbyte:
      return view.getInt8(at);
    case FIELD.short:
      return view.getUint16(at, littleEndian);
    case FIELD.sshort:
      return view.getInt16(at, littleEndian);
    case FIELD.long:
    case FIELD.ifd:
      return view.getUint32(at, littleEndian);
    case FIELD.slong:
      return view.getInt32(at, littleEndian);
    case FIELD.float:
      return view.getFloat32(at, littleEndian);
    case FIELD.double:
      return view.getFloat64(at, littleEndian);
    case FIELD.rational:
      return view.getUint32(at, littleEndian) / view.getUint32(at + 4, littleEndian);
    case FIELD.srational:
      return view.getInt32(at, littleEndian) / view.getInt32(at + 4, littleEndian);
    case FIELD.long8:
    case FIELD.ifd8:
      return readOffset(view, at, littleEndian);
    case FIELD.slong8:
      return Number(view.getBigInt64(at, littleEndian));
    default:
      throw damaged("a field that should hold numbers holds a text", { type });
  }
}

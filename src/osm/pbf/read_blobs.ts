import { PbfReader } from "pbf";
import { throwIfAborted, TilthError } from "../../core/index.ts";
import type { ByteReader } from "../byte_reader.ts";
import { MAX_BLOB_BYTES, MAX_BLOB_HEADER_BYTES } from "./limits.ts";

export interface PbfBlob {
  readonly type: "OSMHeader" | "OSMData";
  /** The `Blob` message, still compressed. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the blob's length stands in the file. */
  readonly offset: number;
}

/**
 * The blobs of a `.osm.pbf` one after another; of other types than the two that are known nothing is given, as the format asks.
 * @throws `osm.invalid` where it is no such file, `osm.truncated`, `osm.tooLarge`
 */
export async function* readBlobs(reader: ByteReader, signal?: AbortSignal): AsyncGenerator<PbfBlob> {
  for (let offset = 0; ;) {
    throwIfAborted(signal);
    const length = await reader.read(4);
    if (length.byteLength === 0) return;
    if (length.byteLength < 4) throw truncated(reader.path, offset);
    const headerBytes = new DataView(length.buffer, length.byteOffset).getUint32(0);
    if (headerBytes === 0 || headerBytes > MAX_BLOB_HEADER_BYTES) throw notPbf(reader.path, offset, headerBytes);
    const { type, dataBytes } = readHeader(await readWhole(reader, headerBytes, offset), reader.path, offset);
    const bytes = await readWhole(reader, dataBytes, offset);
    if (type === "OSMHeader" || type === "OSMData") yield { type, bytes, offset };
    else if (offset === 0) throw notPbf(reader.path, offset, headerBytes);
    offset += 4 + headerBytes + dataBytes;
  }
}

/** `BlobHeader`: type 1, datasize 3. */
function readHeader(bytes: Uint8Array, path: string, offset: number): { type: string; dataBytes: number } {
  const header = { type: "", dataBytes: -1 };
  try {
    new PbfReader(bytes).readFields((tag, into, pbf) => {
      if (tag === 1) into.type = pbf.readString();
      else if (tag === 3) into.dataBytes = pbf.readVarint();
    }, header);
  } catch (cause) {
    throw notPbf(path, offset, bytes.byteLength, cause);
  }
  if (!Number.isSafeInteger(header.dataBytes) || header.dataBytes < 0) throw notPbf(path, offset, bytes.byteLength);
  if (header.dataBytes > MAX_BLOB_BYTES) {
    const message = `expected blobs of at most ${MAX_BLOB_BYTES} bytes, got one of ${header.dataBytes} at byte ${offset} of ${path}; the file is damaged`;
    throw new TilthError("osm.tooLarge", message, { fields: { path, offset } });
  }
  return header;
}

async function readWhole(reader: ByteReader, size: number, offset: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await reader.read(size);
  if (bytes.byteLength < size) throw truncated(reader.path, offset);
  return bytes;
}

function truncated(path: string, offset: number): TilthError {
  const message = `${path} ends within the blob at byte ${offset}: it was cut short; fetch the file again`;
  return new TilthError("osm.truncated", message, { fields: { path, offset } });
}

function notPbf(path: string, offset: number, headerBytes: number, cause?: unknown): TilthError {
  const message = `expected a blob of an .osm.pbf file at byte ${offset} of ${path}, got a header of ${headerBytes} bytes that is none; is it an OpenStreetMap extract?`;
  return new TilthError("osm.invalid", message, { cause, fields: { path, offset } });
}

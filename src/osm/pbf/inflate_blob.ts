import { inflateSync, zstdDecompressSync } from "node:zlib";
import { PbfReader } from "pbf";
import { isTilthError, TilthError } from "../../core/index.ts";
import { MAX_BLOB_BYTES } from "./limits.ts";
import { decodeLz4Block } from "./lz4_block.ts";

/** Fields of `Blob` (osmformat's fileformat.proto). */
const RAW = 1;
const RAW_SIZE = 2;
const ZLIB = 3;
const LZMA = 4;
const BZIP2 = 5;
const LZ4 = 6;
const ZSTD = 7;

/**
 * Bytes of a blob's block, decompressed: raw, zlib, zstd or LZ4.
 * @throws `osm.invalid`, `osm.unsupported` for another compression, `osm.tooLarge`
 */
export function inflateBlob(blob: Uint8Array): Uint8Array {
  const { field, data, rawSize } = readBlob(blob);
  if (rawSize > MAX_BLOB_BYTES)
    throw new TilthError("osm.tooLarge", `expected a block of at most ${MAX_BLOB_BYTES} bytes, got ${rawSize}`);
  const bytes = inflate(field, data, rawSize);
  if (field !== RAW && bytes.byteLength !== rawSize)
    throw new TilthError(
      "osm.invalid",
      `expected a block of ${rawSize} bytes, got ${bytes.byteLength}: the file is damaged`,
    );
  return bytes;
}

function readBlob(blob: Uint8Array): { field: number; data: Uint8Array; rawSize: number } {
  const found = { field: 0, data: new Uint8Array() as Uint8Array, rawSize: 0 };
  new PbfReader(blob).readFields((tag, into, pbf) => {
    if (tag === RAW_SIZE) into.rawSize = pbf.readVarint();
    else if (tag === RAW || (tag >= ZLIB && tag <= ZSTD)) Object.assign(into, { field: tag, data: pbf.readBytes() });
  }, found);
  return found;
}

function inflate(field: number, data: Uint8Array, rawSize: number): Uint8Array {
  try {
    if (field === RAW) return data;
    if (field === ZLIB) return inflateSync(data, { maxOutputLength: Math.max(1, rawSize) });
    if (field === ZSTD) return zstdDecompressSync(data, { maxOutputLength: Math.max(1, rawSize) });
    if (field === LZ4) return decodeLz4Block(data, rawSize);
  } catch (cause) {
    if (isTilthError(cause)) throw cause;
    throw new TilthError(
      "osm.invalid",
      "expected a compressed block, got bytes that do not decompress: the file is damaged",
      {
        cause,
      },
    );
  }
  const name = field === LZMA ? "LZMA" : field === BZIP2 ? "bzip2" : "no known compression";
  throw new TilthError(
    "osm.unsupported",
    `expected blocks packed with zlib, zstd or LZ4, got ${name}; pack the file anew: osmium cat in.osm.pbf -o out.osm.pbf`,
  );
}

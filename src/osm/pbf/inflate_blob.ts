import { inflateSync, zstdDecompressSync } from "node:zlib";
import { PbfReader } from "pbf";
import { releaseMemory, TilthError } from "../../core/index.ts";
import { MAX_BLOB_BYTES } from "./limits.ts";
import { decodeLz4Block } from "./lz4_block.ts";
import { orInvalid } from "./or_invalid.ts";

/** Fields of `Blob` (osmformat's fileformat.proto). */
const RAW = 1;
const RAW_SIZE = 2;
export const ZLIB = 3;
const LZMA = 4;
const BZIP2 = 5;
const LZ4 = 6;
const ZSTD = 7;

/** What zlib wants at the least. */
const MIN_CHUNK_BYTES = 64;
/** More than is needed: zlib takes as much memory again as soon as what it has is full. */
const SPARE_BYTES = 1;

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

/** Gives the memory of a block back. Small ones lie in a pool of Node's, which is left alone. */
export function releaseInflated({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength <= byteLength + SPARE_BYTES) releaseMemory([buffer]);
}

/** Fields of a blob. @throws `osm.invalid` */
export function readBlob(blob: Uint8Array): { field: number; data: Uint8Array; rawSize: number } {
  const found = { field: 0, data: new Uint8Array() as Uint8Array, rawSize: 0 };
  return orInvalid("a blob", () =>
    new PbfReader(blob).readFields((tag, into, pbf) => {
      if (tag === RAW_SIZE) into.rawSize = pbf.readVarint();
      else if (tag === RAW || (tag >= ZLIB && tag <= ZSTD)) Object.assign(into, { field: tag, data: pbf.readBytes() });
    }, found),
  );
}

function inflate(field: number, data: Uint8Array, rawSize: number): Uint8Array {
  if (field === RAW) return data;
  // In one piece: pieces of 16 KiB that are put together cost a third more.
  const options = {
    maxOutputLength: Math.max(1, rawSize),
    chunkSize: Math.max(MIN_CHUNK_BYTES, rawSize + SPARE_BYTES),
  };
  if (field === ZLIB) return orInvalid("a compressed block", () => inflateSync(data, options));
  if (field === ZSTD) return orInvalid("a compressed block", () => zstdDecompressSync(data, options));
  if (field === LZ4) return decodeLz4Block(data, rawSize);
  const name = field === LZMA ? "LZMA" : field === BZIP2 ? "bzip2" : "no known compression";
  throw new TilthError(
    "osm.unsupported",
    `expected blocks packed with zlib, zstd or LZ4, got ${name}; pack the file anew: osmium cat in.osm.pbf -o out.osm.pbf`,
  );
}

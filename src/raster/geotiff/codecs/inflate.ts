import { inflateSync, zstdDecompressSync } from "node:zlib";
import { messageOf } from "../../../core/index.ts";
import { damaged } from "../../raster_errors.ts";

/** zlib's Deflate. More than `maxBytes` is a bomb, or another picture than the directory says. @throws `raster.damaged` */
export function unpackDeflate(packed: Uint8Array, maxBytes: number): Uint8Array {
  return unpack("Deflate", () => inflateSync(packed, { maxOutputLength: maxBytes, chunkSize: chunkOf(maxBytes) }));
}

/** @throws `raster.damaged` */
export function unpackZstd(packed: Uint8Array, maxBytes: number): Uint8Array {
  return unpack("ZSTD", () => zstdDecompressSync(packed, { maxOutputLength: maxBytes, chunkSize: chunkOf(maxBytes) }));
}

/** One chunk for all of a block: joining those of 16 kB, the default, takes a third of the time of a block of 1 MB. */
const chunkOf = (maxBytes: number): number => Math.min(Math.max(maxBytes, 64), 4 * 1024 * 1024);

function unpack(name: string, run: () => Uint8Array): Uint8Array {
  try {
    return run();
  } catch (cause) {
    const tooLong = cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE";
    const why = tooLong ? "it holds more than the block's pixels" : messageOf(cause);
    throw damaged(`a ${name} block does not unpack: ${why}`, {}, cause);
  }
}

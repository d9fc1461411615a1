import type { OsmBlock } from "../osm_block.ts";
import { decodeBlock, type DecodeOptions } from "./decode_block.ts";
import { readFastBlock } from "./fast_block.ts";
import { inflateBlob, readBlob, releaseInflated, ZLIB } from "./inflate_blob.ts";

/**
 * The block of a blob; its columns are memory of this thread, which holds until the next one is read.
 * @throws `osm.invalid`, `osm.unsupported`, `osm.tooLarge`
 */
export function readBlock(blob: Uint8Array, options?: Omit<DecodeOptions, "borrowed">): OsmBlock {
  const { field, data, rawSize } = readBlob(blob);
  const fast = field === ZLIB ? readFastBlock(data, rawSize, options) : null;
  if (fast !== null) return fast;
  const bytes = inflateBlob(blob);
  const block = decodeBlock(bytes, { ...options, borrowed: true });
  releaseInflated(bytes);
  return block;
}

/** Of a block's size before it, and of its last bytes behind it. */
export const FRAME_BYTES = 4;

/** A block between its size (little-endian) and its last four bytes: what GDAL's note in a COG promises to readers that fetch parts. */
export function frameBlock(block: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const leader = new Uint8Array(FRAME_BYTES);
  new DataView(leader.buffer).setUint32(0, block.length, true);
  const trailer = new Uint8Array(FRAME_BYTES);
  trailer.set(block.subarray(-FRAME_BYTES));
  return [leader, block, trailer];
}

/** The same in place. @param at where the block begins in `bytes`, with room before and behind it */
export function frameInPlace(bytes: Uint8Array, at: number, sizeBytes: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at - FRAME_BYTES, sizeBytes, true);
  bytes.copyWithin(at + sizeBytes, at + sizeBytes - FRAME_BYTES, at + sizeBytes);
}

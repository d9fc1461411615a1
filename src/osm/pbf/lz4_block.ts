import { TilthError } from "../../core/index.ts";

const MIN_MATCH = 4;

/**
 * One LZ4 block without a frame (github.com/lz4/lz4, doc/lz4_Block_format.md), as blobs carry them.
 * @throws `osm.invalid` when it does not give `size` bytes
 */
export function decodeLz4Block(data: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let [from, to] = [0, 0];
  const readLength = (nibble: number): number => {
    let length = nibble;
    for (let byte = nibble === 15 ? 255 : 0; byte === 255; length += byte) {
      byte = data[from++] ?? fail(size);
    }
    return length;
  };
  while (from < data.length) {
    const token = data[from++] ?? 0;
    const literals = readLength(token >> 4);
    if (from + literals > data.length || to + literals > size) fail(size);
    out.set(data.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    // The last sequence has no match.
    if (from >= data.length) break;
    const offset = (data[from] ?? 0) | ((data[from + 1] ?? 0) << 8);
    from += 2;
    const length = readLength(token & 15) + MIN_MATCH;
    if (offset === 0 || offset > to || to + length > size) fail(size);
    // Byte by byte: a match may overlap what it writes.
    for (let end = to + length; to < end; to++) out[to] = out[to - offset] ?? 0;
  }
  if (to !== size) fail(size);
  return out;
}

function fail(size: number): never {
  throw new TilthError("osm.invalid", `expected an LZ4 block of ${size} bytes, got a damaged one`);
}

import { damaged, unsupported } from "../../raster_errors.ts";

const CLEAR = 256;
const END = 257;
const FIRST = 258;
const MAX_CODES = 4096;

/** Of each code: the code without its last byte, that byte, its first byte, its length. One table for each thread. */
const prefix = new Uint16Array(MAX_CODES);
const suffix = new Uint8Array(MAX_CODES);
const start = new Uint8Array(MAX_CODES);
const lengths = new Uint16Array(MAX_CODES);
for (let code = 0; code < 256; code++) {
  suffix[code] = code;
  start[code] = code;
  lengths[code] = 1;
}

/**
 * LZW as TIFF has it (section 13): codes of 9 to 12 bits from the highest bit on, one wider "too early".
 * @returns as many bytes as there are, `sizeBytes` at most
 */
export function unpackLzw(packed: Uint8Array, sizeBytes: number): Uint8Array<ArrayBuffer> {
  if (packed[0] === 0 && ((packed[1] ?? 0) & 1) === 1)
    throw unsupported("LZW of before TIFF 5.0 (bits from the lowest)");
  const out = new Uint8Array(sizeBytes);
  let to = 0;
  let bits = 0;
  let held = 0;
  let width = 9;
  let next = FIRST;
  let previous = -1;
  for (let from = 0; to < sizeBytes;) {
    while (held < width && from < packed.length) {
      bits = ((bits << 8) | (packed[from++] as number)) & 0xffffff;
      held += 8;
    }
    if (held < width) break;
    held -= width;
    const code = (bits >>> held) & ((1 << width) - 1);
    if (code === END) break;
    if (code === CLEAR) {
      width = 9;
      next = FIRST;
      previous = -1;
      continue;
    }
    if (code > next || (code === next && previous < 0) || (previous < 0 && code > 255))
      throw damaged("an LZW block holds a code that was not made yet");
    if (previous >= 0 && next < MAX_CODES) {
      addEntry(next, previous, code === next ? previous : code);
      next++;
      if (next >= (1 << width) - 1 && width < 12) width++;
    } else if (code >= next) {
      throw damaged("an LZW block holds a code that was not made yet");
    }
    to += writeCode(code, out, to);
    previous = code;
  }
  return out.subarray(0, to);
}

/** What `previous` is, and the first byte of `following`. */
function addEntry(entry: number, previous: number, following: number): void {
  prefix[entry] = previous;
  suffix[entry] = start[following] as number;
  start[entry] = start[previous] as number;
  lengths[entry] = (lengths[previous] as number) + 1;
}

/** Writes the code's bytes from the last to the first; what lies behind the end is dropped. */
function writeCode(code: number, out: Uint8Array, to: number): number {
  const length = lengths[code] as number;
  let at = to + length - 1;
  let rest = code;
  for (; at >= out.length; at--) rest = prefix[rest] as number;
  for (; at > to; at--) {
    out[at] = suffix[rest] as number;
    rest = prefix[rest] as number;
  }
  out[to] = suffix[rest] as number;
  return Math.min(length, out.length - to);
}

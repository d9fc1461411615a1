const CLEAR = 256;
const END = 257;
const FIRST = 258;
/** The table is begun anew before a code of 13 bits would be needed. */
const LAST = 4093;

/** Of each code and byte, the code for both; 0 for none. 2 MB for each thread. */
const children = new Uint16Array(4096 * 256);

/** LZW as TIFF has it: see `unpackLzw`. */
export function packLzw(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  // At worst each byte is a code of 12 bits, and every 3,800 codes one clears.
  const out = new Uint8Array(Math.ceil(bytes.length * 1.6) + 16);
  let to = 0;
  let held = 0;
  let bits = 0;
  let width = 9;
  let next = FIRST;
  const put = (code: number): void => {
    bits = (bits << width) | code;
    held += width;
    while (held >= 8) {
      held -= 8;
      out[to++] = bits >>> held;
    }
    bits &= (1 << held) - 1;
  };
  children.fill(0);
  put(CLEAR);
  let current = -1;
  for (const byte of bytes) {
    if (current < 0) {
      current = byte;
      continue;
    }
    const child = children[current * 256 + byte] as number;
    if (child !== 0) {
      current = child;
      continue;
    }
    put(current);
    children[current * 256 + byte] = next++;
    current = byte;
    if (next > LAST) {
      put(CLEAR);
      children.fill(0);
      width = 9;
      next = FIRST;
    } else if (next === 1 << width) width++;
  }
  if (current >= 0) put(current);
  // A reader has made one more entry by now than stands here.
  if (current >= 0 && next + 1 === 1 << width && width < 12) width++;
  put(END);
  if (held > 0) out[to++] = bits << (8 - held);
  return out.slice(0, to);
}

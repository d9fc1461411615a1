const CLEAR = 256;
const END = 257;
const FIRST = 258;
/** The table is begun anew before a code of 13 bits would be needed. */
const LAST = 4093;

/**
 * For a code and a byte behind it, the code of both: a table by hash of 96 kB, which stays in the cache of a core. Entries of an earlier table are told
 * apart by their generation, so that nothing is wiped at a clear (every 10 kB): that took more time than the packing.
 */
const HASH_BITS = 14;
const keys = new Int32Array(1 << HASH_BITS);
const codes = new Uint16Array(1 << HASH_BITS);
const MAX_GENERATION = 2047;
let generation = 0;

function beginTable(): void {
  generation++;
  if (generation <= MAX_GENERATION) return;
  keys.fill(0);
  generation = 1;
}

/** Where the key stands, or a free place for it. */
function slotOf(key: number): number {
  const mask = (1 << HASH_BITS) - 1;
  let slot = Math.imul(key, 0x9e3779b1) >>> (32 - HASH_BITS);
  for (;;) {
    const found = keys[slot] as number;
    if (found === key || found >>> 20 !== generation) return slot;
    slot = (slot + 1) & mask;
  }
}

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
  beginTable();
  put(CLEAR);
  let current = -1;
  for (const byte of bytes) {
    if (current < 0) {
      current = byte;
      continue;
    }
    const key = (generation << 20) | (current << 8) | byte;
    const slot = slotOf(key);
    if (keys[slot] === key) {
      current = codes[slot] as number;
      continue;
    }
    put(current);
    keys[slot] = key;
    codes[slot] = next++;
    current = byte;
    if (next > LAST) {
      put(CLEAR);
      beginTable();
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

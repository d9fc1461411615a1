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

/** Puts codes behind each other, from the highest bit on. */
class CodeWriter {
  readonly #out: Uint8Array<ArrayBuffer>;
  #to = 0;
  #held = 0;
  #bits = 0;

  constructor(maxBytes: number) {
    this.#out = new Uint8Array(maxBytes);
  }

  put(code: number, width: number): void {
    this.#bits = (this.#bits << width) | code;
    this.#held += width;
    while (this.#held >= 8) {
      this.#held -= 8;
      this.#out[this.#to++] = this.#bits >>> this.#held;
    }
    this.#bits &= (1 << this.#held) - 1;
  }

  finish(): Uint8Array<ArrayBuffer> {
    if (this.#held > 0) this.#out[this.#to++] = this.#bits << (8 - this.#held);
    return this.#out.slice(0, this.#to);
  }
}

/** LZW as TIFF has it: see `unpackLzw`. */
export function packLzw(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  // At worst each byte is a code of 12 bits, and every 3,800 codes one clears.
  const out = new CodeWriter(Math.ceil(bytes.length * 1.6) + 16);
  let width = 9;
  let next = FIRST;
  beginTable();
  out.put(CLEAR, width);
  let current = bytes[0] ?? -1;
  for (let i = 1; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    const key = (generation << 20) | (current << 8) | byte;
    const slot = slotOf(key);
    if (keys[slot] === key) {
      current = codes[slot] as number;
      continue;
    }
    out.put(current, width);
    keys[slot] = key;
    codes[slot] = next++;
    current = byte;
    if (next > LAST) {
      out.put(CLEAR, width);
      beginTable();
      width = 9;
      next = FIRST;
    } else if (next === 1 << width) width++;
  }
  if (current >= 0) out.put(current, width);
  // A reader has made one more entry by now than stands here.
  if (current >= 0 && next + 1 === 1 << width && width < 12) width++;
  out.put(END, width);
  return out.finish();
}

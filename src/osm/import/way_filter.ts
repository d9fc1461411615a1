import { hashId } from "../hash_id.ts";

/** With 16 bits for each way three places are all set by chance for one way in 180. */
const BITS_PER_WAY = 16;
const PLACES = 3;
const MIN_BYTES = 1024;
/** Of two million ways; of five million one way in 25 is taken for a member, which costs its line in the store of members. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Ways that may be members of areas, in memory that threads share and that does not grow with them: says yes to all of them, and to a few others (Bloom, 'Space/time trade-offs in
 * hash coding with allowable errors', 1970).
 */
export class WayFilter {
  readonly bits: Uint32Array<SharedArrayBuffer>;
  readonly #mask: number;

  /** @param bits of another filter: as many as a power of two */
  constructor(bits: Uint32Array<SharedArrayBuffer>) {
    this.bits = bits;
    this.#mask = bits.length * 32 - 1;
  }

  /** @param count of ways, about */
  static forCount(count: number): WayFilter {
    const bytes = 2 ** Math.ceil(Math.log2(Math.max(1, (count * BITS_PER_WAY) / 8)));
    return new WayFilter(new Uint32Array(new SharedArrayBuffer(Math.min(MAX_BYTES, Math.max(MIN_BYTES, bytes)))));
  }

  add(id: number): void {
    const hash = hashId(id);
    const step = stepOf(hash);
    for (let i = 0; i < PLACES; i++) {
      const place = (hash + i * step) & this.#mask;
      this.bits[place >>> 5] = (this.bits[place >>> 5] as number) | (1 << (place & 31));
    }
  }

  has(id: number): boolean {
    const hash = hashId(id);
    const step = stepOf(hash);
    for (let i = 0; i < PLACES; i++) {
      const place = (hash + i * step) & this.#mask;
      if (((this.bits[place >>> 5] as number) & (1 << (place & 31))) === 0) return false;
    }
    return true;
  }
}

/** Odd, so that the places differ. */
function stepOf(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d) | 1;
}

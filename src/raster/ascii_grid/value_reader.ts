import type { ByteSource } from "../../core/index.ts";
import { damaged, truncated } from "../raster_errors.ts";

const CHUNK_BYTES = 256 * 1024;
/** Longest number that is read: a double in full has 24 characters. */
const MAX_WORD = 64;
/** Powers of ten that a double holds exactly. */
const TENS = Array.from({ length: 23 }, (_, i) => 10 ** i);

/** Reads numbers one behind the other, from any place of a text. */
export class ValueReader {
  readonly #source: ByteSource;
  readonly #signal: AbortSignal | undefined;
  #chunk = new Uint8Array(0);
  /** Of the chunk's first byte in the file. */
  #start: number;
  #at = 0;

  constructor(source: ByteSource, offset: number, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#signal = signal;
    this.#start = offset;
  }

  /** Place in the file. */
  get offset(): number {
    return this.#start + this.#at;
  }

  /** Fills `out` with the next values. @throws `raster.truncated` at the end of the text, `raster.damaged` for what is no number */
  async read(out: { length: number; [index: number]: number }): Promise<void> {
    for (let i = 0; i < out.length;) {
      await this.#fill();
      i = this.#parse(out, i);
    }
  }

  /** Passes over values without looking at them. */
  async skip(count: number): Promise<void> {
    for (let left = count; left > 0;) {
      await this.#fill();
      const end = this.#wordsEnd();
      while (left > 0 && this.#toWord(end)) {
        while (this.#at < end && !isSpace(this.#chunk[this.#at] as number)) this.#at++;
        left--;
      }
    }
  }

  /** Holds at least one word from here on that the chunk has whole. */
  async #fill(): Promise<void> {
    if (this.#toWord(this.#wordsEnd())) return;
    const offset = this.offset;
    this.#chunk = await this.#source.read(offset, CHUNK_BYTES, { signal: this.#signal });
    this.#start = offset;
    this.#at = 0;
    // A long run of spaces has no word: the next chunk may.
    if (this.#chunk.length === 0) throw truncated("the grid has fewer values than its header says");
    if (!this.#toWord(this.#wordsEnd())) {
      if (this.#at < this.#chunk.length) throw damaged("the grid holds a word that is no number", { offset });
      await this.#fill();
    }
  }

  /** Where the last word of the chunk ends that is whole: the end of the file ends one too. */
  #wordsEnd(): number {
    let end = this.#chunk.length;
    if (this.#start + end >= this.#source.sizeBytes) return end;
    const least = Math.max(this.#at, end - MAX_WORD);
    while (end > least && !isSpace(this.#chunk[end - 1] as number)) end--;
    return end;
  }

  #toWord(end: number): boolean {
    while (this.#at < end && isSpace(this.#chunk[this.#at] as number)) this.#at++;
    return this.#at < end;
  }

  #parse(out: { length: number; [index: number]: number }, from: number): number {
    const end = this.#wordsEnd();
    let i = from;
    while (i < out.length && this.#toWord(end)) out[i++] = this.#number(end);
    return i;
  }

  /** Up to 15 digits and 22 places: the quotient of two exact numbers is the nearest double. Anything else goes the slow way. */
  #number(end: number): number {
    const chunk = this.#chunk;
    const from = this.#at;
    let at = from;
    const sign = chunk[at];
    if (sign === 45 || sign === 43) at++;
    let digits = 0;
    let count = 0;
    let places = -1;
    for (; at < end; at++) {
      const byte = chunk[at] as number;
      if (byte >= 48 && byte <= 57) {
        digits = digits * 10 + (byte - 48);
        count++;
        if (places >= 0) places++;
      } else if (byte === 46 && places < 0) places = 0;
      else break;
    }
    if (count === 0 || count > 15 || (at < end && !isSpace(chunk[at] as number))) return this.#slowNumber(from, end);
    this.#at = at;
    const value = places > 0 ? digits / (TENS[places] as number) : digits;
    return sign === 45 ? -value : value;
  }

  #slowNumber(from: number, end: number): number {
    let to = from;
    while (to < end && !isSpace(this.#chunk[to] as number)) to++;
    this.#at = to;
    const word = String.fromCharCode(...this.#chunk.subarray(from, Math.min(to, from + MAX_WORD)));
    if (/^[+-]?nan$/i.test(word)) return Number.NaN;
    const value = Number(word.replace(",", "."));
    if (to - from > MAX_WORD || Number.isNaN(value)) {
      const shown = word.replaceAll(/[^\x20-\x7e]/g, ".");
      throw damaged(`the grid holds '${shown}' where a number should be`, { offset: this.#start + from });
    }
    return value;
  }
}

const isSpace = (byte: number): boolean => byte <= 32;

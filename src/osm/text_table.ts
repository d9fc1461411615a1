/** Slots at first, a power of two; they double when half of them are taken. */
const FIRST_SLOTS = 1024;

/** The texts of a block, each once: by their bytes where these are ASCII, which is ten times as fast as making a string to look one up. */
export class TextTable {
  readonly strings: string[] = [];
  readonly #indices = new Map<string, number>();
  /** Places in `strings`, from 1, of texts that came as bytes. */
  #slots = new Int32Array(FIRST_SLOTS);
  #taken = 0;
  readonly #hashes: number[] = [];

  intern(text: string): number {
    let index = this.#indices.get(text);
    if (index === undefined) {
      index = this.strings.push(text) - 1;
      this.#indices.set(text, index);
    }
    return index;
  }

  /** Of ASCII text. @param hash the same for the same bytes */
  internAscii(bytes: Buffer, from: number, to: number, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const found = (this.#slots[slot] as number) - 1;
      if (found < 0) return this.#addAscii(bytes, from, to, hash, slot);
      if (this.#hashes[found] === hash && isSame(this.strings[found] as string, bytes, from, to)) return found;
      slot = (slot + 1) & mask;
    }
  }

  #addAscii(bytes: Buffer, from: number, to: number, hash: number, slot: number): number {
    // A text that came as a string as well stands there twice, which harms nobody.
    const index = this.strings.push(bytes.toString("latin1", from, to)) - 1;
    this.#hashes[index] = hash;
    this.#slots[slot] = index + 1;
    this.#taken += 1;
    if (this.#taken * 2 > this.#slots.length) this.#grow();
    return index;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Int32Array(before.length * 2);
    const mask = this.#slots.length - 1;
    for (const taken of before) {
      if (taken === 0) continue;
      let slot = (this.#hashes[taken - 1] as number) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = taken;
    }
  }
}

function isSame(text: string, bytes: Buffer, from: number, to: number): boolean {
  if (text.length !== to - from) return false;
  for (let i = from; i < to; i++) if (text.charCodeAt(i - from) !== bytes[i]) return false;
  return true;
}

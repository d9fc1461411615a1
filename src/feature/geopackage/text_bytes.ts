/** Texts of a batch as UTF-8, each made once, when it is first needed: as it is, and as JSON. */
export class TextBytes {
  /** All of them one behind the other; another array after a text was added. */
  bytes = new Uint8Array(64 * 1024);
  readonly #strings: readonly string[];
  readonly #encoder = new TextEncoder();
  /** Where each text stands, + 1; 0: not made yet. */
  readonly #jsonAt: Uint32Array;
  readonly #jsonSizes: Uint32Array;
  readonly #plainAt: Uint32Array;
  readonly #plainSizes: Uint32Array;
  #length = 0;

  constructor(strings: readonly string[]) {
    this.#strings = strings;
    [this.#jsonAt, this.#jsonSizes, this.#plainAt, this.#plainSizes] = [0, 0, 0, 0].map(
      () => new Uint32Array(strings.length),
    ) as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  }

  /** Bytes of text `index` as a JSON string, the quotes included. */
  jsonSize(index: number): number {
    if (this.#jsonAt[index] === 0) this.#add(index);
    return this.#jsonSizes[index] as number;
  }

  /** Where it stands in `bytes`; after `jsonSize` was asked for. */
  jsonAt(index: number): number {
    return (this.#jsonAt[index] as number) - 1;
  }

  plainSize(index: number): number {
    if (this.#jsonAt[index] === 0) this.#add(index);
    return this.#plainSizes[index] as number;
  }

  /** After `plainSize` was asked for. */
  plainAt(index: number): number {
    return (this.#plainAt[index] as number) - 1;
  }

  #add(index: number): void {
    const text = this.#strings[index] as string;
    const json = JSON.stringify(text);
    const at = this.#append(json);
    this.#jsonAt[index] = at + 1;
    this.#jsonSizes[index] = this.#length - at;
    // Nearly always there is nothing to escape: the text is what stands between the quotes.
    const isPlain = json.length === text.length + 2;
    const plainAt = isPlain ? at + 1 : this.#append(text);
    this.#plainAt[index] = plainAt + 1;
    this.#plainSizes[index] = this.#length - plainAt - (isPlain ? 1 : 0);
  }

  /** @returns where it begins */
  #append(text: string): number {
    const at = this.#length;
    if (at + 3 * text.length > this.bytes.length) {
      const larger = new Uint8Array(2 * (at + 3 * text.length));
      larger.set(this.bytes);
      this.bytes = larger;
    }
    this.#length += this.#encoder.encodeInto(text, this.bytes.subarray(at)).written;
    return at;
  }
}

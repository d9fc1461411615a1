/** The texts of a block, each once. */
export class TextTable {
  readonly strings: string[] = [];
  readonly #indices = new Map<string, number>();

  intern(text: string): number {
    let index = this.#indices.get(text);
    if (index === undefined) {
      index = this.strings.push(text) - 1;
      this.#indices.set(text, index);
    }
    return index;
  }
}

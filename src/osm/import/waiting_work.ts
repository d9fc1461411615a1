interface Work {
  readonly sizeBytes: number;
  readonly done: Promise<void>;
}

/** Work that is begun one after the other and ends in that order, while its producer goes on as long as it is not much. */
export class WaitingWork {
  readonly #maxBytes: number;
  readonly #works: Work[] = [];
  #bytes = 0;
  #failure: { readonly error: unknown } | null = null;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Begins one, and waits until no more than the limit is left of those before. Rejects as soon as one has failed. */
  async add(sizeBytes: number, begin: () => Promise<void>): Promise<void> {
    this.#throwIfFailed();
    const done = begin();
    done.catch((error: unknown) => (this.#failure ??= { error }));
    this.#works.push({ sizeBytes, done });
    this.#bytes += sizeBytes;
    while (this.#bytes > this.#maxBytes) await this.#endFirst();
  }

  /** Waits for all. */
  async end(): Promise<void> {
    while (this.#works.length > 0) await this.#endFirst();
    this.#throwIfFailed();
  }

  async #endFirst(): Promise<void> {
    const first = this.#works.shift();
    if (first === undefined) return;
    this.#bytes -= first.sizeBytes;
    await first.done;
  }

  #throwIfFailed(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}

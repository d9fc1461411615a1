/** What is known of a source tile since `atMs` (UTC), after so many attempts. */
export type ShelvedTile = { readonly atMs: number; readonly attempts: number | null } & (
  | { readonly kind: "tile"; readonly data: Uint8Array }
  | { readonly kind: "empty" }
  /** `run`: who asked in vain; only there it counts as known. */
  | { readonly kind: "failed"; readonly error: unknown; readonly run: symbol }
);

/** What an entry costs beside its bytes. */
const ENTRY_BYTES = 200;

/** Values by key, the least recently used leaving first when their sizes pass the limit. */
export class SizedCache<Value> {
  readonly #maxBytes: number;
  readonly #entries = new Map<string, { value: Value; sizeBytes: number }>();
  #sizeBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  find(key: string): Value | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  put(key: string, value: Value, valueBytes: number): void {
    this.delete(key);
    const sizeBytes = valueBytes + ENTRY_BYTES;
    this.#entries.set(key, { value, sizeBytes });
    this.#sizeBytes += sizeBytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#sizeBytes <= this.#maxBytes) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined || !this.#entries.delete(key)) return;
    this.#sizeBytes -= entry.sizeBytes;
  }
}

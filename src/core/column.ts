type Numbers =
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** A typed array that grows; twice as fast as a list of numbers that is turned into one at the end. */
export class Column<Values extends Numbers> {
  #values: Values;
  readonly #make: (length: number) => Values;
  length = 0;

  constructor(make: (length: number) => Values, capacity = 1024) {
    this.#make = make;
    this.#values = make(capacity);
  }

  push(value: number): void {
    if (this.length === this.#values.length) this.#grow();
    this.#values[this.length++] = value;
  }

  at(index: number): number {
    return this.#values[index] ?? 0;
  }

  /** Forgets what stands from `length` on. */
  cut(length: number): void {
    this.length = length;
  }

  /** A copy of the right length, with a buffer of its own. */
  take(): Values {
    return this.#values.slice(0, this.length) as Values;
  }

  #grow(): void {
    const larger = this.#make(this.#values.length * 2);
    larger.set(this.#values);
    this.#values = larger;
  }
}

export const float64s = (length: number): Float64Array<ArrayBuffer> => new Float64Array(length);
export const int32s = (length: number): Int32Array<ArrayBuffer> => new Int32Array(length);
export const uint32s = (length: number): Uint32Array<ArrayBuffer> => new Uint32Array(length);
export const uint16s = (length: number): Uint16Array<ArrayBuffer> => new Uint16Array(length);
export const uint8s = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length);

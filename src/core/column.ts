type Numbers =
  | Float64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** A typed array that grows; twice as fast as a list of numbers that is turned into one at the end. */
export interface Column<Values extends Numbers> {
  readonly length: number;
  /** As far as `length` they are the column's; another array once it has grown. */
  readonly values: Values;
  push(value: number): void;
  /** 0 behind the end. */
  at(index: number): number;
  /** Over a value that is there. */
  set(index: number, value: number): void;
  /** Makes room for more values and counts them as there: who calls writes them into what is returned, from the length that was. */
  extend(count: number): Values;
  /** Forgets what stands from `length` on. */
  cut(length: number): void;
  /** As far as `length`, without a copy: holds until the column changes. */
  view(): Values;
  /** A copy of the right length, with a buffer of its own. */
  take(): Values;
}

/** A class for each type of numbers: one for all of them would be compiled for all at once, and take five times as long for each value. */
function columnOf<Values extends Numbers>(make: (length: number) => Values): new (capacity?: number) => Column<Values> {
  return class implements Column<Values> {
    #values: Values;
    length = 0;

    constructor(capacity = 1024) {
      this.#values = make(capacity);
    }

    get values(): Values {
      return this.#values;
    }

    push(value: number): void {
      if (this.length === this.#values.length) this.#grow();
      this.#values[this.length++] = value;
    }

    at(index: number): number {
      return index < this.length ? (this.#values[index] as number) : 0;
    }

    set(index: number, value: number): void {
      this.#values[index] = value;
    }

    extend(count: number): Values {
      const length = this.length + count;
      if (length > this.#values.length) this.#grow(length);
      this.length = length;
      return this.#values;
    }

    cut(length: number): void {
      this.length = length;
    }

    view(): Values {
      return this.#values.subarray(0, this.length) as Values;
    }

    take(): Values {
      return this.#values.slice(0, this.length) as Values;
    }

    #grow(least = 1): void {
      const larger = make(Math.max(least, this.#values.length * 2));
      larger.set(this.#values);
      this.#values = larger;
    }
  };
}

export const Float64Column = columnOf((length) => new Float64Array(length));
export const Float32Column = columnOf((length) => new Float32Array(length));
export const Int32Column = columnOf((length) => new Int32Array(length));
export const Uint32Column = columnOf((length) => new Uint32Array(length));
export const Uint16Column = columnOf((length) => new Uint16Array(length));
export const Uint8Column = columnOf((length) => new Uint8Array(length));

export type Numbers =
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

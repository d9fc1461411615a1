import { Int32Column } from "../../core/index.ts";
import { SpillFile } from "../../feature/index.ts";

/** 16 KiB are read at a time: lines of an area mostly stand together, and a read of its own takes 3 us for each. */
const WINDOW_UNITS = 4096;

/** Numbers one behind the other: the first ones in memory, past a limit in a file. */
export class UnitStore implements Disposable {
  readonly #maxUnits: number;
  readonly #folder: string;
  readonly #memory = new Int32Column();
  #file: SpillFile | null = null;
  #length = 0;
  /** What was read last, and where in the file it stands. */
  readonly #window = new Int32Array(WINDOW_UNITS);
  #windowFrom = 0;
  #windowTo = 0;

  /** @param folder for the file */
  constructor(maxBytes: number, folder: string) {
    this.#maxUnits = Math.floor(maxBytes / 4);
    this.#folder = folder;
  }

  /** @returns where the first of them stands @throws `store.full`, `store.io` */
  append(units: Int32Array): number {
    const start = this.#length;
    this.#length += units.length;
    if (this.#file === null && this.#length <= this.#maxUnits)
      this.#memory.extend(units.length).set(units, this.#memory.length - units.length);
    else {
      this.#file ??= new SpillFile(this.#folder);
      this.#file.append(new Uint8Array(units.buffer, units.byteOffset, units.byteLength));
    }
    return start;
  }

  /** Puts numbers that were appended in one piece behind others. @throws `store.io` */
  copy(start: number, length: number, into: Int32Column): void {
    const at = into.length;
    const values = into.extend(length);
    const from = start - this.#memory.length;
    if (from < 0) return copyUnits(this.#memory.values, start, values, at, length);
    if (length > WINDOW_UNITS) return this.#read(from, values, at, length);
    if (from < this.#windowFrom || from + length > this.#windowTo) this.#moveWindow(from, length);
    copyUnits(this.#window, from - this.#windowFrom, values, at, length);
  }

  /** Removes the file. */
  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = null;
  }

  /** To a quarter before what is asked for, as far as that leaves room for it. */
  #moveWindow(from: number, length: number): void {
    const before = Math.min(WINDOW_UNITS / 4, WINDOW_UNITS - length);
    const start = Math.max(0, from - before);
    const count = Math.min(WINDOW_UNITS, this.#length - this.#memory.length - start);
    // Nothing is in it while it is filled, which may fail.
    this.#windowTo = this.#windowFrom = start;
    this.#read(start, this.#window, 0, count);
    this.#windowTo = start + count;
  }

  #read(from: number, into: Int32Array, at: number, length: number): void {
    this.#file?.read(from * 4, new Uint8Array(into.buffer, into.byteOffset + at * 4, length * 4));
  }
}

/** In a loop: most are short, and views of both sides would be garbage. */
function copyUnits(from: Int32Array, start: number, into: Int32Array, at: number, length: number): void {
  for (let i = 0; i < length; i++) into[at + i] = from[start + i] as number;
}

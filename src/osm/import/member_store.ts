import { tmpdir } from "node:os";
import { Float64Column, releaseMemory, Uint32Column, Uint8Column } from "../../core/index.ts";
import { SpillFile } from "../spill_file.ts";
import type { MemberWays } from "./build_features.ts";

/** A way that is a member of areas. */
export interface MemberWay {
  readonly line: Int32Array;
  readonly touches: boolean;
  readonly tags: readonly string[];
}

export interface MemberStoreOptions {
  /** Memory for lines, bytes; what does not fit goes to a file. @default 32 MiB */
  readonly maxBytes?: number;
  /** Of that file. @default the system's folder for temporary files */
  readonly folder?: string;
}

const MAX_BYTES = 32 * 1024 * 1024;

/** Lines of the ways that are members of areas, by id: 8 bytes a place, past a limit in a file, and 21 bytes for each way. */
export class MemberStore implements Disposable {
  readonly #maxBytes: number;
  readonly #folder: string;
  readonly #ids = new Float64Column();
  /** Where each line begins, in values: those below the limit in memory, the others in the file. */
  readonly #starts = new Float64Column();
  readonly #lengths = new Uint32Column();
  readonly #touches = new Uint8Column();
  /** By way: an Overpass answer has a member once with its tags and once without. */
  readonly #tags = new Map<number, readonly string[]>();
  readonly #chunks: { readonly start: number; readonly units: Int32Array }[] = [];
  readonly #missing = new Map<number, number>();
  #missingNodes = 0;
  #chunkValues = 0;
  #file: SpillFile | null = null;
  #order: Uint32Array | null = null;

  constructor({ maxBytes = MAX_BYTES, folder = tmpdir() }: MemberStoreOptions = {}) {
    this.#maxBytes = maxBytes;
    this.#folder = folder;
  }

  get size(): number {
    return this.#ids.length;
  }

  /** Nodes without a place of the ways that were found and are not wanted themselves. */
  get missingNodes(): number {
    return this.#missingNodes;
  }

  /** @throws `store.full`, `store.io` */
  add({ ids, ends, units, touches, tags, missingNodes }: MemberWays): void {
    if (ids.length === 0) return;
    this.#order = null;
    const start = this.#keep(units);
    for (let i = 0; i < ids.length; i++) {
      const from = i === 0 ? 0 : (ends[i - 1] as number);
      const texts = tags[i] ?? [];
      if (texts.length > 0) this.#tags.set(ids[i] as number, texts);
      if ((missingNodes[i] as number) > 0) this.#missing.set(ids[i] as number, missingNodes[i] as number);
      this.#ids.push(ids[i] as number);
      this.#starts.push(start + from);
      this.#lengths.push((ends[i] as number) - from);
      this.#touches.push(touches[i] as number);
    }
  }

  /** Null when the way was not in the input, or none of its nodes; of one that came twice the last. @throws `store.io` */
  find(id: number): MemberWay | null {
    this.#order ??= this.#sort();
    const order = this.#order;
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ids.at(order[middle] as number) <= id) low = middle + 1;
      else high = middle;
    }
    const index = order[low - 1];
    if (index === undefined || this.#ids.at(index) !== id) return null;
    this.#countMissing(id);
    if (this.#lengths.at(index) === 0) return null;
    return { line: this.#line(index), touches: this.#touches.at(index) === 1, tags: this.#tags.get(id) ?? [] };
  }

  /** Removes the file. */
  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = null;
  }

  /** Each way once, however many relations have it. */
  #countMissing(id: number): void {
    this.#missingNodes += this.#missing.get(id) ?? 0;
    this.#missing.delete(id);
  }

  /** @returns the place of the first value; those in the file stand behind those in memory */
  #keep(units: Int32Array<ArrayBuffer>): number {
    if (this.#file === null && (this.#chunkValues + units.length) * 4 <= this.#maxBytes) {
      const start = this.#chunkValues;
      this.#chunks.push({ start, units });
      this.#chunkValues += units.length;
      return start;
    }
    this.#file ??= new SpillFile(this.#folder);
    const offset = this.#file.append(new Uint8Array(units.buffer, units.byteOffset, units.byteLength));
    releaseMemory([units]);
    return this.#chunkValues + offset / 4;
  }

  #line(index: number): Int32Array {
    const start = this.#starts.at(index);
    const length = this.#lengths.at(index);
    if (start >= this.#chunkValues && this.#file !== null) {
      const line = new Int32Array(length);
      this.#file.read((start - this.#chunkValues) * 4, new Uint8Array(line.buffer));
      return line;
    }
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#chunks[middle]?.start ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    const chunk = this.#chunks[low - 1];
    return chunk === undefined
      ? new Int32Array()
      : chunk.units.subarray(start - chunk.start, start - chunk.start + length);
  }

  /** Places by id, then by when they came. */
  #sort(): Uint32Array {
    const ids = this.#ids.take();
    const order = new Uint32Array(ids.length);
    let isSorted = true;
    for (let i = 0; i < order.length; i++) {
      order[i] = i;
      isSorted &&= i === 0 || (ids[i - 1] as number) <= (ids[i] as number);
    }
    // As in nearly every file.
    if (isSorted) return order;
    return order.sort((a, b) => (ids[a] as number) - (ids[b] as number) || a - b);
  }
}

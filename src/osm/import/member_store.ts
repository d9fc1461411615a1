import { tmpdir } from "node:os";
import { Float64Column, releaseMemory, Uint8Column } from "../../core/index.ts";
import type { MemberWays, Reach } from "./member_ways.ts";
import type { LineColumns } from "./packed_lines.ts";
import { UnitStore } from "./unit_store.ts";

export interface MemberStoreOptions {
  /** Memory for lines, bytes; what does not fit goes to a file. @default 1 MiB */
  readonly maxBytes?: number;
  /** Of that file. @default the system's folder for temporary files */
  readonly folder?: string;
}

const MAX_BYTES = 1024 * 1024;

/**
 * Lines of the ways that are members of areas, by id: 8 bytes a place, past a limit in a file, and 18 bytes for each way. A way is told by its number here: an object for
 * each would be looked at by the collector.
 */
export class MemberStore implements Disposable {
  readonly #ids = new Float64Column();
  /** Where each line ends among the units; it begins where the one before ends. */
  readonly #ends = new Float64Column();
  readonly #reaches = new Uint8Column();
  readonly #gaps = new Uint8Column();
  /** By way: an Overpass answer has a member once with its tags and once without. */
  readonly #tags = new Map<number, readonly string[]>();
  readonly #missing = new Map<number, number>();
  readonly #units: UnitStore;
  #missingNodes = 0;
  #isSorted = true;
  /** Numbers of ways by id, then by when they came; null as long as that is the order in which they came. */
  #order: Uint32Array | null = null;

  constructor({ maxBytes = MAX_BYTES, folder = tmpdir() }: MemberStoreOptions = {}) {
    this.#units = new UnitStore(maxBytes, folder);
  }

  get size(): number {
    return this.#ids.length;
  }

  /** Nodes without a place of the ways that were found and are not wanted themselves. */
  get missingNodes(): number {
    return this.#missingNodes;
  }

  /** Their memory is given back. @throws `store.full`, `store.io` */
  add({ ids, ends, units, reaches, gaps, tags, missingNodes }: MemberWays): void {
    if (ids.length === 0) return;
    this.#order = null;
    const start = this.#units.append(units);
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number;
      this.#isSorted &&= this.size === 0 || this.#ids.at(this.size - 1) <= id;
      const texts = tags[i] ?? [];
      if (texts.length > 0) this.#tags.set(id, texts);
      if ((missingNodes[i] as number) > 0) this.#missing.set(id, missingNodes[i] as number);
      this.#ids.push(id);
      this.#ends.push(start + (ends[i] as number));
      this.#reaches.push(reaches[i] as number);
      this.#gaps.push(gaps[i] as number);
    }
    releaseMemory([ids, ends, units, reaches, gaps, missingNodes]);
  }

  /** Number of a way; null when it was not in the input, or none of its nodes; of one that came twice the last. */
  find(id: number): number | null {
    if (!this.#isSorted) this.#order ??= this.#sort();
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ids.at(this.#wayAt(middle)) <= id) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return null;
    const way = this.#wayAt(low - 1);
    if (this.#ids.at(way) !== id) return null;
    this.#countMissing(id);
    return this.#start(way) === this.#ends.at(way) ? null : way;
  }

  reach(way: number): Reach {
    return this.#reaches.at(way) as Reach;
  }

  /** Whether nodes of it are not in the input. */
  hasGap(way: number): boolean {
    return this.#gaps.at(way) === 1;
  }

  /** Key, value, key, value ...; none unless it is withheld. */
  tags(way: number): readonly string[] {
    return this.#tags.get(this.#ids.at(way)) ?? [];
  }

  /** Puts its line behind others. @throws `store.io` */
  copyLine(way: number, into: LineColumns): void {
    const start = this.#start(way);
    this.#units.copy(start, this.#ends.at(way) - start, into.units);
    into.ends.push(into.units.length);
  }

  /** Removes the file. */
  [Symbol.dispose](): void {
    this.#units[Symbol.dispose]();
  }

  /** Each way once, however many relations have it. */
  #countMissing(id: number): void {
    this.#missingNodes += this.#missing.get(id) ?? 0;
    this.#missing.delete(id);
  }

  #start(way: number): number {
    return way === 0 ? 0 : this.#ends.at(way - 1);
  }

  #wayAt(place: number): number {
    return this.#order === null ? place : (this.#order[place] as number);
  }

  #sort(): Uint32Array {
    const ids = this.#ids.view();
    const order = Uint32Array.from(ids, (_id, i) => i);
    return order.sort((a, b) => (ids[a] as number) - (ids[b] as number) || a - b);
  }
}

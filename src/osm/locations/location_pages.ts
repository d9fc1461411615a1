import { openSync, readSync } from "node:fs";

/** The part of a table that did not fit into memory, as threads get it. */
export interface LocationFileView {
  readonly path: string;
  readonly count: number;
  /** First id of each page. */
  readonly firstIds: Float64Array;
}

/** Records of a page, 64 KiB. */
export const PAGE_LOCATIONS = 4096;
const PAGE_BYTES = PAGE_LOCATIONS * 16;
/** Pages that a thread keeps: 4 MiB. Nodes of ways that were drawn together stand together. */
const MAX_PAGES = 64;

interface Page {
  readonly ids: Float64Array;
  readonly units: Int32Array;
}

/** Of this thread; the file is open for as long as the thread lives. */
let opened: LocationPages | null = null;

/** Reads records of a file page by page; those that were used last stay in memory. */
export class LocationPages {
  readonly #file: LocationFileView;
  readonly #descriptor: number;
  /** The one that was used longest ago first. */
  readonly #pages = new Map<number, Page>();

  private constructor(file: LocationFileView) {
    this.#file = file;
    this.#descriptor = openSync(file.path, "r");
  }

  static of(file: LocationFileView): LocationPages {
    if (opened === null || opened.#file.path !== file.path) opened = new LocationPages(file);
    return opened;
  }

  find(id: number, into: { x: number; y: number }): boolean {
    const index = this.#pageOf(id);
    if (index < 0) return false;
    const { ids, units } = this.#page(index);
    let [low, high] = [0, ids.length / 2 - 1];
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const value = ids[2 * middle] as number;
      if (value === id) {
        into.x = units[4 * middle + 2] as number;
        into.y = units[4 * middle + 3] as number;
        return true;
      }
      if (value < id) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  }

  /** The last page that begins at or before an id; -1 when it is before them all. */
  #pageOf(id: number): number {
    const { firstIds } = this.#file;
    let [low, high] = [0, firstIds.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((firstIds[middle] as number) <= id) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #page(index: number): Page {
    const known = this.#pages.get(index);
    if (known !== undefined) {
      this.#pages.delete(index);
      this.#pages.set(index, known);
      return known;
    }
    const bytes = new Uint8Array(PAGE_BYTES);
    const length = readSync(this.#descriptor, bytes, 0, PAGE_BYTES, index * PAGE_BYTES);
    const page = {
      ids: new Float64Array(bytes.buffer, 0, length / 8),
      units: new Int32Array(bytes.buffer, 0, length / 4),
    };
    this.#pages.set(index, page);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > MAX_PAGES && oldest !== undefined) this.#pages.delete(oldest);
    return page;
  }
}

import { openSync, readSync } from "node:fs";
import { BYTES_PER_LOCATION } from "./location_chunks.ts";
import { searchIds } from "./search_ids.ts";

/** The part of a table that did not fit into memory, as threads get it. */
export interface LocationFileView {
  readonly path: string;
  readonly count: number;
  /** First id of each page. */
  readonly firstIds: Float64Array;
}

/** Records of a page, 64 KiB. */
export const PAGE_LOCATIONS = 4096;
const PAGE_BYTES = PAGE_LOCATIONS * BYTES_PER_LOCATION;
/** Pages that a thread keeps: 1 MiB. Nodes of ways that were drawn together stand together. */
const MAX_PAGES = 16;

interface Page {
  readonly bytes: Uint8Array;
  readonly ids: Float64Array;
  readonly units: Int32Array;
  /** Records in it. */
  count: number;
  /** Where an id was found last. */
  at: number;
  /** Number in the file; -1 before it is read. */
  index: number;
  /** Place among those of the thread + 1. */
  readonly place: number;
  /** When it was entered last. */
  entered: number;
}

/** Of this thread; the file is open for as long as the thread lives. */
let opened: LocationPages | null = null;

/** Reads records of a file page by page; those that were entered last stay in memory. */
export class LocationPages {
  readonly #file: LocationFileView;
  readonly #descriptor: number;
  readonly #pages: Page[] = [];
  /** By number of a page in the file, its place in `#pages` + 1. */
  readonly #places: Uint8Array;
  #entries = 0;
  /** The one that is looked into, its first id and that of the next one. */
  #page = makePage(0, 0);
  #first = Infinity;
  #next = Infinity;

  private constructor(file: LocationFileView) {
    this.#file = file;
    this.#descriptor = openSync(file.path, "r");
    this.#places = new Uint8Array(file.firstIds.length);
  }

  static of(file: LocationFileView): LocationPages {
    if (opened === null || opened.#file.path !== file.path) opened = new LocationPages(file);
    return opened;
  }

  find(id: number, into: { x: number; y: number }): boolean {
    if (!(id >= this.#first && id < this.#next) && !this.#enter(id)) return false;
    const page = this.#page;
    const index = searchIds(page.ids, page.count, page.at, id);
    if (index === -1) return false;
    page.at = index;
    into.x = page.units[4 * index + 2] as number;
    into.y = page.units[4 * index + 3] as number;
    return true;
  }

  /** Goes to the page that would hold an id. @returns false before the first */
  #enter(id: number): boolean {
    const { firstIds } = this.#file;
    let low = 0;
    let high = firstIds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((firstIds[middle] as number) <= id) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return false;
    this.#page = this.#load(low - 1);
    this.#first = firstIds[low - 1] as number;
    this.#next = low < firstIds.length ? (firstIds[low] as number) : Infinity;
    return true;
  }

  #load(index: number): Page {
    const page = this.#pages[(this.#places[index] as number) - 1] ?? this.#read(index);
    page.entered = ++this.#entries;
    return page;
  }

  #read(index: number): Page {
    const page = this.#pages.length < MAX_PAGES ? makePage(PAGE_BYTES, this.#pages.length + 1) : this.#oldest();
    if (page.place > this.#pages.length) this.#pages.push(page);
    if (page.index !== -1) this.#places[page.index] = 0;
    // It is none, should reading fail.
    page.index = -1;
    const bytes = readSync(this.#descriptor, page.bytes, 0, PAGE_BYTES, index * PAGE_BYTES);
    page.count = Math.floor(bytes / BYTES_PER_LOCATION);
    page.at = 0;
    page.index = index;
    this.#places[index] = page.place;
    return page;
  }

  /** Its memory is used again: what the process has not touched before takes 2 ms a megabyte. */
  #oldest(): Page {
    return this.#pages.reduce((oldest, page) => (page.entered < oldest.entered ? page : oldest));
  }
}

function makePage(sizeBytes: number, place: number): Page {
  const bytes = new Uint8Array(sizeBytes);
  const [ids, units] = [new Float64Array(bytes.buffer), new Int32Array(bytes.buffer)];
  return { bytes, ids, units, place, count: 0, at: 0, index: -1, entered: 0 };
}

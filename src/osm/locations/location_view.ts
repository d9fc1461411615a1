import { IndexedLocations } from "./indexed_locations.ts";
import { CHUNK_LOCATIONS, type LocationChunksView } from "./location_chunks.ts";
import { LocationPages, type LocationFileView } from "./location_pages.ts";

/** A finished table as threads get it. */
export interface LocationTableView extends LocationChunksView {
  /** Of a `LocationIndex`. Null: records stand by ascending id, those in the file behind those in memory. */
  readonly places: Int32Array<SharedArrayBuffer> | null;
  readonly file: LocationFileView | null;
}

/** Looks places up. Ids that are asked for one after another are mostly near each other, so the search begins where the last one ended. */
export class LocationView {
  /** Of the node that was found last, units of 1e-7 degrees. */
  x = 0;
  y = 0;
  readonly #chunks: readonly SharedArrayBuffer[];
  readonly #count: number;
  readonly #pages: LocationPages | null;
  readonly #indexed: IndexedLocations | null;
  /** The chunk that is looked into: its columns, the ids at both of its ends. */
  #ids: Float64Array = new Float64Array();
  #units: Int32Array = new Int32Array();
  #chunkCount = 0;
  #first = Infinity;
  #last = -Infinity;
  #at = 0;

  constructor({ chunks, count, places, file }: LocationTableView) {
    this.#chunks = chunks;
    this.#indexed = places === null ? null : new IndexedLocations(chunks, places);
    this.#count = count;
    this.#pages = file === null ? null : LocationPages.of(file);
  }

  /** Puts the place of a node into `x` and `y`; false when it is not known. */
  find(id: number): boolean {
    if (this.#indexed !== null) return this.#indexed.find(id, this);
    if (!(id >= this.#first && id <= this.#last) && !this.#enter(id)) return this.#pages?.find(id, this) ?? false;
    const index = this.#search(id);
    if (index === -1) return false;
    this.x = this.#units[4 * index + 2] as number;
    this.y = this.#units[4 * index + 3] as number;
    return true;
  }

  /** Goes to the chunk that holds an id. @returns false when none does */
  #enter(id: number): boolean {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((new Float64Array(this.#chunks[middle] as SharedArrayBuffer, 0, 1)[0] as number) <= id) low = middle + 1;
      else high = middle;
    }
    const count = Math.min(CHUNK_LOCATIONS, this.#count - (low - 1) * CHUNK_LOCATIONS);
    if (low === 0 || count <= 0) return false;
    this.#open(this.#chunks[low - 1] as SharedArrayBuffer, count);
    return id <= this.#last;
  }

  #open(buffer: SharedArrayBuffer, count: number): void {
    this.#ids = new Float64Array(buffer);
    this.#units = new Int32Array(buffer);
    this.#chunkCount = count;
    this.#first = this.#ids[0] as number;
    this.#last = this.#ids[2 * (count - 1)] as number;
    this.#at = 0;
  }

  #search(id: number): number {
    const ids = this.#ids;
    const count = this.#chunkCount;
    let low = this.#at;
    let high = low;
    let step = 1;
    const at = ids[2 * low] as number;
    if (at === id) return low;
    if (at < id) {
      while (high < count && (ids[2 * high] as number) < id) {
        low = high;
        high += step;
        step *= 2;
      }
      high = Math.min(high, count - 1);
    } else {
      while (low > 0 && (ids[2 * low] as number) > id) {
        high = low;
        low -= step;
        step *= 2;
      }
      low = Math.max(low, 0);
    }
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const value = ids[2 * middle] as number;
      if (value === id) return (this.#at = middle);
      if (value < id) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

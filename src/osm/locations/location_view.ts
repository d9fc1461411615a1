import { IndexedLocations } from "./indexed_locations.ts";
import { CHUNK_LOCATIONS, type LocationChunksView } from "./location_chunks.ts";
import { searchIds } from "./search_ids.ts";
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
  /** Of each chunk; of what stands in memory. */
  readonly #firstIds: readonly number[];
  readonly #lastId: number;
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
    this.#firstIds = chunks.map((chunk) => new Float64Array(chunk, 0, 1)[0] as number);
    this.#lastId = lastIdOf(chunks, count);
    this.#pages = file === null ? null : LocationPages.of(file);
  }

  /** Puts the place of a node into `x` and `y`; false when it is not known. */
  find(id: number): boolean {
    if (this.#indexed !== null) return this.#indexed.find(id, this);
    if (id > this.#lastId) return this.#pages?.find(id, this) ?? false;
    if (!(id >= this.#first && id <= this.#last) && !this.#enter(id)) return false;
    const index = searchIds(this.#ids, this.#chunkCount, this.#at, id);
    if (index === -1) return false;
    this.#at = index;
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
      if ((this.#firstIds[middle] as number) <= id) low = middle + 1;
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
}

function lastIdOf(chunks: readonly SharedArrayBuffer[], count: number): number {
  const chunk = chunks[Math.floor((count - 1) / CHUNK_LOCATIONS)];
  return chunk === undefined ? -Infinity : (new Float64Array(chunk)[2 * ((count - 1) % CHUNK_LOCATIONS)] as number);
}

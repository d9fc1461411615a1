import { CHUNK_LOCATIONS } from "./location_chunks.ts";
import { findRecord } from "./location_index.ts";

/** Looks up places whose ids do not ascend. */
export class IndexedLocations {
  readonly #ids: readonly Float64Array[];
  readonly #units: readonly Int32Array[];
  readonly #places: Int32Array;

  /** @param places of a `LocationIndex` over the chunks */
  constructor(chunks: readonly SharedArrayBuffer[], places: Int32Array) {
    this.#ids = chunks.map((chunk) => new Float64Array(chunk));
    this.#units = chunks.map((chunk) => new Int32Array(chunk));
    this.#places = places;
  }

  /** @param into gets longitude and latitude, units of 1e-7 degrees @returns false when the id is not known */
  find(id: number, into: { x: number; y: number }): boolean {
    const record = findRecord(this.#places, this.#ids, id);
    if (record === -1) return false;
    const units = this.#units[Math.floor(record / CHUNK_LOCATIONS)] as Int32Array;
    const at = 4 * (record % CHUNK_LOCATIONS);
    into.x = units[at + 2] as number;
    into.y = units[at + 3] as number;
    return true;
  }
}

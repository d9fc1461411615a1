import { hashId } from "../hash_id.ts";
import { CHUNK_BITS, CHUNK_LOCATIONS } from "./location_chunks.ts";

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
    // Without a call for each id: half of the time of 200,000 nodes, most of which are looked up before the engine has compiled this for speed.
    const places = this.#places;
    const mask = places.length - 1;
    for (let place = hashId(id) & mask; ; place = (place + 1) & mask) {
      const record = (places[place] as number) - 1;
      if (record === -1) return false;
      const chunk = record >>> CHUNK_BITS;
      const at = record & (CHUNK_LOCATIONS - 1);
      if ((this.#ids[chunk] as Float64Array)[2 * at] !== id) continue;
      const units = this.#units[chunk] as Int32Array;
      into.x = units[4 * at + 2] as number;
      into.y = units[4 * at + 3] as number;
      return true;
    }
  }
}

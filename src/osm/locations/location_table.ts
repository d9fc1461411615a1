import { TilthError } from "../../core/index.ts";
import { BYTES_PER_LOCATION, LocationView, type LocationTableView } from "./location_view.ts";

export interface LocationTableOptions {
  /** Memory for locations, bytes; what does not fit goes to the file. */
  readonly maxBytes: number;
}

/** Places of all nodes by id, 16 bytes each, in memory that other threads see. Filled once, then put in order, then read. */
export class LocationTable {
  readonly #buffer: SharedArrayBuffer;
  #ids: Float64Array;
  #units: Int32Array;
  #count = 0;
  #isSorted = true;
  #lastId = -Infinity;

  constructor({ maxBytes }: LocationTableOptions) {
    const maxByteLength = Math.floor(maxBytes / BYTES_PER_LOCATION) * BYTES_PER_LOCATION;
    this.#buffer = new SharedArrayBuffer(Math.min(INITIAL_BYTES, maxByteLength), { maxByteLength });
    this.#ids = new Float64Array(this.#buffer);
    this.#units = new Int32Array(this.#buffer);
  }

  get count(): number {
    return this.#count;
  }

  /** @param lons units of 1e-7 degrees @throws `osm.tooLarge` */
  add(ids: Float64Array, lons: Int32Array, lats: Int32Array): void {
    this.#reserve(ids.length);
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number;
      if (id <= this.#lastId) this.#isSorted = false;
      this.#lastId = id;
      const at = this.#count++;
      this.#ids[2 * at] = id;
      this.#units[4 * at + 2] = lons[i] as number;
      this.#units[4 * at + 3] = lats[i] as number;
    }
  }

  /** Puts the table in order; of an id that came twice the last place counts. */
  finish(): LocationTableView {
    if (!this.#isSorted) this.#sort();
    this.#isSorted = true;
    return { buffer: this.#buffer, count: this.#count };
  }

  /** For reading on this thread. */
  view(): LocationView {
    return new LocationView(this.finish());
  }

  #reserve(more: number): void {
    const needed = (this.#count + more) * BYTES_PER_LOCATION;
    if (needed <= this.#buffer.byteLength) return;
    if (needed > this.#buffer.maxByteLength)
      throw new TilthError(
        "osm.tooLarge",
        `expected at most ${this.#buffer.maxByteLength / BYTES_PER_LOCATION} nodes in the memory for them; give more memory or a smaller extract`,
      );
    this.#buffer.grow(Math.min(this.#buffer.maxByteLength, Math.max(needed, this.#buffer.byteLength * 2)));
    this.#ids = new Float64Array(this.#buffer);
    this.#units = new Int32Array(this.#buffer);
  }

  #sort(): void {
    const { length } = { length: this.#count };
    const order = new Uint32Array(length);
    for (let i = 0; i < length; i++) order[i] = i;
    const ids = this.#ids;
    order.sort((a, b) => (ids[2 * a] as number) - (ids[2 * b] as number) || a - b);
    const from = new Int32Array(this.#units.slice(0, 4 * length));
    let to = 0;
    let last = Number.NaN;
    const fromIds = new Float64Array(from.buffer);
    for (const at of order) {
      const id = fromIds[2 * at] as number;
      if (id !== last) to += 1;
      last = id;
      this.#units.set(from.subarray(4 * at, 4 * at + 4), 4 * (to - 1));
    }
    this.#count = to;
  }
}

const INITIAL_BYTES = 1024 * 1024;

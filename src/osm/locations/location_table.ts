import { tmpdir } from "node:os";
import { TilthError } from "../../core/index.ts";
import { LocationFile } from "./location_file.ts";
import { BYTES_PER_LOCATION, type LocationTableView } from "./location_view.ts";
import { sortLocations } from "./sort_locations.ts";

export interface LocationTableOptions {
  /** Memory for locations, bytes; what does not fit goes to a file. */
  readonly maxBytes: number;
  /** Of that file. @default the system's folder for temporary files */
  readonly folder?: string;
}

const INITIAL_BYTES = 1024 * 1024;

/**
 * Places of all nodes by id, 16 bytes each: in memory that other threads see, and past a limit in a file. Filled once, then put in order, then
 * read through `LocationView`.
 */
export class LocationTable implements Disposable {
  readonly #buffer: SharedArrayBuffer;
  readonly #folder: string;
  #ids: Float64Array;
  #units: Int32Array;
  #count = 0;
  #isSorted = true;
  #lastId = -Infinity;
  #file: LocationFile | null = null;

  constructor({ maxBytes, folder = tmpdir() }: LocationTableOptions) {
    const maxByteLength = Math.floor(maxBytes / BYTES_PER_LOCATION) * BYTES_PER_LOCATION;
    this.#folder = folder;
    this.#buffer = new SharedArrayBuffer(Math.min(INITIAL_BYTES, maxByteLength), { maxByteLength });
    this.#ids = new Float64Array(this.#buffer);
    this.#units = new Int32Array(this.#buffer);
  }

  /** @param lons units of 1e-7 degrees @throws `osm.unsorted` for ids that do not ascend, once memory is full; `store.full`, `store.io` */
  add(ids: Float64Array, lons: Int32Array, lats: Int32Array): void {
    if (this.#file === null && this.#reserve(ids.length)) return this.#addToMemory(ids, lons, lats);
    if (!this.#isSorted || !this.#ascends(ids)) throw unsorted(this.#buffer.maxByteLength);
    this.#file ??= new LocationFile(this.#folder);
    this.#file.add(pack(ids, lons, lats), ids);
  }

  /** Puts the table in order; of an id that came twice the last place counts. */
  finish(): LocationTableView {
    if (!this.#isSorted) this.#sort();
    this.#isSorted = true;
    return { buffer: this.#buffer, count: this.#count, file: this.#file?.view() ?? null };
  }

  /** Removes the file. */
  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = null;
  }

  #addToMemory(ids: Float64Array, lons: Int32Array, lats: Int32Array): void {
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

  #ascends(ids: Float64Array): boolean {
    for (const id of ids) {
      if (id <= this.#lastId) return false;
      this.#lastId = id;
    }
    return true;
  }

  /** False when memory is full. */
  #reserve(more: number): boolean {
    const needed = (this.#count + more) * BYTES_PER_LOCATION;
    if (needed <= this.#buffer.byteLength) return true;
    if (needed > this.#buffer.maxByteLength) return false;
    this.#buffer.grow(Math.min(this.#buffer.maxByteLength, Math.max(needed, this.#buffer.byteLength * 2)));
    this.#ids = new Float64Array(this.#buffer);
    this.#units = new Int32Array(this.#buffer);
    return true;
  }

  #sort(): void {
    const from = new Int32Array(this.#units.slice(0, 4 * this.#count));
    const ids = new Float64Array(from.buffer);
    let to = 0;
    let last = Number.NaN;
    for (const at of sortLocations(from.buffer, this.#count)) {
      const id = ids[2 * at] as number;
      if (id !== last) to += 1;
      last = id;
      this.#ids[2 * (to - 1)] = id;
      this.#units[4 * (to - 1) + 2] = from[4 * at + 2] as number;
      this.#units[4 * (to - 1) + 3] = from[4 * at + 3] as number;
    }
    this.#count = to;
  }
}

function pack(ids: Float64Array, lons: Int32Array, lats: Int32Array): Uint8Array {
  const numbers = new Float64Array(ids.length * 2);
  const units = new Int32Array(numbers.buffer);
  for (let i = 0; i < ids.length; i++) {
    numbers[2 * i] = ids[i] as number;
    units[4 * i + 2] = lons[i] as number;
    units[4 * i + 3] = lats[i] as number;
  }
  return new Uint8Array(numbers.buffer);
}

function unsorted(maxBytes: number): TilthError {
  const nodes = Math.floor(maxBytes / BYTES_PER_LOCATION);
  const message = `expected nodes by ascending id in an input of more than ${nodes} nodes, got another order; sort it first: osmium sort in.osm.pbf -o out.osm.pbf`;
  return new TilthError("osm.unsorted", message, { fields: { nodes } });
}

import { tmpdir } from "node:os";
import { TilthError } from "../../core/index.ts";
import { BYTES_PER_LOCATION, LocationChunks } from "./location_chunks.ts";
import { LocationFile } from "./location_file.ts";
import { LocationIndex } from "./location_index.ts";
import type { LocationTableView } from "./location_view.ts";

export interface LocationTableOptions {
  /** Memory for locations whose ids do not ascend, bytes, besides that of their index. */
  readonly maxBytes: number;
  /** For locations whose ids ascend; what does not fit goes to a file. @default `maxBytes` */
  readonly maxSortedBytes?: number;
  /** Of that file. @default the system's folder for temporary files */
  readonly folder?: string;
}

/**
 * Places of all nodes by id, 16 bytes each: in memory that other threads see, and past a limit in a file; 8 to 16 bytes more, and at least 2 MiB, where ids do not ascend. Filled once, then read
 * through `LocationView`.
 */
export class LocationTable implements Disposable {
  readonly #maxBytes: number;
  readonly #maxSortedBytes: number;
  readonly #folder: string;
  readonly #memory = new LocationChunks();
  /** Once ids have not ascended. */
  #index: LocationIndex | null = null;
  #lastId = -Infinity;
  #file: LocationFile | null = null;

  constructor({ maxBytes, maxSortedBytes = maxBytes, folder = tmpdir() }: LocationTableOptions) {
    this.#maxBytes = maxBytes;
    this.#maxSortedBytes = Math.min(maxBytes, maxSortedBytes);
    this.#folder = folder;
  }

  /** @param lons units of 1e-7 degrees @throws `osm.unsorted` for ids that do not ascend, once memory is full; `store.full`, `store.io` */
  add(ids: Float64Array, lons: Int32Array, lats: Int32Array): void {
    if (this.#index === null && !this.#ascends(ids)) this.#giveUpOrder();
    const limit = this.#index === null ? this.#maxSortedBytes : this.#maxBytes;
    if (this.#file === null && (this.#memory.count + ids.length) * BYTES_PER_LOCATION <= limit)
      return this.#keep(ids, lons, lats);
    if (this.#index !== null) throw unsorted(this.#maxBytes);
    this.#file ??= new LocationFile(this.#folder);
    this.#file.add(ids, lons, lats);
  }

  /** Of an id that came twice the last place counts. */
  finish(): LocationTableView {
    return { ...this.#memory.view(), places: this.#index?.places ?? null, file: this.#file?.view() ?? null };
  }

  /** Removes the file. */
  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = null;
  }

  #keep(ids: Float64Array, lons: Int32Array, lats: Int32Array): void {
    const from = this.#memory.count;
    this.#memory.add(ids, lons, lats);
    this.#index?.add(this.#memory.ids, from, this.#memory.count);
  }

  #giveUpOrder(): void {
    if (this.#file !== null) this.#recall(this.#file);
    this.#index = new LocationIndex();
    this.#index.add(this.#memory.ids, 0, this.#memory.count);
  }

  #ascends(ids: Float64Array): boolean {
    let last = this.#lastId;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number;
      if (id <= last) return false;
      last = id;
    }
    this.#lastId = last;
    return true;
  }

  /** What seemed to be in order is not: back into memory. */
  #recall(file: LocationFile): void {
    if ((this.#memory.count + file.count) * BYTES_PER_LOCATION > this.#maxBytes) throw unsorted(this.#maxBytes);
    for (const { ids, lons, lats } of file.read()) this.#memory.add(ids, lons, lats);
    file.close();
    this.#file = null;
  }
}

function unsorted(maxBytes: number): TilthError {
  const nodes = Math.floor(maxBytes / BYTES_PER_LOCATION);
  const message = `expected nodes by ascending id in an input of more than ${nodes} nodes, got another order; sort it first: osmium sort in.osm.pbf -o out.osm.pbf`;
  return new TilthError("osm.unsorted", message, { fields: { nodes } });
}

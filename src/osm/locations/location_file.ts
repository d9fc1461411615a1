import { Float64Column } from "../../core/index.ts";
import { SpillFile } from "../../feature/index.ts";
import { BYTES_PER_LOCATION } from "./location_chunks.ts";
import { PAGE_LOCATIONS, type LocationFileView } from "./location_pages.ts";

/** Places of nodes as columns. */
interface Locations {
  readonly ids: Float64Array;
  readonly lons: Int32Array;
  readonly lats: Int32Array;
}

/** Records that do not fit into memory, by ascending id. */
export class LocationFile {
  readonly #file: SpillFile;
  readonly #firstIds = new Float64Column();
  /** Of the records that are written, used again. */
  #packed = new Float64Array();
  #count = 0;

  /** @throws `store.io` */
  constructor(folder: string) {
    this.#file = new SpillFile(folder);
  }

  get count(): number {
    return this.#count;
  }

  /** @throws `store.full`, `store.io` */
  add(ids: Float64Array, lons: Int32Array, lats: Int32Array): void {
    if (this.#packed.length < 2 * ids.length) this.#packed = new Float64Array(2 * ids.length);
    this.#file.append(pack(ids, lons, lats, this.#packed));
    const first = (PAGE_LOCATIONS - (this.#count % PAGE_LOCATIONS)) % PAGE_LOCATIONS;
    for (let i = first; i < ids.length; i += PAGE_LOCATIONS) this.#firstIds.push(ids[i] as number);
    this.#count += ids.length;
  }

  /** All of them, a page at a time. @throws `store.io` */
  *read(): Generator<Locations> {
    for (let at = 0; at < this.#count; at += PAGE_LOCATIONS) {
      const count = Math.min(PAGE_LOCATIONS, this.#count - at);
      const numbers = new Float64Array(2 * count);
      this.#file.read(at * BYTES_PER_LOCATION, new Uint8Array(numbers.buffer));
      const units = new Int32Array(numbers.buffer);
      yield {
        ids: Float64Array.from({ length: count }, (_, i) => numbers[2 * i] as number),
        lons: Int32Array.from({ length: count }, (_, i) => units[4 * i + 2] as number),
        lats: Int32Array.from({ length: count }, (_, i) => units[4 * i + 3] as number),
      };
    }
  }

  view(): LocationFileView {
    const firstIds = new Float64Array(new SharedArrayBuffer(this.#firstIds.length * 8));
    firstIds.set(this.#firstIds.take());
    return { path: this.#file.path, count: this.#count, firstIds };
  }

  close(): void {
    this.#file.close();
  }
}

function pack(ids: Float64Array, lons: Int32Array, lats: Int32Array, into: Float64Array): Uint8Array {
  const units = new Int32Array(into.buffer);
  for (let i = 0; i < ids.length; i++) {
    into[2 * i] = ids[i] as number;
    units[4 * i + 2] = lons[i] as number;
    units[4 * i + 3] = lats[i] as number;
  }
  return new Uint8Array(into.buffer, 0, ids.length * BYTES_PER_LOCATION);
}

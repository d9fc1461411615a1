import { Float64Column } from "../../core/index.ts";
import { SpillFile } from "../spill_file.ts";
import { PAGE_LOCATIONS, type LocationFileView } from "./location_pages.ts";

/** Records that do not fit into memory, by ascending id. */
export class LocationFile {
  readonly #file: SpillFile;
  readonly #firstIds = new Float64Column();
  #count = 0;

  /** @throws `store.io` */
  constructor(folder: string) {
    this.#file = new SpillFile(folder);
  }

  /** @param records of 16 bytes @throws `store.full`, `store.io` */
  add(records: Uint8Array, ids: Float64Array): void {
    this.#file.append(records);
    const first = (PAGE_LOCATIONS - (this.#count % PAGE_LOCATIONS)) % PAGE_LOCATIONS;
    for (let i = first; i < ids.length; i += PAGE_LOCATIONS) this.#firstIds.push(ids[i] as number);
    this.#count += ids.length;
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

import { LocationPages, type LocationFileView } from "./location_pages.ts";

/** Id (float64), longitude and latitude (int32, units of 1e-7 degrees). */
export const BYTES_PER_LOCATION = 16;

/** A finished table as threads get it: records by ascending id, those in the file behind those in memory. */
export interface LocationTableView {
  readonly buffer: SharedArrayBuffer;
  readonly count: number;
  readonly file: LocationFileView | null;
}

/** Looks places up. Ids that are asked for one after another are mostly near each other, so the search begins where the last one ended. */
export class LocationView {
  /** Of the node that was found last, units of 1e-7 degrees. */
  x = 0;
  y = 0;
  readonly #ids: Float64Array;
  readonly #units: Int32Array;
  readonly #count: number;
  readonly #pages: LocationPages | null;
  #at = 0;

  constructor({ buffer, count, file }: LocationTableView) {
    this.#ids = new Float64Array(buffer, 0, count * 2);
    this.#units = new Int32Array(buffer, 0, count * 4);
    this.#count = count;
    this.#pages = file === null ? null : LocationPages.of(file);
  }

  /** Puts the place of a node into `x` and `y`; false when it is not known. */
  find(id: number): boolean {
    const index = this.#search(id);
    if (index === -1) return this.#pages?.find(id, this) ?? false;
    this.x = this.#units[4 * index + 2] as number;
    this.y = this.#units[4 * index + 3] as number;
    return true;
  }

  #search(id: number): number {
    const ids = this.#ids;
    let low = this.#at;
    let high = this.#at;
    let step = 1;
    const at = ids[2 * low] ?? Number.NaN;
    if (at === id) return low;
    if (at < id) {
      while (high < this.#count && (ids[2 * high] as number) < id) {
        low = high;
        high += step;
        step *= 2;
      }
      high = Math.min(high, this.#count - 1);
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

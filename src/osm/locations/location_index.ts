import { hashId } from "../hash_id.ts";
import { CHUNK_BITS, CHUNK_LOCATIONS } from "./location_chunks.ts";

/** 2 MiB, of which only what is used is taken. Each time it doubles, all records are put in again: from 4,096 on that was more than half of the work for 200,000. */
const FIRST_PLACES = 524_288;

/** Records by id, whatever their order, in memory that threads share: 2 MiB, or 8 to 16 bytes a record. Filled while they come, where sorting them has to wait for the last one. */
export class LocationIndex {
  /** Number of a record + 1; 0 where there is none. As many places as a power of two, at most half of them taken. */
  #places = makePlaces(FIRST_PLACES);

  get places(): Int32Array<SharedArrayBuffer> {
    return this.#places;
  }

  /** Of an id that came before the new record takes the place. @param ids of each chunk, as `LocationChunks` keeps them */
  add(ids: readonly Float64Array[], from: number, to: number): void {
    if (to * 2 > this.#places.length) {
      let length = this.#places.length;
      while (to * 2 > length) length *= 2;
      this.#places = makePlaces(length);
      from = 0;
    }
    for (let record = from; record < to;) {
      const end = Math.min(to, (Math.floor(record / CHUNK_LOCATIONS) + 1) * CHUNK_LOCATIONS);
      this.#put(ids, record, end);
      record = end;
    }
  }

  /** Records of one chunk. All in one loop: 200,000 of them take 19 ms instead of 45 before the engine has compiled it for speed. */
  #put(ids: readonly Float64Array[], from: number, to: number): void {
    const places = this.#places;
    const mask = places.length - 1;
    const own = ids[Math.floor(from / CHUNK_LOCATIONS)] as Float64Array;
    for (let record = from, at = 2 * (from % CHUNK_LOCATIONS); record < to; record++, at += 2) {
      const id = own[at] as number;
      let place = hashId(id) & mask;
      while (places[place] !== 0 && idOf(ids, (places[place] as number) - 1) !== id) place = (place + 1) & mask;
      places[place] = record + 1;
    }
  }
}

function idOf(ids: readonly Float64Array[], record: number): number {
  return (ids[record >>> CHUNK_BITS] as Float64Array)[2 * (record & (CHUNK_LOCATIONS - 1))] as number;
}

function makePlaces(length: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(length * 4));
}

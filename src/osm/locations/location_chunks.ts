/** Id (float64), longitude and latitude (int32, units of 1e-7 degrees). */
export const BYTES_PER_LOCATION = 16;
/** Of the number of a record within its chunk. */
export const CHUNK_BITS = 16;
/** Records of a chunk, 1 MiB. */
export const CHUNK_LOCATIONS = 2 ** CHUNK_BITS;

/** Records in memory that threads share, as they cross threads. All chunks but the last are full. */
export interface LocationChunksView {
  readonly chunks: readonly SharedArrayBuffer[];
  readonly count: number;
}

interface Chunk {
  readonly ids: Float64Array;
  readonly units: Int32Array;
}

/** A list of records that grows. Not one buffer that can grow: values of such are read five times as slowly (Node 24). */
export class LocationChunks {
  readonly #chunks: Chunk[] = [];
  readonly #buffers: SharedArrayBuffer[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Ids of each chunk: those of its records at even places. */
  get ids(): readonly Float64Array[] {
    return this.#chunks.map(({ ids }) => ids);
  }

  view(): LocationChunksView {
    return { chunks: this.#buffers, count: this.#count };
  }

  add(ids: Float64Array, lons: Int32Array, lats: Int32Array): void {
    for (let done = 0; done < ids.length;) {
      const chunk = this.#chunkFor(this.#count);
      const at = this.#count % CHUNK_LOCATIONS;
      const more = Math.min(ids.length - done, CHUNK_LOCATIONS - at);
      for (let i = 0; i < more; i++) {
        chunk.ids[2 * (at + i)] = ids[done + i] as number;
        chunk.units[4 * (at + i) + 2] = lons[done + i] as number;
        chunk.units[4 * (at + i) + 3] = lats[done + i] as number;
      }
      done += more;
      this.#count += more;
    }
  }

  #chunkFor(index: number): Chunk {
    const number = Math.floor(index / CHUNK_LOCATIONS);
    let chunk = this.#chunks[number];
    if (chunk === undefined) {
      const buffer = new SharedArrayBuffer(CHUNK_LOCATIONS * BYTES_PER_LOCATION);
      this.#chunks[number] = chunk = { ids: new Float64Array(buffer), units: new Int32Array(buffer) };
      this.#buffers.push(buffer);
    }
    return chunk;
  }
}

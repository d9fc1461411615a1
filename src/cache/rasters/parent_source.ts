import { throwIfAborted } from "../../core/index.ts";
import type { TileCoord } from "../../grid/index.ts";
import type { FetchTileOptions, SourceTile, TileSource } from "../../source/index.ts";
import type { TileStore } from "../../store/index.ts";
import type { RasterSource } from "./raster_source.ts";

/**
 * Tiles made of the four below each, as the store has them: for levels whose next is whole. A quarter of the work of warping them, and nothing of the raster is read. Both
 * stay the caller's.
 */
export class ParentSource implements TileSource {
  readonly info: TileSource["info"];
  readonly hosts = [];
  readonly #source: RasterSource;
  readonly #store: TileStore;

  constructor(source: RasterSource, store: TileStore) {
    [this.info, this.#source, this.#store] = [source.info, source, store];
  }

  async fetchTile({ z, x, y }: TileCoord, { signal }: FetchTileOptions = {}): Promise<SourceTile> {
    throwIfAborted(signal);
    const places = [0, 1, 2, 3].map((i): TileCoord => ({ z: z + 1, x: 2 * x + (i % 2), y: 2 * y + (i >> 1) }));
    const found = await Promise.all(places.map((place) => this.#store.find(place, { signal })));
    const children = found.map((tile) => tile?.data ?? null);
    return this.#source.makeParent(z, children, signal);
  }

  async close(): Promise<void> {}
}

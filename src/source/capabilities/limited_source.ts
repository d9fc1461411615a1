import { throwIfAborted } from "../../core/index.ts";
import { rangeContains, type TileCoord } from "../../grid/index.ts";
import type { FetchTileOptions, SourceInfo, SourceTile, TileSource } from "../tile_source.ts";
import type { ResolvedLevel } from "./resolve_matrix_set.ts";

/** A source that is not asked for what its service says it does not have: such tiles are known to be empty. */
export class LimitedSource implements TileSource {
  readonly #source: TileSource;
  readonly #levels: ReadonlyMap<number, ResolvedLevel>;

  constructor(source: TileSource, levels: readonly ResolvedLevel[]) {
    this.#source = source;
    this.#levels = new Map(levels.map((level) => [level.z, level]));
  }

  get info(): SourceInfo {
    return this.#source.info;
  }

  get hosts(): TileSource["hosts"] {
    return this.#source.hosts;
  }

  async fetchTile(tile: TileCoord, options: FetchTileOptions = {}): Promise<SourceTile> {
    const range = this.#levels.get(tile.z)?.range ?? null;
    if (range !== null && rangeContains(range, tile)) return this.#source.fetchTile(tile, options);
    throwIfAborted(options.signal);
    return { kind: "empty" };
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}

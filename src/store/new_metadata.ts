import { TilthError } from "../core/index.ts";
import type { TileMatrixSet } from "../grid/index.ts";
import type { OpenStoreOptions, StoreMetadata } from "./tile_store.ts";

/** What a new store says of itself until it is told otherwise. */
export function newMetadata(title: string, given: Partial<StoreMetadata> = {}): StoreMetadata {
  return { title, description: "", attribution: "", format: null, sourceId: null, ...given };
}

/** @throws `argument.invalid`, `store.missing` */
export function gridForNew(location: string, options: OpenStoreOptions): TileMatrixSet {
  if (options.mode === "read") {
    throw new TilthError("store.missing", `expected a store at ${location}, got nothing there`, {
      fields: { location },
    });
  }
  if (options.grid !== undefined) return options.grid;
  throw new TilthError("argument.invalid", `expected a grid to create ${location}, got none`, { fields: { location } });
}

import type { OpenStoreOptions } from "../tile_store.ts";

/** Pages of a new file; undefined: the usual ones. */
export function pageSizeFor({ smallTiles, metadata }: OpenStoreOptions): number | undefined {
  const format = metadata?.format ?? null;
  return (smallTiles ?? (format === "jpeg" || format === "webp")) ? 4096 : undefined;
}

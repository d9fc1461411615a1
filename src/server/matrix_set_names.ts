import type { TileMatrixSet } from "../grid/index.ts";
import type { ServedCache } from "./served_cache.ts";

/** Name of a cache's tile matrix set in documents: its grid's where all grids of that name are one, else the cache's. */
export function matrixSetName({ name, cache }: ServedCache, caches: readonly ServedCache[]): string {
  const { grid } = cache.store;
  const isOne = caches.every(({ cache: { store } }) => store.grid.id !== grid.id || sameMatrices(store.grid, grid));
  return isOne && /^[\w.:-]{1,100}$/.test(grid.id) ? grid.id : `${name}-grid`;
}

function sameMatrices(a: TileMatrixSet, b: TileMatrixSet): boolean {
  return a === b || JSON.stringify([a.crs.code, a.matrices]) === JSON.stringify([b.crs.code, b.matrices]);
}

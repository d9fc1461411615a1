import { throwIfAborted } from "../core/index.ts";
import { coverGrid, type Coverage, type GridCoverage, type TileCoord } from "../grid/index.ts";
import type { TileStore } from "../cache/index.ts";

/** Tiles forgotten in one transaction. */
const DELETE_BATCH = 5000;

export interface CleanupOptions {
  /** Forget what was fetched before this time, ms UTC. */
  fetchedBeforeMs?: number;
  /** Forget what shares nothing with this area. */
  outside?: Coverage;
  signal?: AbortSignal;
}

/** Number of addresses forgotten. A tile goes when any of the conditions holds. */
export async function cleanupStore(store: TileStore, options: CleanupOptions): Promise<number> {
  const { fetchedBeforeMs, outside, signal } = options;
  let removed = fetchedBeforeMs === undefined ? 0 : await store.delete({ fetchedBeforeMs }, { signal });
  if (outside === undefined) return removed;
  const covered = coverGrid(store.grid, outside);
  let batch: TileCoord[] = [];
  for await (const { tile } of store.list({ withData: false, signal })) {
    throwIfAborted(signal);
    if (covers(covered, tile)) continue;
    batch.push(tile);
    if (batch.length < DELETE_BATCH) continue;
    removed += await store.delete({ tiles: batch }, { signal });
    batch = [];
  }
  return removed + (await store.delete({ tiles: batch }, { signal }));
}

function covers(covered: GridCoverage, { z, x, y }: TileCoord): boolean {
  const range = covered
    .listRanges(z)
    .find((part) => x >= part.minX && x <= part.maxX && y >= part.minY && y <= part.maxY);
  if (range === undefined) return false;
  const spans = covered.listSpans(z, y, x, x);
  return spans === null || spans.length > 0;
}

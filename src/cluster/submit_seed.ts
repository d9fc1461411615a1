import type { TileStore } from "../cache/index.ts";
import { planTask, saveTask } from "../seed/index.ts";
import type { ClusterBook } from "./book/cluster_book.ts";
import type { SeedDefinition } from "./definition.ts";

export interface SubmittedSeed {
  readonly id: string;
  /** False when the same seed is under way already. */
  readonly isNew: boolean;
  readonly planned: number;
}

/**
 * Submits a seed whose cache is there. Its task is kept with the tiles, so that `verify` can prove them complete without the books.
 * @param tiles the cache, open for writing
 * @throws `grid.level`, `coverage.invalid`, `postgres.*`
 */
export async function submitSeed(
  book: ClusterBook,
  tiles: TileStore,
  definition: SeedDefinition,
  options: { nowMs: number; signal?: AbortSignal },
): Promise<SubmittedSeed> {
  const planned = planTask(tiles.grid, definition.task).count;
  await saveTask(tiles, definition.task, null, options.nowMs);
  return { planned, ...(await book.submit(definition, planned, options.signal)) };
}

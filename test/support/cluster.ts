import { bboxCoverage, webMercatorQuad, type TileMatrixSet } from "../../src/grid/index.ts";
import type { ClusterBook, SeedDefinition } from "../../src/cluster/index.ts";
import type { LonLatBbox } from "../../src/geo/index.ts";
import { planTask, type SeedTask } from "../../src/seed/index.ts";

export interface SubmitOptions {
  bbox?: LonLatBbox;
  zooms?: readonly number[];
  blockTiles?: number | null;
  cache?: string;
  retries?: number;
  refreshAgeMs?: number | null;
  options?: SeedDefinition["options"];
}

const GRID: TileMatrixSet = webMercatorQuad();

/** A seed of a fake source; what is not said is the whole world to zoom 5 (1,365 tiles) in blocks of about 100. */
export function fakeDefinition(options: SubmitOptions = {}): { definition: SeedDefinition; planned: number } {
  const { bbox = [-180, -85, 180, 85], zooms = [0, 1, 2, 3, 4, 5], blockTiles = 100, cache = "world" } = options;
  const task: SeedTask = { coverage: bboxCoverage(bbox), zooms, sourceId: "fake" };
  const definition = {
    source: "fake:",
    options: options.options ?? {},
    task,
    cache,
    refreshAgeMs: options.refreshAgeMs ?? null,
    retries: options.retries ?? 2,
    blockTiles,
  };
  return { definition, planned: planTask(GRID, task).count };
}

/** Submitted, and how many tiles it has. */
export async function submitFake(
  book: ClusterBook,
  options: SubmitOptions = {},
): Promise<{ id: string; planned: number; isNew: boolean }> {
  const { definition, planned } = fakeDefinition(options);
  return { planned, ...(await book.submit(definition, planned)) };
}

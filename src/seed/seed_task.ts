import { createHash } from "node:crypto";
import type { TileStore } from "../cache/index.ts";
import { TilthError } from "../core/index.ts";
import { planTiles, type AreaPlan, type Coverage, type TileMatrixSet } from "../grid/index.ts";

/** What a seed was asked for: kept in the file, so that its completeness can be proved from the file alone. */
export interface SeedTask {
  readonly coverage: Coverage;
  /** Ascending. */
  readonly zooms: readonly number[];
  readonly sourceId: string | null;
}

/** Same area, zooms and source: same id. 16 hex digits. */
export function taskId(task: SeedTask): string {
  return createHash("sha256").update(serializeTask(task)).digest("hex").slice(0, 16);
}

export function serializeTask(task: SeedTask): string {
  return JSON.stringify({ version: 1, coverage: task.coverage, zooms: task.zooms, sourceId: task.sourceId });
}

/** @throws `store.corrupt` for a text that no version of Tilth wrote */
export function parseTask(text: string): SeedTask {
  try {
    const { version, coverage, zooms, sourceId } = JSON.parse(text) as { version: number } & SeedTask;
    const known = version === 1 && ("bbox" in coverage || "polygons" in coverage) && Array.isArray(zooms);
    if (known) return { coverage, zooms, sourceId };
  } catch (cause) {
    throw new TilthError("store.corrupt", "the task in the file is not readable; seed again to write it anew", {
      cause,
    });
  }
  throw new TilthError(
    "store.corrupt",
    "the task in the file is of a version that this program does not know; use a newer Tilth",
  );
}

export function planTask(grid: TileMatrixSet, task: SeedTask): AreaPlan {
  return planTiles(grid, task.coverage, task.zooms);
}

/** Keeps a task in the file, with its report as JSON when it has one. */
export async function saveTask(
  store: Pick<TileStore, "putTask">,
  task: SeedTask,
  report: object | null,
  nowMs: number,
): Promise<void> {
  await store.putTask({
    id: taskId(task),
    definition: serializeTask(task),
    report: report === null ? null : JSON.stringify(report),
    updatedAtMs: nowMs,
  });
}

import { TilthError } from "../core/index.ts";
import type { TileCoord } from "../grid/index.ts";
import type { TileCache } from "../cache/index.ts";
import type { SeedReport } from "./progress.ts";
import { runSeed } from "./run_seed.ts";
import { planTask } from "./seed_task.ts";
import { listSeedTasks, verifyStore, type DamagedTile } from "./verify_store.ts";

export interface RepairReport extends SeedReport {
  /** Damaged tiles that were taken out before anything was fetched. */
  removed: number;
}

/** Damaged tiles removed in one transaction. */
const REMOVE_BATCH = 1000;

/**
 * Takes out damaged tiles, then fetches what is missing of every task of the file; nothing else is asked for.
 * @throws `argument.invalid` when the file has no task (it was not seeded by Tilth)
 */
export async function repairStore(
  cache: TileCache,
  options: { signal?: AbortSignal; onDamaged?: (damaged: DamagedTile) => void } = {},
): Promise<RepairReport> {
  const { signal, onDamaged } = options;
  const tasks = await listSeedTasks(cache.store, signal);
  if (tasks.length === 0)
    throw new TilthError(
      "argument.invalid",
      `${cache.store.location} names no area that it was seeded for; seed it again instead`,
    );
  const removed = await removeDamaged(cache, signal, onDamaged);
  const total: RepairReport = { ...emptyReport(), removed };
  for (const { task } of tasks) {
    addReport(total, await runSeed({ cache, plan: planTask(cache.store.grid, task), task, signal }));
    if (total.stopped !== null) break;
  }
  return total;
}

async function removeDamaged(
  cache: TileCache,
  signal: AbortSignal | undefined,
  onDamaged: ((damaged: DamagedTile) => void) | undefined,
): Promise<number> {
  let batch: TileCoord[] = [];
  let removed = 0;
  const collect = (damaged: DamagedTile): void => {
    batch.push(damaged.tile);
    onDamaged?.(damaged);
  };
  await verifyStore(cache.store, { signal, onDamaged: collect });
  for (; batch.length > 0; batch = batch.slice(REMOVE_BATCH))
    removed += await cache.store.delete({ tiles: batch.slice(0, REMOVE_BATCH) }, { signal });
  return removed;
}

function emptyReport(): SeedReport {
  const counts = { planned: 0, present: 0, stored: 0, empty: 0, failed: 0, cancelled: 0, rejected: 0 };
  return {
    ...counts,
    bytes: 0,
    seconds: 0,
    tilesPerSecond: 0,
    requests: 0,
    retries: 0,
    complete: true,
    failures: {},
    stopped: null,
  };
}

const SUMMED = [
  "planned",
  "present",
  "stored",
  "empty",
  "failed",
  "cancelled",
  "rejected",
  "bytes",
  "seconds",
  "requests",
  "retries",
] as const;

function addReport(total: RepairReport, part: SeedReport): void {
  for (const key of SUMMED) total[key] += part[key];
  for (const [code, count] of Object.entries(part.failures)) total.failures[code] = (total.failures[code] ?? 0) + count;
  total.complete &&= part.complete;
  total.stopped ??= part.stopped;
  total.tilesPerSecond = total.seconds > 0 ? Math.round((total.stored + total.empty) / total.seconds) : 0;
}

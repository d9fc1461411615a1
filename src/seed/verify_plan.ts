import { throwIfAborted } from "../core/index.ts";
import type { TilePlan } from "../grid/index.ts";
import type { TileStore } from "../cache/index.ts";
import { scanBlock } from "./missing_batches.ts";

/** What a store holds of a plan; `planned = present + empty + missing`. */
export interface PlanCount {
  planned: number;
  present: number;
  empty: number;
  missing: number;
}

/** Counts a plan against the store, by index scans alone. */
export async function countPlan(
  store: Pick<TileStore, "readPresence">,
  plan: TilePlan,
  options: { signal?: AbortSignal } = {},
): Promise<PlanCount> {
  const total = { planned: plan.count, present: 0, empty: 0, missing: 0 };
  for (const block of plan.listBlocks()) {
    throwIfAborted(options.signal);
    const scan = scanBlock(block, await store.readPresence(block.range, options));
    total.present += scan.present;
    total.empty += scan.empty;
    total.missing += scan.missing;
  }
  return total;
}

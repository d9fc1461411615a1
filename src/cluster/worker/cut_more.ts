import { isTilthError } from "../../core/index.ts";
import { planTask } from "../../seed/index.ts";
import type { AreaPlan, PlanBlock } from "../../grid/index.ts";
import { blockTilesFor, type Speed } from "../blocks/block_size.ts";
import { PlanCutter } from "../blocks/plan_cutter.ts";
import type { ClusterBook, ClusterSeed, CutResult } from "../book/cluster_book.ts";

/** Blocks that are cut at a time; with two for each worker waiting, a worker cuts once in a few minutes. */
const BLOCKS_AT_ONCE = 16;
const MAX_PLANS = 8;

/** Cuts further blocks of every seed that has few waiting. @returns how many */
export async function cutMore(book: ClusterBook, plans: Map<string, AreaPlan>): Promise<number> {
  let count = 0;
  for (const id of await book.listHungry()) {
    const plan = plans.get(id) ?? (await planOf(book, id));
    if (plan === null) continue;
    // A plan of polygons is dear to make, and the next blocks are cut of the same one.
    if (plans.size >= MAX_PLANS && !plans.has(id)) plans.clear();
    plans.set(id, plan);
    count += await book.cut(id, (seed, speed) => cutBlocks(seed, plan, speed));
  }
  return count;
}

/** null for a seed that was removed meanwhile. */
async function planOf(book: ClusterBook, id: string): Promise<AreaPlan | null> {
  try {
    const { definition } = await book.getSeed(id);
    const tiles = await book.openTiles(definition.cache);
    try {
      return planTask(tiles.grid, definition.task);
    } finally {
      await tiles.close();
    }
  } catch (error) {
    if (isTilthError(error, "cluster.unknownSeed")) return null;
    throw error;
  }
}

function cutBlocks(seed: ClusterSeed, plan: AreaPlan, speed: Speed): CutResult {
  if (seed.cursor === null) return { blocks: [], cursor: null };
  const cutter = new PlanCutter(plan, seed.cursor);
  const target = seed.definition.blockTiles ?? blockTilesFor(speed);
  const blocks: PlanBlock[] = [];
  while (blocks.length < BLOCKS_AT_ONCE) {
    const block = cutter.next(target);
    if (block === null) break;
    blocks.push(block);
  }
  return { blocks, cursor: cutter.cursor };
}

import { TilthError } from "../../../core/index.ts";
import type { TileRange } from "../../../grid/index.ts";
import type { FailedRun } from "../../../seed/index.ts";
import { PLAN_START } from "../../blocks/plan_cutter.ts";
import type { SeedDefinition } from "../../definition.ts";
import type { CutBlocks, SeedState } from "../cluster_book.ts";
import type { MemoryQueue } from "./memory_queue.ts";
import { countTiles, newBlock, totalOf, type MemorySeed } from "./memory_seed.ts";
import { toSeed } from "./seed_status.ts";

/** Which states may become which. */
const FROM: Readonly<Record<"running" | "paused" | "cancelled", readonly SeedState[]>> = {
  running: ["paused"],
  paused: ["running"],
  cancelled: ["running", "paused"],
};

export function newSeed(id: string, definition: SeedDefinition, planned: number, nowMs: number): MemorySeed {
  const { refreshAgeMs } = definition;
  return {
    id,
    definition,
    planned,
    staleBeforeMs: refreshAgeMs === null ? null : nowMs - refreshAgeMs,
    submittedAtMs: nowMs,
    state: "running",
    cursor: PLAN_START,
    endedAtMs: null,
    nextBlock: 0,
    cutTiles: 0,
    blocks: new Map(),
    totals: new Map(),
    failed: new Map(),
  };
}

/** False when it is in that state already. @throws `cluster.state` */
export function changeState(seed: MemorySeed, state: "running" | "paused" | "cancelled", nowMs: number): boolean {
  if (seed.state === state) return false;
  if (!FROM[state].includes(seed.state)) {
    const message = `expected a seed that is ${FROM[state].join(" or ")}, but ${seed.id} is ${seed.state}; submit it again to fetch what is missing`;
    throw new TilthError("cluster.state", message, { fields: { id: seed.id, state: seed.state } });
  }
  seed.state = state;
  seed.endedAtMs = state === "cancelled" ? nowMs : null;
  return true;
}

/** True when nothing is left but dead blocks. */
export function endIfDone(seed: MemorySeed, nowMs: number): boolean {
  if (seed.state !== "running" || seed.cursor !== null) return false;
  for (const { state } of seed.blocks.values()) if (state !== "dead") return false;
  seed.state = "ended";
  seed.endedAtMs = nowMs;
  return true;
}

/** @returns how many blocks */
export function cutBlocks(seed: MemorySeed, queue: MemoryQueue, cut: CutBlocks, workers: number): number {
  const totals = [...seed.totals.values()];
  const busyMs = totals.reduce((sum, total) => sum + total.busyMs, 0);
  const tiles = totals.reduce(
    (sum, { counts }) => sum + counts.present + counts.stored + counts.empty + counts.failed,
    0,
  );
  const { blocks, cursor } = cut(toSeed(seed), {
    tilesPerSecond: busyMs > 1000 ? (tiles / busyMs) * 1000 : null,
    workers,
    remainingTiles: seed.planned - seed.cutTiles,
  });
  for (const { range, count } of blocks) {
    const number = seed.nextBlock++;
    seed.blocks.set(number, newBlock({ number, range, count, isRetry: false }, queue.newJob()));
    seed.cutTiles += count;
  }
  seed.cursor = cursor;
  return blocks.length;
}

/** Dead blocks, and those of failed tiles, wait again. @throws `cluster.state` */
export function retrySeed(seed: MemorySeed, queue: MemoryQueue, nowMs: number): number {
  if (seed.state === "cancelled") {
    const message = `expected a seed that was not cancelled, got ${seed.id}; submit it again to fetch what is missing`;
    throw new TilthError("cluster.state", message, { fields: { id: seed.id, state: seed.state } });
  }
  let raised = 0;
  for (const block of seed.blocks.values()) {
    if (block.state !== "dead") continue;
    Object.assign(block, { state: "waiting", job: queue.newJob(), error: null });
    raised += 1;
  }
  raised += retryFailed(seed, queue, nowMs);
  if (raised > 0 && seed.state === "ended") Object.assign(seed, { state: "running", endedAtMs: null });
  return raised;
}

/** They are counted anew when they are done. */
function retryFailed(seed: MemorySeed, queue: MemoryQueue, nowMs: number): number {
  const failed = [...seed.failed];
  seed.failed.clear();
  const total = totalOf(seed, "", nowMs);
  for (const [number, runs] of failed) {
    const count = countTiles(runs);
    seed.blocks.set(number, newBlock({ number, range: extentOf(runs), count, isRetry: true }, queue.newJob()));
    total.counts.failed -= count;
    total.blocks -= 1;
  }
  return failed.length;
}

function extentOf(runs: readonly FailedRun[]): TileRange {
  const [minX, maxX] = [Math.min(...runs.map((run) => run.minX)), Math.max(...runs.map((run) => run.maxX))];
  const [minY, maxY] = [Math.min(...runs.map(({ y }) => y)), Math.max(...runs.map(({ y }) => y))];
  return { z: runs[0]?.z ?? 0, minX, minY, maxX, maxY };
}

import { createHash } from "node:crypto";
import { throwIfAborted } from "../core/index.ts";
import { tileToText, type TileCoord } from "../grid/index.ts";
import { findTileDamage, type StoredTile, type TileStore } from "../cache/index.ts";
import { parseTask, planTask, type SeedTask } from "./seed_task.ts";
import { countPlan, type PlanCount } from "./verify_plan.ts";

export interface DamagedTile {
  tile: TileCoord;
  reason: string;
}

export interface VerifyReport {
  /** Every task is complete, every tile decodes, the container is sound. */
  whole: boolean;
  tiles: number;
  empty: number;
  damaged: number;
  missing: number;
  /** Findings about the container itself. */
  integrity: string[];
  tasks: { id: string; zooms: readonly number[]; count: PlanCount }[];
}

export interface VerifyOptions {
  /** Also decode every tile; without it hashes and structure alone. @default true */
  decode?: boolean;
  onDamaged?: (damaged: DamagedTile) => void;
  onProgress?: (checked: number) => void;
  signal?: AbortSignal;
}

/** Tiles decoded at a time: sharp's own threads do the work. */
const DECODES_IN_FLIGHT = 8;

/** Proves a file from itself alone: container, hashes, whole images, and the tasks that it was filled for. */
export async function verifyStore(store: TileStore, options: VerifyOptions = {}): Promise<VerifyReport> {
  const { signal, onDamaged, onProgress } = options;
  const report: VerifyReport = {
    whole: false,
    tiles: 0,
    empty: 0,
    damaged: 0,
    missing: 0,
    integrity: await store.checkIntegrity({ signal }),
    tasks: [],
  };
  const running = new Set<Promise<void>>();
  for await (const stored of store.list({ signal })) {
    throwIfAborted(signal);
    if (stored.status === "empty") report.empty += 1;
    else {
      report.tiles += 1;
      const check = checkTile(stored, options).then((reason) => {
        running.delete(check);
        if (reason === null) return;
        report.damaged += 1;
        onDamaged?.({ tile: stored.tile, reason });
      });
      running.add(check);
      if (running.size >= DECODES_IN_FLIGHT) await Promise.race(running);
    }
    if ((report.tiles + report.empty) % 1000 === 0) onProgress?.(report.tiles + report.empty);
  }
  await Promise.all(running);
  for (const { id, task } of await listSeedTasks(store, signal)) {
    const count = await countPlan(store, planTask(store.grid, task), { signal });
    report.missing += count.missing;
    report.tasks.push({ id, zooms: task.zooms, count });
  }
  report.whole = report.damaged === 0 && report.missing === 0 && report.integrity.length === 0;
  return report;
}

/** Tasks that the file was filled for. */
export async function listSeedTasks(store: TileStore, signal?: AbortSignal): Promise<{ id: string; task: SeedTask }[]> {
  return (await store.listTasks({ signal })).map(({ id, definition }) => ({ id, task: parseTask(definition) }));
}

async function checkTile(stored: StoredTile, options: VerifyOptions): Promise<string | null> {
  const { data, sha256 } = stored;
  if (data === null) return `${tileToText(stored.tile)} is listed as present but has no bytes`;
  if (sha256 !== null && createHash("sha256").update(data).digest("hex") !== sha256)
    return `the bytes are not those that were fetched (SHA-256 differs)`;
  return options.decode === false ? null : findTileDamage(data);
}

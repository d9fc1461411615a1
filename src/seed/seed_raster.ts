import { isHalf, ParentSource, TileCache, type RasterSource, type TileStore } from "../cache/index.ts";
import { systemClock } from "../core/index.ts";
import { planTiles, type Coverage } from "../grid/index.ts";
import type { FailedRun } from "./failed_list.ts";
import type { SeedProgress, SeedReport } from "./progress.ts";
import { runSeed } from "./run_seed.ts";
import { saveTask, type SeedTask } from "./seed_task.ts";

export interface SeedRasterOptions {
  readonly source: RasterSource;
  readonly store: TileStore;
  readonly coverage: Coverage;
  /** Ascending. */
  readonly zooms: readonly number[];
  /** Receives, for each level, a function that gives its progress. */
  readonly onStart?: (readProgress: () => SeedProgress) => void;
  readonly onFailed?: (run: FailedRun) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Fills a cache from a raster, the deepest level first: a level is warped out of the raster, or made of the tiles of the next where that is whole and halves its pixels. What is there
 * already stays. When a level is not whole, those above it are not begun and count as cancelled.
 * @throws as `runSeed`
 */
export async function seedRaster(options: SeedRasterOptions): Promise<SeedReport> {
  const { source, store, coverage, zooms, onStart, onFailed, signal } = options;
  const { grid, id: sourceId } = source.info;
  const task: SeedTask = { coverage, zooms, sourceId };
  await saveTask(store, task, null, systemClock.now());
  const reports: SeedReport[] = [];
  for (const z of zooms.toReversed()) {
    const plan = planTiles(grid, coverage, [z]);
    const isOpen = reports.some(({ complete }) => !complete);
    if (isOpen) {
      reports.push({ ...NOTHING, planned: plan.count, cancelled: plan.count });
      continue;
    }
    const canHalve = zooms.includes(z + 1) && isHalf(grid, z + 1);
    const cache = new TileCache({ store, source: canHalve ? new ParentSource(source, store) : source });
    reports.push(await runSeed({ cache, plan, task: null, onStart, onFailed, signal }));
  }
  const report = joinReports(reports);
  await saveTask(store, task, report, systemClock.now());
  return report;
}

const NOTHING: SeedReport = {
  planned: 0,
  present: 0,
  stored: 0,
  empty: 0,
  rejected: 0,
  failed: 0,
  cancelled: 0,
  bytes: 0,
  seconds: 0,
  tilesPerSecond: 0,
  requests: 0,
  retries: 0,
  complete: false,
  failures: {},
  stopped: null,
};

/** One report for several parts of a task, one after the other. */
export function joinReports(reports: readonly SeedReport[]): SeedReport {
  const sum = (of: (report: SeedReport) => number): number => reports.reduce((all, report) => all + of(report), 0);
  const seconds = sum((report) => report.seconds);
  const failures: Record<string, number> = {};
  for (const report of reports)
    for (const [code, count] of Object.entries(report.failures)) failures[code] = (failures[code] ?? 0) + count;
  const made = sum((report) => report.stored + report.empty);
  return {
    planned: sum((report) => report.planned),
    present: sum((report) => report.present),
    stored: sum((report) => report.stored),
    empty: sum((report) => report.empty),
    rejected: sum((report) => report.rejected),
    failed: sum((report) => report.failed),
    cancelled: sum((report) => report.cancelled),
    bytes: sum((report) => report.bytes),
    seconds,
    tilesPerSecond: seconds === 0 ? 0 : Math.round((10 * made) / seconds) / 10,
    requests: sum((report) => report.requests),
    retries: sum((report) => report.retries),
    complete: reports.length > 0 && reports.every((report) => report.complete),
    failures,
    stopped: reports.find((report) => report.stopped !== null)?.stopped ?? null,
  };
}

import { join } from "node:path";
import { JOBS_FOLDER, type Workspace } from "../../config/index.ts";
import type { Clock, Logger } from "../../core/index.ts";
import type { JobRoom } from "../context.ts";
import type { CacheRegistry } from "../served_cache.ts";
import { JobCaches } from "./job_caches.ts";
import { JobManager } from "./job_manager.ts";
import { makeOpenJob } from "./open_job.ts";

export interface OpenJobsOptions {
  workspace: Workspace;
  registry: CacheRegistry;
  /** Tiles that one job may have. @default 10,000,000 */
  maxTiles?: number;
  /** @default 2 */
  maxRunning?: number;
  /** @default "resume" */
  onRestart?: "resume" | "pause";
  clock?: Clock;
  logger?: Logger;
}

/** A level 12 of the whole Earth is 16.8 million tiles: a mistake more often than a wish. */
const DEFAULT_MAX_TILES = 10_000_000;

/** The jobs of a workspace, taken up where the last server left them; null where there is no data folder. @throws `store.*` */
export async function openJobs(options: OpenJobsOptions): Promise<JobRoom | null> {
  const { workspace, registry, maxTiles = DEFAULT_MAX_TILES, maxRunning, onRestart, clock, logger } = options;
  if (workspace.dataFolder === null) return null;
  const caches = new JobCaches(registry);
  const manager = await JobManager.open({
    folder: join(workspace.dataFolder, JOBS_FOLDER),
    openJob: makeOpenJob({ workspace, caches, maxTiles }),
    ...(maxRunning === undefined ? {} : { maxRunning }),
    ...(onRestart === undefined ? {} : { onRestart }),
    ...(clock === undefined ? {} : { clock }),
    ...(logger === undefined ? {} : { logger }),
  });
  return { manager, caches, maxTiles };
}

import { coverageBounds, type SourceRequest, type Workspace } from "../../config/index.ts";
import { TilthError } from "../../core/index.ts";
import { bboxCoverage, type Coverage, type TilePlan } from "../../grid/index.ts";
import { planFailedList, planTask, requireServedZooms, type SeedTask } from "../../seed/index.ts";
import type { JobRequest, OpenJob } from "./job.ts";
import type { JobCaches } from "./job_caches.ts";

export interface OpenJobOptions {
  readonly workspace: Workspace;
  readonly caches: JobCaches;
  /** Tiles that one job may have. */
  readonly maxTiles: number;
}

/** Opens jobs in a workspace and publishes the file that they fill. */
export function makeOpenJob({ workspace, caches, maxTiles }: OpenJobOptions): OpenJob {
  return async (request, { signal, failed }) => {
    const target = await workspace.openTarget(toTarget(request), signal);
    try {
      const { cache, location } = target;
      const coverage = coverageOf(request);
      const task: SeedTask = { coverage, zooms: request.zooms, sourceId: cache.source?.info.id ?? null };
      if (cache.source !== null) requireServedZooms(cache.source.info, request.zooms);
      const plan = failed === null ? planTask(cache.store.grid, task) : await planFailedList(failed);
      requireSmallEnough(plan, maxTiles);
      await caches.publish({ location, zooms: request.zooms, bounds: coverageBounds(coverage) });
      const close = async (): Promise<void> => target[Symbol.asyncDispose]();
      return { cache, plan, task: failed === null ? task : null, [Symbol.asyncDispose]: close };
    } catch (error) {
      await target[Symbol.asyncDispose]();
      throw error;
    }
  };
}

function toTarget(request: JobRequest): SourceRequest & { store: string } {
  const { source, store, grid, layer, style, matrixSet, resampling, format, quality } = request;
  return { source, store, grid, layer, style, matrixSet, resampling, format, quality };
}

/** @throws `argument.invalid` for a request without an area */
export function coverageOf({ bbox, coverage }: JobRequest): Coverage {
  if (coverage !== undefined) return coverage;
  if (bbox !== undefined) return bboxCoverage(bbox);
  throw new TilthError("argument.invalid", "expected an area: bbox or coverage, got neither");
}

/** @throws `argument.invalid` */
function requireSmallEnough({ count }: TilePlan, maxTiles: number): void {
  if (count <= maxTiles) return;
  throw new TilthError(
    "argument.invalid",
    `expected a job of at most ${maxTiles} tiles, got ${count}; take fewer zooms or a smaller area, or start the server with a larger limit`,
    { fields: { count, maxTiles } },
  );
}

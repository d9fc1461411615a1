import type { z } from "zod";
import { CACHE_PREFIX, requireBulkAllowed } from "../../config/index.ts";
import { Semaphore } from "../../concurrency/index.ts";
import { isTilthError } from "../../core/index.ts";
import { estimateSeed, planTask, requireServedZooms, type SeedEstimate } from "../../seed/index.ts";
import type { TileSource } from "../../cache/index.ts";
import { estimateBody, estimateShape } from "../api/job_shapes.ts";
import { readJobRequest } from "../api/read_job_request.ts";
import { errorBody } from "../api/shapes.ts";
import { requireJobs, type ApiContext, type ApiServer } from "../context.ts";
import { coverageOf } from "../jobs/open_job.ts";
import type { JobRequest } from "../jobs/job.ts";
import { requestSignal } from "../request_signal.ts";

type Estimate = z.infer<typeof estimateShape>;

/** Estimates at once; others wait their turn. */
const MAX_ESTIMATES = 2;

/** What a job would cost: an exact count at once, and on request bytes and time from a dozen tiles. */
export function addEstimateRoute(app: ApiServer, context: ApiContext): void {
  const turns = new Semaphore(MAX_ESTIMATES);
  app.post(
    "/api/estimate",
    {
      schema: { body: estimateBody, response: { 200: estimateShape, 400: errorBody, 403: errorBody } },
    },
    async (request) => {
      const { workspace, maxTiles } = requireJobs(context);
      const { sample, ...body } = request.body;
      // Nothing is written: whatever the file is called.
      const wanted = readJobRequest({ ...body, store: body.store ?? `${CACHE_PREFIX}estimate` }, workspace);
      using deadline = requestSignal(request);
      const release = await turns.acquire(deadline);
      try {
        const work = (source: TileSource): Promise<Estimate> =>
          judge(source, wanted, sample, maxTiles, deadline.signal);
        return await workspace.useSource(wanted, work);
      } finally {
        release();
      }
    },
  );
}
async function estimateOn(
  source: TileSource,
  { zooms, ...request }: JobRequest,
  sample: boolean,
  signal: AbortSignal,
): Promise<SeedEstimate> {
  requireServedZooms(source.info, zooms);
  const plan = planTask(source.info.grid, { coverage: coverageOf({ ...request, zooms }), zooms, sourceId: null });
  if (sample) return estimateSeed(source, plan, { signal });
  const unknown = { bytes: null, seconds: null, tilesPerSecond: null };
  return { planned: plan.count, levels: [...plan.levels], sampled: 0, sampledEmpty: 0, ...unknown };
}

/** Why the source may not be seeded; null when it may. */
function refusalOf({ info }: TileSource): string | null {
  try {
    requireBulkAllowed(info);
    return null;
  } catch (error) {
    if (isTilthError(error, "source.policy")) return error.message;
    throw error;
  }
}

async function judge(
  source: TileSource,
  wanted: JobRequest,
  sample: boolean,
  maxTiles: number,
  signal: AbortSignal,
): Promise<Estimate> {
  const refusal = refusalOf(source);
  // Where the terms forbid a seed, no sample is taken either.
  const estimate = await estimateOn(source, wanted, sample && refusal === null, signal);
  const tooMany = `at most ${maxTiles} tiles in one job here; take fewer zooms or a smaller area`;
  const limits = estimate.planned > maxTiles ? tooMany : null;
  const reason = refusal ?? limits ?? (estimate.planned === 0 ? "the source has no tiles in this area" : null);
  return { ...estimate, levels: [...estimate.levels], maxTiles, allowed: reason === null, reason };
}

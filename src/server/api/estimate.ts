import type { z } from "zod";
import { requireBulkAllowed, type Workspace } from "../../config/index.ts";
import { isTilthError, TilthError } from "../../core/index.ts";
import { estimateSeed, planTask, requireServedZooms, type SeedEstimate } from "../../seed/index.ts";
import type { TileSource } from "../../cache/index.ts";
import type { JobRequest } from "../jobs/job.ts";
import { coverageOf } from "../jobs/open_job.ts";
import type { estimateShape } from "./job_shapes.ts";

export interface EstimateOptions {
  /** Fetch about a dozen tiles for bytes and time. */
  readonly sample: boolean;
  readonly maxTiles: number;
  readonly signal: AbortSignal;
}

/**
 * A sample is what has come by then, ms: a service that needs seconds for a tile still gets bytes and time, and the two that may sample at once
 * stay below the 25 s of a request.
 */
const SAMPLE_TIME_MS = 10_000;

type Estimate = z.infer<typeof estimateShape>;

/**
 * What a job would cost, and whether it may be run here.
 * @throws `grid.level` for zooms that the source does not serve, what opening the source throws
 */
export async function estimateJob(
  workspace: Workspace,
  wanted: JobRequest,
  options: EstimateOptions,
): Promise<Estimate> {
  return workspace.useSource(wanted, async (source) => judge(source, wanted, options), options.signal);
}

/** Before a job is taken: the same, as an error. @throws `source.policy`, `argument.invalid`, what `estimateJob` throws */
export async function requireAllowed(
  workspace: Workspace,
  wanted: JobRequest,
  options: Omit<EstimateOptions, "sample">,
): Promise<void> {
  await workspace.useSource(
    wanted,
    async (source) => {
      requireBulkAllowed(source.info);
      const { reason, planned } = await judge(source, wanted, { ...options, sample: false });
      if (reason !== null)
        throw new TilthError("argument.invalid", `${reason}, got ${planned}`, { fields: { planned } });
    },
    options.signal,
  );
}

async function judge(source: TileSource, wanted: JobRequest, options: EstimateOptions): Promise<Estimate> {
  const { maxTiles, sample, signal } = options;
  const refusal = refusalOf(source);
  // Where the terms forbid a seed, no sample is taken either.
  const estimate = await estimateOn(source, wanted, sample && refusal === null, signal);
  const tooMany = `expected at most ${maxTiles} tiles in one job here; take fewer zooms or a smaller area`;
  const limits = estimate.planned > maxTiles ? tooMany : null;
  const none = estimate.planned === 0 ? "expected an area in which the source has tiles" : null;
  const reason = refusal ?? limits ?? none;
  return { ...estimate, levels: [...estimate.levels], maxTiles, allowed: reason === null, reason };
}

async function estimateOn(
  source: TileSource,
  wanted: JobRequest,
  sample: boolean,
  signal: AbortSignal,
): Promise<SeedEstimate> {
  const { zooms } = wanted;
  requireServedZooms(source.info, zooms);
  const plan = planTask(source.info.grid, { coverage: coverageOf(wanted), zooms, sourceId: null });
  if (sample) return estimateSeed(source, plan, { sampleTimeMs: SAMPLE_TIME_MS, signal });
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

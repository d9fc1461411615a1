import { TileCache, type TileSource } from "../../cache/index.ts";
import type { ApiContext } from "../context.ts";
import type { JobRequest } from "../jobs/job.ts";
import type { ServedCache } from "../served_cache.ts";

/** Jobs that are looked at, the newest ones. */
const MAX_JOBS = 1000;

/** What the newest job of each file asks for, by the file's path. */
export function listFills({ jobs, workspace }: ApiContext): ReadonlyMap<string, JobRequest> {
  const fills = new Map<string, JobRequest>();
  for (const { request } of jobs?.manager.list({ limit: MAX_JOBS }) ?? []) {
    const location = workspace?.locate(request.store) ?? null;
    if (location !== null && !fills.has(location)) fills.set(location, request);
  }
  return fills;
}

/** Where a cache's tiles come from, in words: its own source, or what a job has filled it from; null for an archive. */
export function sourceOf(
  { cache }: ServedCache,
  fills: ReadonlyMap<string, JobRequest>,
): { id: string; title: string } | null {
  if (cache.source !== null) return { id: cache.source.info.id, title: cache.source.info.title };
  const fill = fills.get(cache.store.location);
  return fill === undefined ? null : { id: fill.source, title: fill.source };
}

/**
 * Runs `work` on a cache that has the source of `served`: its own, or that of the job that filled it, which is opened for it. Null without one.
 * @throws what opening the source throws, `cancelled`
 */
export async function useSourceOf<Result>(
  context: ApiContext,
  { cache }: ServedCache,
  work: (cache: TileCache, source: TileSource) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result | null> {
  if (cache.source !== null) return work(cache, cache.source);
  const fill = listFills(context).get(cache.store.location);
  if (fill === undefined || context.workspace === null) return null;
  // Its store is the served one's: this one is only looked through, and never closed.
  const look = (source: TileSource): Promise<Result> => work(new TileCache({ store: cache.store, source }), source);
  return context.workspace.useSource(fill, look, signal);
}

import { ApiClient } from "../api/client.ts";
import type { JobRequest } from "../api/job_types.ts";
import type { Cache, Crs } from "../api/types.ts";
import { createState, findCache, findCompared, type AppState } from "./app_state.ts";
import { JobFeed } from "./job_feed.ts";
import { putJob } from "./job_list.ts";

export interface App {
  readonly state: AppState;
  readonly api: ApiClient;
  /** What changes the list of jobs. */
  readonly jobFeed: JobFeed;
  /** Reads all lists anew. */
  load: () => Promise<void>;
  loadStatus: () => Promise<void>;
  loadCaches: () => Promise<void>;
  /** Tells on the page what went wrong. */
  tell: (error: unknown) => void;
  /** Runs something; what goes wrong is told on the page. */
  attempt: (work: () => Promise<unknown>) => Promise<void>;
  /** The same for what a person asked for: what went wrong before is over. */
  act: (work: () => Promise<unknown>) => Promise<void>;
  /** Its cache is shown as soon as there is one. */
  startJob: (request: JobRequest) => Promise<void>;
  showCache: (name: string | null) => void;
  /** Null: back to the CRS of the cache that is shown. */
  showCrs: (crs: Crs | null) => void;
}

export function createApp(): App {
  const state = createState();
  const api = new ApiClient({ onUnauthorized: () => (state.needsToken.value = true) });
  const jobFeed = new JobFeed(state.jobs);
  const tell = (error: unknown): void => {
    state.fault.value = error instanceof Error ? error.message : String(error);
  };
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      tell(error);
    }
  };
  const act = (work: () => Promise<unknown>): Promise<void> => {
    state.fault.value = "";
    return attempt(work);
  };
  const loadStatus = async (): Promise<void> => {
    state.status.value = await api.status();
    state.needsToken.value = false;
  };
  const showCache = (name: string | null): void => {
    state.shown.value = name;
    if (state.compared.value === name || findCompared(state) === null) state.compared.value = null;
    state.coverageZoom.value = "auto";
    state.tile.value = null;
    const cache = findCache(state, name);
    if (cache !== null && state.followsCache.value) state.crs.value = crsFor(cache);
  };
  const showCrs = (crs: Crs | null): void => {
    state.followsCache.value = crs === null;
    state.crs.value = crs ?? crsFor(findCache(state, state.shown.value));
  };
  const loadCaches = async (): Promise<void> => {
    state.caches.value = await api.caches();
    const shown = findCache(state, state.shown.value) ?? state.caches.value[0] ?? null;
    if (shown === null || shown.name !== state.shown.value) showCache(shown?.name ?? null);
    state.crs.value ??= WEB_MERCATOR;
  };
  const load = async (): Promise<void> => {
    await loadStatus();
    const loadJobs = async (): Promise<void> => {
      if (state.status.value?.jobs === true) await jobFeed.ask(api.jobs, (_, jobs) => jobs);
    };
    await Promise.all([loadCaches(), loadJobs()]);
  };
  const startJob = async (request: JobRequest): Promise<void> => {
    const job = await jobFeed.ask(() => api.createJob(request), putJob);
    state.started.value = job.id;
  };
  return { state, api, jobFeed, startJob, load, loadStatus, loadCaches, tell, attempt, act, showCache, showCrs };
}

function crsFor(cache: Cache | null): Crs {
  return cache === null || cache.crs.proj === null ? WEB_MERCATOR : cache.crs;
}

/** Where no cache says what to show. */
export const WEB_MERCATOR: Crs = {
  code: "EPSG:3857",
  name: "WGS 84 / Pseudo-Mercator",
  kind: "projected",
  unit: "metre",
  metresPerUnit: 1,
  axisOrder: "xy",
  proj: "",
  areaOfUse: [-180, -85.06, 180, 85.06],
  extent: [-20037508.34, -20048966.1, 20037508.34, 20048966.1],
};

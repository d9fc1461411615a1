import { ApiClient } from "../api/client.ts";
import { watchEvents, type ServerEvent } from "../api/event_stream.ts";
import type { Job } from "../api/job_types.ts";
import type { Cache, Crs } from "../api/types.ts";
import { createState, findCache, type AppState } from "./app_state.ts";
import { applyEvent, isUnderWay } from "./job_list.ts";
import { watch } from "./signal.ts";

export interface App {
  readonly state: AppState;
  readonly api: ApiClient;
  /** Reads all lists anew. */
  load: () => Promise<void>;
  loadStatus: () => Promise<void>;
  loadCaches: () => Promise<void>;
  /** Runs something that the user asked for; what goes wrong is told on the page. */
  attempt: (work: () => Promise<unknown>) => Promise<void>;
  showCache: (name: string | null) => void;
  /** Null: back to the CRS of the cache that is shown. */
  showCrs: (crs: Crs | null) => void;
}

const STATUS_EVERY_MS = 5_000;

export function createApp(): App {
  const state = createState();
  const api = new ApiClient({ onUnauthorized: () => (state.needsToken.value = true) });
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
      state.fault.value = "";
    } catch (error) {
      state.fault.value = error instanceof Error ? error.message : String(error);
    }
  };
  const loadStatus = async (): Promise<void> => {
    state.status.value = await api.status();
    state.needsToken.value = false;
  };
  const showCache = (name: string | null): void => {
    state.shown.value = name;
    if (state.compared.value === name) state.compared.value = null;
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
      if (state.status.value?.jobs === true) state.jobs.value = await api.jobs();
    };
    await Promise.all([loadCaches(), loadJobs()]);
  };
  return { state, api, load, loadStatus, loadCaches, attempt, showCache, showCrs };
}

function crsFor(cache: Cache | null): Crs {
  return cache === null || cache.crs.proj === null ? WEB_MERCATOR : cache.crs;
}

/** Keeps the lists up to date for as long as the page is open. */
export function startWatching(app: App): void {
  const { state } = app;
  const onEvent = (event: ServerEvent): void => {
    if (event.kind === "reset" || event.kind === "caches") return void app.attempt(app.load);
    const before = state.jobs.value;
    state.jobs.value = applyEvent(before, event);
    if (event.kind === "job" && changesCaches(state, before, event.job)) void app.attempt(app.loadCaches);
  };
  let watching = false;
  watch([state.status, state.needsToken], () => {
    // Without a data folder there are no jobs, and no events.
    if (watching || state.needsToken.value || state.status.value?.jobs !== true) return;
    watching = true;
    watchEvents({
      onEvent,
      onLine: (up) => (state.live.value = up),
      onRefused: () => void app.loadStatus().catch(() => undefined),
    });
  });
  setInterval(() => {
    if (document.visibilityState === "visible" && !state.needsToken.value) void app.loadStatus().catch(() => undefined);
  }, STATUS_EVERY_MS);
}

/** A job made a cache, or ended: levels, bounds and format may be others now. */
function changesCaches(state: AppState, before: readonly Job[], job: Job): boolean {
  if (job.cache === null) return false;
  const old = before.find(({ id }) => id === job.id);
  const ended = !isUnderWay(job) && (old === undefined || isUnderWay(old));
  return ended || !state.caches.value.some(({ name }) => name === job.cache);
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

import { ApiClient } from "../api/client.ts";
import { watchEvents, type ServerEvent } from "../api/event_stream.ts";
import type { Crs } from "../api/types.ts";
import { createState, findCache, type AppState } from "./app_state.ts";
import { applyEvent } from "./job_list.ts";

export interface App {
  readonly state: AppState;
  readonly api: ApiClient;
  /** Reads all lists anew. */
  load: () => Promise<void>;
  loadStatus: () => Promise<void>;
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
  };
  const showCache = (name: string | null): void => {
    state.shown.value = name;
    if (state.compared.value === name) state.compared.value = null;
    state.coverageZoom.value = "auto";
    state.tile.value = null;
    const cache = findCache(state, name);
    if (cache !== null && state.followsCache.value) state.crs.value = cache.crs;
  };
  const showCrs = (crs: Crs | null): void => {
    state.followsCache.value = crs === null;
    state.crs.value = crs ?? findCache(state, state.shown.value)?.crs ?? WEB_MERCATOR;
  };
  const loadCaches = async (): Promise<void> => {
    state.caches.value = await api.caches();
    const shown = findCache(state, state.shown.value) ?? state.caches.value[0] ?? null;
    if (shown?.name !== state.shown.value || state.crs.value === null) {
      showCache(shown?.name ?? null);
      state.crs.value ??= WEB_MERCATOR;
    }
  };
  const load = async (): Promise<void> => {
    await loadStatus();
    state.needsToken.value = false;
    const loadJobs = async (): Promise<void> => {
      if (state.status.value?.jobs === true) state.jobs.value = await api.jobs();
    };
    await Promise.all([loadCaches(), loadJobs()]);
  };
  return { state, api, load, loadStatus, attempt, showCache, showCrs };
}

/** Keeps the lists up to date for as long as the page is open. */
export function startWatching(app: App): void {
  const { state } = app;
  const onEvent = (event: ServerEvent): void => {
    if (event.kind === "reset" || event.kind === "caches") void app.attempt(app.load);
    else state.jobs.value = applyEvent(state.jobs.value, event);
  };
  watchEvents({
    onEvent,
    onLine: (up) => (state.live.value = up),
    onRefused: () => void app.loadStatus().catch(() => undefined),
  });
  setInterval(() => {
    if (document.visibilityState === "visible" && !state.needsToken.value) void app.loadStatus().catch(() => undefined);
  }, STATUS_EVERY_MS);
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

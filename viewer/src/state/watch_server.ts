import { watchEvents, type ServerEvent } from "../api/event_stream.ts";
import type { Job } from "../api/job_types.ts";
import type { App } from "./app.ts";
import { findCache, type AppState } from "./app_state.ts";
import { isUnderWay } from "./job_list.ts";
import { watch } from "./signal.ts";

/** Between two looks at how the server is, ms. */
const STATUS_EVERY_MS = 5_000;

/** Keeps the lists up to date for as long as the page is open. */
export function startWatching(app: App): void {
  const { state } = app;
  const onEvent = (event: ServerEvent): void => {
    if (event.kind === "reset" || event.kind === "caches") return void app.attempt(app.load);
    const before = state.jobs.value;
    app.jobFeed.hear(event);
    if (event.kind !== "job") return;
    if (changesCaches(state, before, event.job)) void app.attempt(app.loadCaches);
  };
  watch([state.jobs, state.caches, state.started], () => {
    const started = state.jobs.value.find(({ id }) => id === state.started.value);
    if (started === undefined || findCache(state, started.cache) === null) return;
    state.started.value = null;
    if (state.shown.value !== started.cache) app.showCache(started.cache);
  });
  let watching = false;
  watch([state.status, state.needsToken], () => {
    if (watching || state.needsToken.value || state.status.value === null) return;
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

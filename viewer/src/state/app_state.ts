import type { Job } from "../api/job_types.ts";
import type { Cache, Crs, Status, TileInfo } from "../api/types.ts";
import type { Area } from "./area.ts";
import type { CoverageView } from "./coverage_cells.ts";
import { Signal } from "./signal.ts";

export type DrawMode = "box" | "polygon" | null;

/** Pages are told apart by nothing but this: one state for one page. */
export function createState() {
  return {
    status: new Signal<Status | null>(null),
    caches: new Signal<readonly Cache[]>([]),
    jobs: new Signal<readonly Job[]>([]),
    /** Job that was started here and whose cache is not shown yet. */
    started: new Signal<string | null>(null),
    /** Name of the cache that is shown, and of the one it is compared with (or `ITS_SOURCE`). */
    shown: new Signal<string | null>(null),
    compared: new Signal<string | null>(null),
    /** Where the two part, 0 = left to 1 = right. */
    swipe: new Signal(0.5),
    /** The map's; null until the first cache is known. */
    crs: new Signal<Crs | null>(null),
    /** True while the map takes the CRS of the cache that is shown. */
    followsCache: new Signal(true),
    visible: new Signal({ background: true, cache: true, coverage: true, area: true }),
    /** Level of the overlay; `auto` = the one that the map shows. */
    coverageZoom: new Signal<number | "auto">("auto"),
    coverage: new Signal<CoverageView | null>(null),
    /** Why there is no overlay, for people. */
    coverageNote: new Signal(""),
    tile: new Signal<TileInfo | null>(null),
    area: new Signal<Area | null>(null),
    drawing: new Signal<DrawMode>(null),
    /** The line of events is up. */
    live: new Signal(false),
    needsToken: new Signal(false),
    /** The last thing that went wrong, for people. */
    fault: new Signal(""),
    /** Middle of the map or the pointer's place: in the map's CRS, and in degrees. */
    place: new Signal<{ xy: [number, number]; lonLat: [number, number]; zoom: number } | null>(null),
    panelOpen: new Signal(true),
  };
}

export type AppState = ReturnType<typeof createState>;

export function findCache(state: AppState, name: string | null): Cache | null {
  return state.caches.value.find((cache) => cache.name === name) ?? null;
}

/** Stands for the source of the cache that is shown among what it is compared with; no cache can be called this. */
export const ITS_SOURCE = "@source";

/** What is drawn on the right of the swipe: another cache, or the source of the one that is shown as if it were one. */
export function findCompared(state: AppState): Cache | null {
  const name = state.compared.value;
  return name === ITS_SOURCE ? sourceOf(findCache(state, state.shown.value)) : findCache(state, name);
}

/** The source of a cache, whose tiles the server fetches and does not keep; null when it has none. */
export function sourceOf(cache: Cache | null): Cache | null {
  if (cache === null || cache.source === null) return null;
  const tiles = `/api/caches/${cache.name}/source/{z}/{x}/{y}`;
  return { ...cache, name: `source of ${cache.name}`, title: cache.source.title, tiles };
}

export function isOperator(status: Status | null): boolean {
  return status?.role === "operator";
}

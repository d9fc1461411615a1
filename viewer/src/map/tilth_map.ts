import OlMap from "ol/Map.js";
import Zoom from "ol/control/Zoom.js";
import { defaults as defaultInteractions } from "ol/interaction/defaults.js";
import type Projection from "ol/proj/Projection.js";
import type { Cache, Crs } from "../api/types.ts";
import type { App } from "../state/app.ts";
import { findCache, findCompared } from "../state/app_state.ts";
import { isUnderWay } from "../state/job_list.ts";
import { watch } from "../state/signal.ts";
import { createAreaLayer } from "./area_layer.ts";
import { createBackgroundLayer } from "./background_layer.ts";
import { CacheLayers } from "./cache_layers.ts";
import { createCoverageLayer } from "./coverage_layer.ts";
import { createCoverageLoader } from "./coverage_loader.ts";
import { watchDrawing, watchPlace } from "./map_events.ts";
import { loadProjection } from "./projections.ts";
import { SeenScaleLine } from "./scale_line.ts";
import { createView, extentOn } from "./view.ts";

export interface TilthMap {
  map: OlMap;
  /** Null before the arithmetic of its CRS is loaded. */
  projectionOf: (cache: Cache) => Projection | null;
  zoomTo: (extent: number[]) => void;
}

/** The map of the page: follows the state, and tells it where the map is. */
export function createTilthMap(app: App, target: HTMLElement): TilthMap {
  const { state } = app;
  const [background, coverage, area] = [createBackgroundLayer(), createCoverageLayer(), createAreaLayer()];
  const map = new OlMap({
    target,
    layers: [background.layer, coverage.layer, area.layer],
    controls: [new SeenScaleLine({ minWidth: 80 }), new Zoom()],
    interactions: defaultInteractions({ altShiftDragRotate: false, pinchRotate: false }),
  });
  const projections = new Map<string, Projection>();
  const projectionOf = (cache: Cache): Projection | null => projections.get(cache.crs.code) ?? null;
  const caches = new CacheLayers(app, map, projectionOf);
  const loader = createCoverageLoader(app, map, projectionOf);
  const zoomTo = (extent: number[]): void => map.getView().fit(extent, { padding: [24, 24, 40, 24], duration: 0 });

  const prepare = async (crs: Crs): Promise<Projection> => {
    const projection = await loadProjection(crs);
    projections.set(crs.code, projection);
    return projection;
  };
  const own = (): Projection => map.getView().getProjection();
  const showCoverage = (): void => {
    const cache = findCache(state, state.shown.value);
    coverage.show(state.coverage.value, cache, cache === null ? null : projectionOf(cache), own());
  };
  const showTile = (): void => {
    const cache = findCache(state, state.shown.value);
    area.showTile(state.tile.value, cache, cache === null ? null : projectionOf(cache), own());
  };
  const showAll = (): void => {
    caches.show();
    area.showArea(state.area.value, own());
    showTile();
    showCoverage();
    loader.load();
  };
  let shownBefore: string | null = null;
  const showMap = async (): Promise<void> => {
    const crs = state.crs.value;
    if (crs === null) return;
    const wanted = [findCache(state, state.shown.value), findCompared(state)].filter((cache) => cache !== null);
    const [projection] = await Promise.all([prepare(crs), ...wanted.map((cache) => prepare(cache.crs))]);
    if (state.crs.value !== crs) return;
    if (own() !== projection || shownBefore === null) {
      const before = shownBefore === null ? undefined : map.getView();
      map.setView(createView(crs, projection, before, paddingOf(map, state.panelOpen.value)));
    }
    const drawn = app.attempt(() => background.show(crs, projection));
    if (shownBefore === null) void drawn.then(() => map.once("rendercomplete", () => performance.mark("map-usable")));
    const cache = findCache(state, state.shown.value);
    if (cache !== null && cache.name !== shownBefore) zoomTo(extentOn(cache, projection));
    shownBefore = cache?.name ?? shownBefore ?? "";
    showAll();
  };

  watch([state.crs, state.caches, state.shown, state.compared], () => void app.attempt(showMap));
  watch([state.coverage], showCoverage);
  watch([state.tile], showTile);
  watch([state.area], () => area.showArea(state.area.value, own()));
  watch([state.coverageZoom], () => loader.load());
  watch([state.swipe], () => map.render());
  watch([state.panelOpen], () => {
    map.getView().padding = paddingOf(map, state.panelOpen.value);
  });
  watch([state.visible], () => {
    const { background: world, coverage: cells, area: drawn } = state.visible.value;
    background.layer.setVisible(world);
    coverage.layer.setVisible(cells);
    area.layer.setVisible(drawn);
    caches.show();
    loader.load();
  });
  watchFilling(app, () => {
    loader.refreshSoon();
    caches.refreshSoon();
  });
  map.on("moveend", () => loader.load());
  watchPlace(app, map);
  watchDrawing(app, map, projectionOf);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => background.layer.changed());
  return { map, projectionOf, zoomTo };
}

/** The server keeps its list of failed tiles for a second: what it says after this is true, ms. */
const SETTLED_MS = 2_000;

/** Calls `refresh` while a job fills the cache that is shown, and after any has ended. */
function watchFilling({ state }: App, refresh: () => void): void {
  let underWay = new Set<string>();
  watch([state.jobs], () => {
    const now = state.jobs.value.filter(isUnderWay);
    const ids = new Set(now.map(({ id }) => id));
    const someEnded = [...underWay].some((id) => !ids.has(id));
    underWay = ids;
    if (someEnded || now.some(({ cache }) => cache === state.shown.value)) refresh();
    if (someEnded) setTimeout(refresh, SETTLED_MS);
  });
}

/** Width of the panel beside which the map's middle is, CSS pixels; in a narrow window it lies over the lower 46 % (`panels.css`), and the bar above. */
const PANEL_PX = 372;
const NARROW_PX = 720;
const NARROW_PANEL_SHARE = 0.46;
const BAR_PX = 44;

/** What lies over the map: top, right, bottom, left; CSS pixels. */
function paddingOf(map: OlMap, panelOpen: boolean): number[] {
  const [width = innerWidth, height = innerHeight] = map.getSize() ?? [];
  if (width > NARROW_PX) return [0, 0, 0, panelOpen ? PANEL_PX : 0];
  return [BAR_PX, 0, panelOpen ? height * NARROW_PANEL_SHARE : 0, 0];
}

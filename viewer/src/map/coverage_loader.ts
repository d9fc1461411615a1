import type OlMap from "ol/Map.js";
import { transformExtent } from "ol/proj.js";
import type Projection from "ol/proj/Projection.js";
import { getPointResolution } from "ol/proj.js";
import type { TileRange } from "../api/client.ts";
import type { Cache, Extent, GridLevel } from "../api/types.ts";
import type { App } from "../state/app.ts";
import { findCache } from "../state/app_state.ts";
import { countTiles, levelFor, rangeIn } from "./grid_math.ts";

/** What the server counts at once. */
const MAX_TILES = 1_048_576;
/** While a job runs the overlay is read anew this often, ms. */
const EVERY_MS = 1_000;

/** The view in the units of a cache's CRS: its box, and the size of a pixel. */
export function viewIn(map: OlMap, projection: Projection): { extent: Extent; resolution: number; centre: number[] } {
  const view = map.getView();
  const own = view.getProjection();
  const [minX = 0, minY = 0, maxX = 0, maxY = 0] = transformExtent(
    view.calculateExtent(map.getSize()),
    own,
    projection,
    16,
  );
  const centre = view.getCenter() ?? [0, 0];
  const metres = getPointResolution(own, view.getResolution() ?? 1, centre, "m");
  const there = transformExtent([...centre, ...centre], own, projection).slice(0, 2);
  const resolution =
    own === projection ? (view.getResolution() ?? 1) : metres / getPointResolution(projection, 1, there, "m");
  return { extent: [minX, minY, maxX, maxY], resolution, centre: there };
}

/** The level of the overlay: the chosen one, or that which the map shows. */
export function shownLevel(app: App, cache: Cache, resolution: number): GridLevel | null {
  const chosen = app.state.coverageZoom.value;
  if (chosen === "auto") return levelFor(cache, resolution);
  return cache.grid.levels.find(({ z }) => z === chosen) ?? null;
}

/** Keeps `state.coverage` what the view needs; `refresh` may be called as often as one likes. */
export function createCoverageLoader(app: App, map: OlMap, projectionOf: (cache: Cache) => Projection | null) {
  const { state, api } = app;
  let running: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const load = async (): Promise<void> => {
    running?.abort();
    const cache = state.visible.value.coverage ? findCache(state, state.shown.value) : null;
    const projection = cache === null ? null : projectionOf(cache);
    if (cache === null || projection === null || map.getSize() === undefined) return clear("");
    const { extent, resolution } = viewIn(map, projection);
    const level = shownLevel(app, cache, resolution);
    const range = level === null || !extent.every(Number.isFinite) ? null : rangeIn(level, extent);
    if (range === null) return clear("No tiles of this cache’s grid are in view.");
    if (countTiles(range) > MAX_TILES)
      return clear(`Zoom in to see level ${range.z}: more than a million tiles are in view.`);
    await fetchRange(cache, range);
  };

  const clear = (note: string): void => {
    state.coverage.value = null;
    state.coverageNote.value = note;
  };

  const fetchRange = async (cache: Cache, range: TileRange): Promise<void> => {
    const controller = new AbortController();
    running = controller;
    try {
      const coverage = await api.coverage(cache.name, range, controller.signal);
      if (controller.signal.aborted) return;
      state.coverage.value = { ...coverage, maxX: range.maxX, maxY: range.maxY };
      state.coverageNote.value = "";
    } catch (error) {
      if (!controller.signal.aborted) clear(error instanceof Error ? error.message : String(error));
    }
  };

  /** The tile that is looked into may have come, or failed. */
  const readTileAgain = async (): Promise<void> => {
    const [before, name] = [state.tile.value, state.shown.value];
    if (before === null || name === null) return;
    const tile = await api.tile(name, before).catch(() => before);
    if (state.tile.value === before && state.shown.value === name) state.tile.value = tile;
  };

  /** While jobs run: soon, and not more often than once a second. */
  const refreshSoon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void load();
      void readTileAgain();
    }, EVERY_MS);
  };
  return { load: () => void load(), refreshSoon };
}

import type OlMap from "ol/Map.js";
import type Projection from "ol/proj/Projection.js";
import { transform } from "ol/proj.js";
import type { Cache } from "../api/types.ts";
import type { App } from "../state/app.ts";
import { findCache } from "../state/app_state.ts";
import { watch } from "../state/signal.ts";
import { shownLevel, viewIn } from "./coverage_loader.ts";
import { tileAt } from "./grid_math.ts";
import { toLonLat } from "./projections.ts";

/** Tells the state where the pointer is, or the middle of the map. */
export function watchPlace(app: App, map: OlMap): void {
  const tell = (coordinate: readonly number[] | undefined): void => {
    const [x, y] = coordinate ?? [];
    if (x === undefined || y === undefined) return;
    const lonLat = toLonLat([x, y], map.getView().getProjection());
    app.state.place.value = { xy: [x, y], lonLat, zoom: map.getView().getZoom() ?? 0 };
  };
  map.on("pointermove", ({ coordinate, dragging }) => {
    if (!dragging) tell(coordinate);
  });
  map.on("moveend", () => tell(map.getView().getCenter()));
}

/** Drawing, and looking into the tile that is clicked. */
export function watchDrawing(app: App, map: OlMap, projectionOf: (cache: Cache) => Projection | null): void {
  const { state } = app;
  let end: (() => void) | undefined;
  watch([state.drawing], () => {
    end?.();
    end = undefined;
    const mode = state.drawing.value;
    if (mode === null) return;
    void app.attempt(async () => {
      const { drawArea } = await import("./draw_area.ts");
      if (state.drawing.value !== mode) return;
      end = drawArea(map, mode, (area) => {
        state.area.value = area;
        // After the click that ended it: it must not look into a tile as well.
        setTimeout(() => (state.drawing.value = null), 300);
      });
    });
  });
  map.on("singleclick", ({ coordinate }) => {
    if (state.drawing.value === null) void app.act(() => inspect(app, map, projectionOf, coordinate));
  });
}

/** Looks into the tile of the cache that is shown, at a place of the map, on the level of the overlay. */
export async function inspect(
  app: App,
  map: OlMap,
  projectionOf: (cache: Cache) => Projection | null,
  coordinate: readonly number[],
): Promise<void> {
  const cache = findCache(app.state, app.state.shown.value);
  const projection = cache === null ? null : projectionOf(cache);
  if (cache === null || projection === null) return;
  const level = shownLevel(app, cache, viewIn(map, projection).resolution);
  const [x = NaN, y = NaN] = transform([...coordinate], map.getView().getProjection(), projection);
  const tile = level === null ? null : tileAt(level, [x, y]);
  app.state.tile.value = tile === null ? null : await app.api.tile(cache.name, tile);
}

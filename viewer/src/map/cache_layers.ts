import type OlMap from "ol/Map.js";
import type TileLayer from "ol/layer/Tile.js";
import type Projection from "ol/proj/Projection.js";
import type TileImage from "ol/source/TileImage.js";
import type { Cache } from "../api/types.ts";
import type { App } from "../state/app.ts";
import { findCache, findCompared, ITS_SOURCE } from "../state/app_state.ts";
import { createCacheLayer } from "./cache_layer.ts";
import { clipLeftOf } from "./swipe.ts";

interface Shown {
  /** What it was made for: another cache, level or CRS makes another layer. */
  key: string;
  layer: TileLayer<TileImage>;
}

/** While a job runs its tiles are asked for anew this often, ms. */
const EVERY_MS = 3_000;

/** The cache that is shown, and on the right of the swipe the one it is compared with. */
export class CacheLayers {
  readonly #app: App;
  readonly #map: OlMap;
  readonly #projectionOf: (cache: Cache) => Projection | null;
  #shown: (Shown | null)[] = [null, null];
  /** How often tiles were asked for anew. */
  #round = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(app: App, map: OlMap, projectionOf: (cache: Cache) => Projection | null) {
    this.#app = app;
    this.#map = map;
    this.#projectionOf = projectionOf;
  }

  /** Makes the map's layers those that the state names. */
  show(): void {
    const { state } = this.#app;
    const caches = [findCache(state, state.shown.value), findCompared(state)];
    this.#shown = caches.map((cache, index) => this.#put(cache, index));
    for (const shown of this.#shown) shown?.layer.setVisible(state.visible.value.cache);
  }

  /** Asks for the tiles again that were not there. */
  refreshSoon(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#round += 1;
      // What a job fetches changes no source, and asking a source again costs it a request for each tile.
      const fixed = this.#app.state.compared.value === ITS_SOURCE ? this.#shown[1] : null;
      // Another key, not `refresh()`: what is drawn stays until the new tile is there.
      for (const shown of this.#shown) {
        if (shown === fixed) continue;
        const source = shown?.layer.getSource();
        source?.setTileUrlFunction(source.getTileUrlFunction(), `${this.#round}`);
      }
    }, EVERY_MS);
  }

  #put(cache: Cache | null, index: number): Shown | null {
    const old = this.#shown[index] ?? null;
    const map = this.#map.getView().getProjection();
    const projection = cache === null ? null : this.#projectionOf(cache);
    const key =
      cache === null ? "" : [cache.name, cache.minZoom, cache.maxZoom, cache.grid.id, map.getCode()].join(" ");
    if (old !== null && old.key === key) return old;
    if (old !== null) this.#map.removeLayer(old.layer);
    if (cache === null || projection === null) return null;
    const layer = createCacheLayer(cache, projection, map);
    layer.setZIndex(1 + index);
    if (index === 1) clipLeftOf(layer, () => this.#app.state.swipe.value);
    this.#map.addLayer(layer);
    return { key, layer };
  }
}

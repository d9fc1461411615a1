import TileLayer from "ol/layer/Tile.js";
import type Projection from "ol/proj/Projection.js";
import TileImage from "ol/source/TileImage.js";
import TileGrid from "ol/tilegrid/TileGrid.js";
import type { Cache } from "../api/types.ts";
import { loadInTurn } from "./load_in_turn.ts";

/** Levels by which tiles may be drawn smaller than they are; further out a map would ask for thousands at once. */
const MAX_SHRINK = 3;

/** A cache in its own CRS and grid. OpenLayers warps it when the map has another. */
export function createCacheLayer(cache: Cache, projection: Projection, map: Projection): TileLayer<TileImage> {
  const levels = cache.grid.levels.filter(({ z }) => z >= cache.minZoom && z <= cache.maxZoom);
  const tileGrid = new TileGrid({
    extent: cache.grid.extent,
    origins: levels.map(({ origin }) => origin),
    resolutions: levels.map(({ cellSize }) => cellSize),
    tileSizes: levels.map(({ tileWidth, tileHeight }) => [tileWidth, tileHeight]),
    sizes: levels.map(({ matrixWidth, matrixHeight }) => [matrixWidth, matrixHeight]),
  });
  const source = new TileImage({
    projection,
    tileGrid,
    wrapX: false,
    ...(cache.live ? { tileLoadFunction: loadInTurn } : {}),
    tileUrlFunction: ([index = 0, x = 0, y = 0]) => {
      const z = levels[index]?.z ?? 0;
      return `.${cache.tiles}`.replace("{z}", `${z}`).replace("{x}", `${x}`).replace("{y}", `${y}`);
    },
  });
  const ratio = (projection.getMetersPerUnit() ?? 1) / (map.getMetersPerUnit() ?? 1);
  const maxResolution = (levels[0]?.cellSize ?? 1) * ratio * 2 ** MAX_SHRINK;
  return new TileLayer({ source, maxResolution, zIndex: 1 });
}

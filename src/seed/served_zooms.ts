import { TilthError } from "../core/index.ts";
import type { TileSource } from "../cache/index.ts";

/** Before anything is asked or written. @throws `grid.level` for a zoom that the source does not serve */
export function requireServedZooms(info: TileSource["info"], zooms: Iterable<number>): void {
  const { minZoom, maxZoom, title } = info;
  for (const zoom of zooms) {
    if (zoom >= minZoom && zoom <= maxZoom) continue;
    const message = `expected zooms within ${minZoom}-${maxZoom}, which is what ${title} serves, got ${zoom}`;
    throw new TilthError("grid.level", message, { fields: { zoom, minZoom, maxZoom } });
  }
}

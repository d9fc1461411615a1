import { redactUrl } from "../core/index.ts";
import type { TileCoord, TileMatrixSet } from "../grid/index.ts";
import { UrlTemplate } from "../source/index.ts";

/** The address of a tile as it may be shown, where the source's id is a URL template; null for other sources. */
export function tileUrlOf(sourceId: string | null, grid: TileMatrixSet, tile: TileCoord): string | null {
  if (sourceId === null || !/^https?:\/\/.*\{/i.test(sourceId)) return null;
  try {
    return redactUrl(new UrlTemplate(sourceId, grid).build(tile));
  } catch {
    // An id with a placeholder of its own kind of source is no address.
    return null;
  }
}

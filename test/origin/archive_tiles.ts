import { inspectTile, TILE_MIME_TYPES } from "../../src/raster/index.ts";
import { openStore, type TileStore } from "../../src/store/index.ts";
import type { TileProvider } from "./origin_server.ts";

/** Serves the tiles of any MBTiles, GeoPackage or folder as they are. */
export async function archiveTiles(path: string, layer?: string): Promise<{ tiles: TileProvider; store: TileStore }> {
  const store = await openStore(path, { mode: "read", layer });
  const tiles: TileProvider = async (z, x, y) => {
    const found = store.grid.hasTile({ z, x, y }) ? await store.find({ z, x, y }) : null;
    if (found === null || found.data === null) return null;
    return { data: found.data, mimeType: mimeTypeOf(found.data) };
  };
  return { tiles, store };
}

function mimeTypeOf(data: Uint8Array): string {
  return TILE_MIME_TYPES[inspectTile(data).format];
}

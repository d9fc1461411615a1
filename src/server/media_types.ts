import { sniffFormat, type TileFormat } from "../cache/index.ts";
import { TILE_MIME_TYPES } from "../raster/index.ts";

/** Of a tile, by its bytes. */
export function mediaTypeOf(data: Uint8Array): string {
  return TILE_MIME_TYPES[sniffFormat(data) ?? "mvt"];
}

export function mediaTypeOfFormat(format: TileFormat): string {
  return TILE_MIME_TYPES[format];
}

import { sniffFormat, type TileFormat } from "../cache/index.ts";

const MEDIA_TYPES: Readonly<Record<TileFormat, string>> = {
  png: "image/png",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  avif: "image/avif",
  tiff: "image/tiff",
  mvt: "application/vnd.mapbox-vector-tile",
};

/** Of a tile, by its bytes. */
export function mediaTypeOf(data: Uint8Array): string {
  return MEDIA_TYPES[sniffFormat(data) ?? "mvt"];
}

export function mediaTypeOfFormat(format: TileFormat): string {
  return MEDIA_TYPES[format];
}

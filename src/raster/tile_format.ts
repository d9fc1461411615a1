import { TilthError, type ErrorCode } from "../core/index.ts";

/** Format of a tile's bytes. `mvt` is a Mapbox Vector Tile, plain or gzip. */
export type TileImageFormat = "png" | "jpeg" | "webp" | "gif" | "avif" | "tiff" | "mvt";

export interface TileInspection {
  readonly format: TileImageFormat;
  /** Pixels; null where the format does not say (MVT) or the header is unusual. */
  readonly width: number | null;
  readonly height: number | null;
}

export const TILE_MIME_TYPES: Readonly<Record<TileImageFormat, string>> = {
  png: "image/png",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  avif: "image/avif",
  tiff: "image/tiff",
  mvt: "application/vnd.mapbox-vector-tile",
};

export function cutShort(format: string, sizeBytes: number, why: string): TilthError {
  return new TilthError(
    "tile.truncated",
    `expected a whole ${format} tile, got ${sizeBytes} bytes that are cut short: ${why}`,
    {
      fields: { format, sizeBytes },
    },
  );
}

/** First bytes of a body that is no tile, as far as they can be shown. @param sizeBytes of the whole body, when `data` is its beginning */
export function notATile(data: Uint8Array, code: ErrorCode = "tile.notImage", sizeBytes = data.length): TilthError {
  const start = String.fromCharCode(...data.subarray(0, 60)).replace(/[^\x20-\x7e]+/g, ".");
  const kind = /^\s*<(?:!doctype|html)/i.test(start)
    ? "an HTML page"
    : /^\s*<\?xml|^\s*</.test(start)
      ? "an XML document"
      : "unknown bytes";
  const message = `expected a tile (PNG, JPEG, WebP, GIF, AVIF, TIFF or MVT), got ${kind} of ${sizeBytes} bytes beginning '${start}'`;
  return new TilthError(code, message, { fields: { sizeBytes, start } });
}

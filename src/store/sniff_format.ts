import type { TileFormat } from "./tile_store.ts";

const EXTENSIONS: Readonly<Record<TileFormat, string>> = {
  png: "png",
  jpeg: "jpg",
  webp: "webp",
  gif: "gif",
  avif: "avif",
  tiff: "tif",
  mvt: "pbf",
};

/**
 * Format by the first bytes: a label only (whether the bytes are a whole tile was checked when they were fetched).
 * What begins like no image is taken for a vector tile, which has no mark of its own; null for nothing at all.
 */
export function sniffFormat(data: Uint8Array): TileFormat | null {
  if (data.byteLength === 0) return null;
  const text = String.fromCharCode(...data.subarray(0, 12));
  if (text.startsWith("\x89PNG")) return "png";
  if (text.startsWith("\xff\xd8")) return "jpeg";
  if (text.startsWith("RIFF") && text.endsWith("WEBP")) return "webp";
  if (text.startsWith("GIF8")) return "gif";
  if (text.slice(4, 8) === "ftyp") return "avif";
  if (text.startsWith("II*\0") || text.startsWith("MM\0*") || text.startsWith("II+\0") || text.startsWith("MM\0+"))
    return "tiff";
  return "mvt";
}

/** Of the file that holds these bytes. */
export function extensionOf(data: Uint8Array): string {
  return EXTENSIONS[sniffFormat(data) ?? "mvt"];
}

/** Without the dot; also what MBTiles calls the format. */
export function extensionOfFormat(format: TileFormat): string {
  return EXTENSIONS[format];
}

/** The format that a file's name or a metadata row speaks of; null for any other. */
export function formatOfExtension(extension: string): TileFormat | null {
  const wanted = extension.toLowerCase();
  if (wanted === "jpeg") return "jpeg";
  if (wanted === "mvt") return "mvt";
  if (wanted === "tiff") return "tiff";
  const found = Object.entries(EXTENSIONS).find(([, known]) => known === wanted);
  return found === undefined ? null : (found[0] as TileFormat);
}

import { TilthError, type ByteSource } from "../core/index.ts";
import { openAsciiGrid } from "./ascii_grid/open_ascii_grid.ts";
import { openFileSource } from "./file_source.ts";
import { openGeotiff, type OpenGeotiffOptions } from "./geotiff/open_geotiff.ts";
import { openHgt } from "./open_hgt.ts";
import { openPicture } from "./open_picture.ts";
import type { Raster } from "./raster.ts";
import { readSideFiles, type SidePlace } from "./side_files.ts";

export type OpenRasterOptions = OpenGeotiffOptions;

/**
 * Opens a file by what it holds: GeoTIFF and COG, ESRI ASCII grid, SRTM `.hgt`, PNG and JPEG; a world file and a `.prj` beside it say what it
 * does not say itself. Only the header is read.
 * @throws `store.missing`, `store.io`, `raster.unknown`, and what `openGeotiff` throws
 */
export async function openRaster(path: string, options: OpenRasterOptions = {}): Promise<Raster> {
  const side = await readSideFiles(path);
  return openRasterSource(await openFileSource(path), options, side);
}

/** The same from bytes anywhere. The source is the raster's own from then on, also when this throws. */
export async function openRasterSource(
  source: ByteSource,
  options: OpenRasterOptions = {},
  side: SidePlace | null = null,
): Promise<Raster> {
  const head = await source.read(0, 64, { signal: options.signal }).catch(async (error: unknown) => {
    await source.close();
    throw error;
  });
  if (/\.hgt$/i.test(source.name)) return openHgt(source, options.threads);
  const start = String.fromCharCode(...head);
  if (start.startsWith("II") || start.startsWith("MM")) return openGeotiff(source, options, side);
  if (start.startsWith("\x89PNG") || start.startsWith("\xff\xd8\xff")) return openPicture(source, side, options.signal);
  if (/^\s*(?:ncols|nrows|xll|yll|cellsize|dx|dy|nodata_value)/i.test(start))
    return openAsciiGrid(source, side, options.signal);
  await source.close();
  throw unknown(source, start);
}

/** What is often taken for a raster, by its first bytes. */
const KNOWN: readonly (readonly [start: string, what: string])[] = [
  ["PK\x03\x04", "a zip archive: unpack it first"],
  ["\x1f\x8b", "a gzip file: unpack it first"],
  ["Lerc2 ", "a bare LERC block without size or place"],
  ["CntZImage ", "a bare LERC block without size or place"],
  ["\x89HDF", "HDF5 or netCDF 4: convert it to GeoTIFF with another program"],
  ["CDF", "netCDF: convert it to GeoTIFF with another program"],
  ["\0\0\0\x0cjP", "JPEG 2000: convert it to GeoTIFF with another program"],
  ["SQLite format 3", "an SQLite file (a GeoPackage or MBTiles?)"],
];

function unknown({ name, sizeBytes }: ByteSource, start: string): TilthError {
  const known = KNOWN.find(([bytes]) => start.startsWith(bytes))?.[1];
  const shown = start.slice(0, 16).replaceAll(/[^\x20-\x7e]/g, ".");
  const got = known ?? (sizeBytes === 0 ? "an empty file" : `a file that begins '${shown}'`);
  const message = `expected a raster (GeoTIFF, ESRI ASCII grid, .hgt, PNG, JPEG), got ${got}`;
  return new TilthError("raster.unknown", `${name}: ${message}`, { fields: { name } });
}

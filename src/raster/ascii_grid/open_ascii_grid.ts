import type { ByteSource } from "../../core/index.ts";
import { BlockRaster } from "../block_raster.ts";
import type { PixelType } from "../pixel_type.ts";
import type { Raster } from "../raster.ts";
import type { SidePlace } from "../side_files.ts";
import { GridImage } from "./grid_image.ts";
import { MAX_HEADER_BYTES, readGridHeader, type GridHeader } from "./grid_header.ts";

const CACHE_BYTES = 16 * 1024 * 1024;
const SCAN_BYTES = 1024 * 1024;

/**
 * An ESRI ASCII grid. Its values are `int32` where none has a fraction or an exponent, else `float32`. The source is the raster's own from then on.
 * @throws `raster.damaged`, `raster.truncated`, `raster.tooLarge`
 */
export async function openAsciiGrid(source: ByteSource, side: SidePlace | null, signal?: AbortSignal): Promise<Raster> {
  try {
    const header = readGridHeader(await source.read(0, MAX_HEADER_BYTES, { signal }));
    const type = (await hasFractions(source, header, signal)) ? "float32" : "int32";
    const image = new GridImage(source, header, type);
    const close = (): Promise<void> => source.close();
    const info = infoOf(header, type, image.block, side);
    return new BlockRaster({ info, images: [{ image, mask: null }], cacheBytes: CACHE_BYTES, close });
  } catch (error) {
    await source.close();
    throw error;
  }
}

function infoOf(
  header: GridHeader,
  type: PixelType,
  block: GridImage["block"],
  side: SidePlace | null,
): Raster["info"] {
  const { width, height, affine, nodata } = header;
  const band = { type, description: "", nodata, scale: 1, offset: 0, unit: "", color: "gray" as const };
  return {
    format: "ESRI ASCII grid",
    width,
    height,
    bands: [band],
    crs: side?.crs ?? null,
    crsNote: side?.crsNote ?? "the file names no CRS",
    affine,
    placeNote: "the grid's header",
    pixelIs: "area",
    block,
    overviews: [],
    mask: nodata === null ? "none" : "nodata",
    palette: null,
    compression: "none",
    metadata: {},
  };
}

/** The first fraction ends the search; a grid of integers is looked through whole, at the speed of the disk. */
async function hasFractions(
  source: ByteSource,
  { sizeBytes, nodata }: GridHeader,
  signal?: AbortSignal,
): Promise<boolean> {
  if (nodata !== null && !Number.isInteger(nodata)) return true;
  for (let offset = sizeBytes; offset < source.sizeBytes; offset += SCAN_BYTES) {
    const bytes = Buffer.from((await source.read(offset, SCAN_BYTES, { signal })).buffer);
    if (FRACTION.some((character) => bytes.includes(character))) return true;
  }
  return false;
}

/** What a number that is no integer has, one of: `1.5`, `1,5`, `1e3`, `nan`. */
const FRACTION = [".", ",", "e", "E", "n", "N"] as const;

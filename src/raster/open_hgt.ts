import type { ByteSource } from "../core/index.ts";
import { getCrs } from "../crs/index.ts";
import { BlockRaster } from "./block_raster.ts";
import { BlockDecoder } from "./geotiff/block_decoder.ts";
import type { ImageLayout } from "./geotiff/image_layout.ts";
import { COMPRESSION, PHOTOMETRIC } from "./geotiff/tiff_tags.ts";
import { TiffImage } from "./geotiff/tiff_image.ts";
import { damaged } from "./raster_errors.ts";
import type { Affine, Raster } from "./raster.ts";

const NODATA = -32_768;
/** Samples of a degree: 3, 1 and half an arc-second; both ends of it are in the file. */
const SIDES: ReadonlyMap<number, number> = new Map([1201, 3601, 7201].map((side) => [side * side * 2, side]));

/** A file of SRTM heights: one degree, named by its lower left corner (`N44W072.hgt`); EPSG:4326, metres. @throws `raster.damaged` */
export async function openHgt(source: ByteSource, threads?: number): Promise<Raster> {
  const side = SIDES.get(source.sizeBytes);
  const corner = /([NS])(\d{2})([EW])(\d{3})\.hgt$/i.exec(source.name);
  if (side === undefined || corner === null) {
    await source.close();
    throw damaged(
      `expected an .hgt file of 1201, 3601 or 7201 samples a side named as N44W072.hgt, got '${source.name}' of ${source.sizeBytes} bytes`,
    );
  }
  const layout = layoutOf(side);
  const range = async (): Promise<{ offset: number; sizeBytes: number }> => ({
    offset: HEAD,
    sizeBytes: source.sizeBytes,
  });
  const decoder = new BlockDecoder(threads);
  const image = new TiffImage({ layout, fill: 0, source: shifted(source), index: { range }, decoder });
  const close = async (): Promise<void> => {
    await decoder[Symbol.asyncDispose]();
    await source.close();
  };
  return new BlockRaster({
    info: infoOf(side, placeOf(corner, side)),
    images: [{ image, mask: null }],
    cacheBytes: 4 * 1024 * 1024,
    close,
  });
}

/** An offset of 0 means "not stored" to a TIFF: heights are said to begin behind a head that is not there. */
const HEAD = 8;

function shifted(source: ByteSource): ByteSource {
  return {
    name: source.name,
    sizeBytes: source.sizeBytes + HEAD,
    read: (offset, length, options) => source.read(offset - HEAD, length, options),
    close: () => source.close(),
  };
}

function layoutOf(side: number): ImageLayout {
  return {
    width: side,
    height: side,
    blockWidth: side,
    blockHeight: side,
    isTiled: false,
    isPlanar: false,
    samples: 1,
    bits: 16,
    type: "int16",
    compression: COMPRESSION.none,
    predictor: 1,
    photometric: PHOTOMETRIC.minIsBlack,
    littleEndian: false,
    isBitReversed: false,
    jpegTables: null,
    lercWrap: 0,
  };
}

/** The samples are points on whole arc-seconds: the corner is half a cell further out. */
function placeOf([, northSouth = "", latitude, eastWest = "", longitude]: RegExpExecArray, side: number): Affine {
  const cell = 1 / (side - 1);
  const south = Number(latitude) * (/s/i.test(northSouth) ? -1 : 1);
  const west = Number(longitude) * (/w/i.test(eastWest) ? -1 : 1);
  return [cell, 0, west - cell / 2, 0, -cell, south + 1 + cell / 2];
}

function infoOf(side: number, affine: Affine): Raster["info"] {
  return {
    format: "SRTM HGT",
    width: side,
    height: side,
    bands: [{ type: "int16", description: "", nodata: NODATA, scale: 1, offset: 0, unit: "m", color: "gray" }],
    crs: getCrs("EPSG:4326"),
    crsNote: "EPSG:4326, by the format",
    affine,
    placeNote: "the file's name",
    pixelIs: "point",
    block: { width: side, height: 1 },
    overviews: [],
    mask: "nodata",
    palette: null,
    compression: "none",
    metadata: {},
  };
}

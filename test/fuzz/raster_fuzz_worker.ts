import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { isTilthError, memoryByteSource } from "../../src/core/index.ts";
import { openRasterSource } from "../../src/raster/index.ts";
import { realData } from "../support/real_data.ts";
import { imageFields, tiffFile } from "../support/tiff_file.ts";
import { mutate, seededRandom } from "./mutations.ts";

/** Small ones of many kinds: compressions, masks, overviews, geokeys. */
const REAL = [
  "odd_geotiff/bigendian_rgbi_u16_zstd.tif",
  "odd_geotiff/bigtiff_cog_zstd_rgba.tif",
  "odd_geotiff/tiled16_webp_rgba.tif",
  "odd_geotiff/rgb_u8_mask_small_cog.tif",
  "odd_geotiff/geokeys_towgs84_palette_packbits.tif",
  "odd_geotiff/model_transformation_64band_southup.tif",
  "odd_geotiff/esri_wkt_albers_u16.tif",
  "odd_geotiff/rotated_packbits.tif",
  "dem/linz_BP25_dem_lerc_sparse_epsg2193.tif",
  "odd_geotiff/all_nodata_4band_u16_pred2.tif",
  "dem/hugo_site.asc",
];

function madeFiles(): Uint8Array[] {
  const made: Uint8Array[] = [];
  for (const [bits, format, compression, predictor] of [
    [8, 1, 8, 2],
    [16, 2, 1, 1],
    [32, 3, 8, 3],
    [64, 3, 32773, 1],
    [1, 1, 1, 1],
    [16, 1, 5, 2],
  ] as const) {
    const bytes = new Uint8Array(16 * 16 * Math.ceil(bits / 8)).map((_, i) => i * 7);
    const packed = compression === 8 ? deflateSync(bytes) : bytes;
    const fields = imageFields({ width: 40, height: 30, bits, format, compression, predictor, block: [16, 16] });
    const page = { fields, blocks: Array.from({ length: 6 }, () => packed), tiled: true };
    for (const littleEndian of [true, false])
      made.push(tiffFile({ pages: [page, page], littleEndian, big: littleEndian }));
  }
  made.push(
    Buffer.from(
      `ncols 5\nnrows 4\nxllcorner 0\nyllcenter 1\ncellsize 2\nNODATA_value -9999\n${"1 2.5 -9999 4e2 5\n".repeat(4)}`,
    ),
  );
  return made;
}

const files = [
  ...madeFiles().map((bytes, i) => ({ name: i === 12 ? "made.asc" : "made.tif", bytes })),
  ...(realData === undefined
    ? []
    : REAL.map((name) => ({ name, bytes: readFileSync(join(realData as string, name)) }))),
];

export interface RasterFuzzResult {
  /** How often each code came; `none` for a file that could be read. */
  codes: Record<string, number>;
  /** What was no TilthError, with the number of its case. */
  crashes: string[];
  maxExternalBytes: number;
}

export async function fuzzRasters(from: number, to: number): Promise<RasterFuzzResult> {
  const result: RasterFuzzResult = { codes: {}, crashes: [], maxExternalBytes: 0 };
  for (let index = from; index < to; index++) {
    const file = files[index % files.length] as (typeof files)[number];
    const code = await readAll(file.name, mutate(file.bytes, seededRandom(index))).catch((error: unknown) => {
      if (isTilthError(error)) return error.code;
      result.crashes.push(`${index} ${file.name}: ${error instanceof Error ? error.stack : String(error)}`);
      return "crash";
    });
    result.codes[code] = (result.codes[code] ?? 0) + 1;
    const { external, arrayBuffers } = process.memoryUsage();
    result.maxExternalBytes = Math.max(result.maxExternalBytes, external + arrayBuffers);
  }
  return result;
}

/** The corners of the image and of each overview: damage may give it any size. */
async function readAll(name: string, bytes: Uint8Array): Promise<string> {
  await using raster = await openRasterSource(memoryByteSource(bytes, name), { threads: 0 });
  const { info } = raster;
  const bands = info.bands.slice(0, 4).map((_, i) => i);
  for (const [i, { width, height }] of [info, ...info.overviews].entries()) {
    const size = { width: Math.min(width, 64), height: Math.min(height, 64) };
    const options = { bands, validity: true, overview: i === 0 ? undefined : i - 1 };
    await raster.readWindow({ x: 0, y: 0, ...size }, options);
    await raster.readWindow({ x: width - size.width, y: height - size.height, ...size }, options);
  }
  return "none";
}

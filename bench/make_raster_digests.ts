/**
 * Writes src/raster/fixtures/gdal_rasters.json: what GDAL reads in the real rasters, for tests without GDAL. Needs python3-gdal:
 * `TILTH_REAL_DATA=... node bench/make_raster_digests.ts`.
 */
import { createHash } from "node:crypto";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openGdal } from "./support/gdal_rasters.ts";

const FOLDERS = ["odd_geotiff", "dem", "imagery", "reference_gdal", "dem/nasadem_3arcsec"];
const root = process.env["TILTH_REAL_DATA"] ?? "";
const gdal = openGdal();
const files: Record<string, unknown> = {};
for (const folder of FOLDERS) {
  for (const file of readdirSync(join(root, folder)).filter((each) => /\.(?:tif|asc|hgt|png|jpg)$/.test(each))) {
    const read = await gdal.read(join(root, folder, file), null, null);
    if ("error" in read) continue;
    files[`${folder}/${file}`] = {
      size: [read.width, read.height, read.types.length],
      nodata: read.nodata[0],
      transform: read.transform,
      overviews: read.driver === "JPEG" ? [] : read.overviews,
      mask: read.maskDigest?.slice(0, 16) ?? null,
      digest: createHash("sha256").update(read.digests.join(" ")).digest("hex").slice(0, 16),
    };
  }
}
gdal.close();
writeFileSync(
  new URL("../src/raster/fixtures/gdal_rasters.json", import.meta.url),
  `${JSON.stringify(files, null, 1)}\n`,
);

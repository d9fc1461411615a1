import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { digestBands, digestMask } from "../../bench/support/raster_digests.ts";
import { realData } from "../../test/support/real_data.ts";
import { clipRaster } from "./clip_raster.ts";
import { openRaster } from "./open_raster.ts";
import { computeStatistics } from "./raster_statistics.ts";

interface Expected {
  size: [width: number, height: number, bands: number];
  nodata: string | null;
  /** GDAL's order: c, a, b, f, d, e. */
  transform: number[] | null;
  overviews: [number, number][];
  mask: string | null;
  digest: string;
}

const files = JSON.parse(readFileSync(new URL("fixtures/gdal_rasters.json", import.meta.url), "utf8")) as Record<
  string,
  Expected
>;
/** Of larger ones the head alone is compared here; `bench/judge_raster.ts` reads all. */
const MAX_PIXELS = 70_000_000;
const listed = realData === undefined ? [] : Object.entries(files).map(([name, expected]) => ({ name, expected }));

describe.runIf(realData !== undefined)("real rasters are read as GDAL reads them", () => {
  it.each(listed)("$name", async ({ name, expected }) => {
    await using raster = await openRaster(join(realData ?? "", name));
    const { info } = raster;
    expect([info.width, info.height, info.bands.length]).toEqual(expected.size);
    expect(info.overviews.map(({ width, height }) => [width, height])).toEqual(expected.overviews);
    const nodata = info.bands[0]?.nodata ?? null;
    expect(nodata === null ? null : Math.fround(nodata)).toEqual(
      expected.nodata === null ? null : Math.fround(Number(expected.nodata)),
    );
    expect(info.affine === null).toBe(expected.transform === null);
    if (info.affine !== null) {
      const [a, b, c, d, e, f] = info.affine;
      [c, a, b, f, d, e].forEach((value, i) => expect(value).toBeCloseTo(expected.transform?.[i] ?? Number.NaN, 8));
    }
    const [width, height, bands] = expected.size;
    if (width * height * bands > MAX_PIXELS) return;
    if (expected.mask !== null) expect((await digestMask(raster)).slice(0, 16)).toBe(expected.mask);
    // Decoders of lossy formats may differ by a level.
    if (/JPEG|WebP/.test(info.compression)) return;
    const digests = await digestBands(raster);
    expect(createHash("sha256").update(digests.join(" ")).digest("hex").slice(0, 16)).toBe(expected.digest);
  });

  const small = listed.filter(({ expected: { size } }) => size[0] * size[1] * size[2] < 3_000_000);
  it.each(small)("$name: statistics of its blocks are those of its windows", async ({ name }) => {
    await using raster = await openRaster(join(realData ?? "", name));
    const { width, height } = raster.info;
    const byWindows = await computeStatistics(clipRaster(raster, { x: 0, y: 0, width, height }));
    (await computeStatistics(raster)).forEach((band, i) => {
      const expected = byWindows[i] as typeof band;
      expect([band.count, band.missing, band.least, band.most]).toEqual([
        expected.count,
        expected.missing,
        expected.least,
        expected.most,
      ]);
      if (expected.mean === null || expected.deviation === null) return expect(band.mean).toBeNull();
      expect(Math.abs((band.mean ?? 0) - expected.mean)).toBeLessThanOrEqual(
        1e-9 * Math.max(1, Math.abs(expected.mean)),
      );
      expect(Math.abs((band.deviation ?? 0) - expected.deviation)).toBeLessThanOrEqual(
        1e-9 * Math.max(1, expected.deviation),
      );
    });
  });

  it("refuses one that was cut short, by what is missing", async () => {
    await using raster = await openRaster(join(realData ?? "", "odd_geotiff/corrupt_truncated_jpeg.tif"));
    await expect(digestBands(raster)).rejects.toMatchObject({ code: "raster.truncated" });
  });
});

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { digestBands, digestMask } from "../../bench/support/raster_digests.ts";
import { realData } from "../../test/support/real_data.ts";
import { BlockRaster } from "./block_raster.ts";
import { clipRaster } from "./clip_raster.ts";
import { openRaster } from "./open_raster.ts";
import type { PixelArray } from "./pixel_type.ts";
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
  it.each(small)("$name: values that threads put where they are wanted are those of its windows", async ({ name }) => {
    await using raster = await openRaster(join(realData ?? "", name));
    const { info } = raster;
    const place = raster instanceof BlockRaster ? raster.placeValues : null;
    // Pictures are held whole, and masks say what is data by themselves.
    if (place === null)
      return expect(info.mask === "mask" || info.mask === "alpha" || !/TIFF/.test(info.format)).toBe(true);
    const [x, y] = [Math.floor(info.width / 3), Math.floor(info.height / 4)];
    const rect = { x, y, width: info.width - x, height: Math.max(1, info.height - 2 * y) };
    const stride = rect.width + 3;
    const values = new Float32Array(new SharedArrayBuffer(4 * (stride * rect.height + 2)));
    for (const band of info.bands.keys()) {
      const window = await raster.readWindow(rect, { bands: [band], validity: true });
      const { scale, offset } = info.bands[band] as (typeof info.bands)[number];
      await place(band, rect, { values, at: 2, stride });
      const valid = window.validity[0] ?? null;
      const expected = Float32Array.from(window.bands[0] as PixelArray, (value, i) =>
        valid?.[i] === 0 ? Number.NaN : value * scale + offset,
      );
      const found = new Float32Array(expected.length);
      for (let row = 0; row < rect.height; row++)
        found.set(values.subarray(2 + row * stride, 2 + row * stride + rect.width), row * rect.width);
      expect(Buffer.compare(Buffer.from(found.buffer), Buffer.from(expected.buffer))).toBe(0);
    }
  });

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

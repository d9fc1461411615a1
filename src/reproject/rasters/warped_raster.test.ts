import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { arrayRaster, pixelsOf } from "../../../test/support/array_raster.ts";
import { realData } from "../../../test/support/real_data.ts";
import { getCrs } from "../../crs/index.ts";
import { openRaster, type Raster } from "../../raster/index.ts";
import type { Resampling } from "../resampling.ts";
import { suggestTarget, requirePlace, type WarpTarget } from "./warp_target.ts";
import { warpedRaster } from "./warped_raster.ts";

const count = (length: number): number[] => Array.from({ length }, (_, i) => i);
const targetOf = (raster: Raster): WarpTarget => ({ ...requirePlace(raster.info), ...raster.info }) as WarpTarget;

describe("warpedRaster", () => {
  it.each<Resampling>(["nearest", "bilinear", "cubic", "lanczos", "average"])(
    "is the same by %s where nothing changes",
    async (resampling) => {
      const source = arrayRaster(7, [count(35), count(35).map((value) => -value)], { nodata: -3 });
      await using warped = warpedRaster(source, targetOf(source), { resampling });
      const rounded = async (raster: Raster, band: number) =>
        (await pixelsOf(raster, band)).map((value) => Math.round(value * 1e6) / 1e6 + 0);
      expect(await rounded(warped, 0)).toEqual(count(35));
      expect(await rounded(warped, 1)).toEqual(count(35).map((value) => -value + 0));
    },
  );

  it("reads a rotated and an upside-down source", async () => {
    const turned = arrayRaster(2, [[1, 2, 3, 4]], { affine: [0, -10, 20, 10, 0, 0] });
    const target: WarpTarget = { crs: getCrs("EPSG:32632"), affine: [10, 0, 0, 0, -10, 20], width: 2, height: 2 };
    await using warped = warpedRaster(turned, target, { resampling: "nearest" });
    expect(await pixelsOf(warped)).toEqual([4, 2, 3, 1]);
    const flipped = arrayRaster(1, [[1, 2]], { affine: [10, 0, 0, 0, 10, 0] });
    const up: WarpTarget = { crs: getCrs("EPSG:32632"), affine: [10, 0, 0, 0, -10, 20], width: 1, height: 2 };
    await using warpedUp = warpedRaster(flipped, up, { resampling: "nearest" });
    expect(await pixelsOf(warpedUp)).toEqual([2, 1]);
  });

  it("goes on around the Earth: a source from 0 to 360 degrees fills one from -180 to 180", async () => {
    const source = arrayRaster(36, [count(36)], { crs: "EPSG:4326", affine: [10, 0, 0, 0, -10, 5] });
    const target: WarpTarget = { crs: getCrs("EPSG:4326"), affine: [10, 0, -180, 0, -10, 5], width: 36, height: 1 };
    for (const resampling of ["nearest", "bilinear"] as const) {
      await using warped = warpedRaster(source, target, { resampling });
      expect((await pixelsOf(warped)).map(Math.round)).toEqual([...count(36).slice(18), ...count(36).slice(0, 18)]);
    }
    const shifted: WarpTarget = { ...target, affine: [10, 0, -5, 0, -10, 5], width: 2 };
    await using between = warpedRaster(source, shifted, { resampling: "bilinear" });
    expect(await pixelsOf(between)).toEqual([expect.closeTo(17.5), expect.closeTo(0.5)]);
  });

  it("has no data beside the source: nodata, NaN, or a mask", async () => {
    const target: WarpTarget = { crs: getCrs("EPSG:32632"), affine: [10, 0, 0, 0, -10, 10], width: 2, height: 1 };
    const place = { affine: [10, 0, 10, 0, -10, 10] as const };
    const of = async (source: Raster, nodata?: number) => {
      await using warped = warpedRaster(source, target, { nodata });
      const { bands, validity } = await warped.readWindow({ x: 0, y: 0, width: 2, height: 1 }, { validity: true });
      return { pixels: [...(bands[0] ?? [])], valid: [...(validity[0] ?? [])], mask: warped.info.mask };
    };
    const bytes = arrayRaster(1, [[7]], { ...place, type: "uint8" });
    expect(await of(bytes)).toEqual({ pixels: [0, 7], valid: [0, 1], mask: "mask" });
    expect(await of(bytes, 255)).toEqual({ pixels: [255, 7], valid: [0, 1], mask: "nodata" });
    expect(await of(arrayRaster(1, [[7]], place))).toEqual({ pixels: [Number.NaN, 7], valid: [0, 1], mask: "nodata" });
  });

  it("gives a pixel the same value in whichever window", async () => {
    const [width, height] = [700, 600];
    const values = count(width * height).map((i) => Math.sin(i / 1_000) * 100);
    const source = arrayRaster(width, [values], { affine: [100, 0, 300_000, 0, -100, 6_000_000] });
    const target = suggestTarget(source.info, getCrs("EPSG:3857"));
    await using warped = warpedRaster(source, target, { resampling: "cubic" });
    const all = await pixelsOf(warped);
    const rect = { x: 250, y: 251, width: 20, height: 15 };
    const { bands } = await warped.readWindow(rect);
    const expected = count(rect.width * rect.height).map(
      (i) => all[(rect.y + Math.floor(i / rect.width)) * target.width + rect.x + (i % rect.width)],
    );
    expect([...(bands[0] ?? [])]).toEqual(expected);
  });

  it("stops, tells what the source throws, and refuses a raster that lies nowhere", async () => {
    const source = arrayRaster(2, [[1, 2]]);
    const target = targetOf(source);
    await using warped = warpedRaster(source, target);
    const rect = { x: 0, y: 0, width: 1, height: 1 };
    await expect(warped.readWindow(rect, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
    await source.close();
    await expect(warped.readWindow(rect)).rejects.toThrow("the raster is closed");
    expect(() => warpedRaster(arrayRaster(1, [[1]], { crs: null }), target)).toThrow("expected a raster with a CRS");
    expect(() => warpedRaster(arrayRaster(1, [[1]], { type: "uint8" }), target, { nodata: -1 })).toThrow("can hold");
  });
});

describe("suggestTarget", () => {
  const source = arrayRaster(100, [count(5_000)]);
  const crs = getCrs("EPSG:32632");

  it("keeps what is said", () => {
    expect(suggestTarget(source.info, crs)).toMatchObject({ width: 100, height: 50, affine: source.info.affine });
    expect(suggestTarget(source.info, crs, { resolution: 20 })).toMatchObject({ width: 50, height: 25 });
    expect(suggestTarget(source.info, crs, { extent: [0, 0, 100, 40], size: [10, 2] })).toMatchObject({
      affine: [10, 0, 0, 0, -20, 40],
    });
  });

  it("keeps a source across the antimeridian in one piece", () => {
    const pacific = arrayRaster(100, [count(1_000)], {
      crs: "EPSG:32601",
      affine: [1_000, 0, 200_000, 0, -1_000, 6_000_000],
    });
    const { affine, width } = suggestTarget(pacific.info, getCrs("EPSG:4326"));
    expect(width * affine[0]).toBeLessThan(3);
  });

  it.each([
    [{ resolution: 0 }, "a resolution above 0"],
    [{ resolution: 1, size: [1, 1] as const }, "a resolution or a size"],
    [{ size: [0, 1] as const }, "a size of 1 or more"],
    [{ extent: [1, 0, 0, 1] as const }, "expected an extent"],
    [{ resolution: 1e-6 }, "at most"],
  ])("refuses %o", (options, words) => {
    expect(() => suggestTarget(source.info, crs, options)).toThrow(words);
  });
});

if (realData !== undefined)
  describe("beside gdalwarp", () => {
    const reference = (name: string): string => join(realData as string, "reference_gdal", name);

    // gdalwarp places pixels by an approximation of its own, 0.125 pixel at the most, when these files were made; we by one of 0.0125.
    it.each<[string, Resampling, number]>([
      ["warp_3857_40m_bilinear.tif", "bilinear", 0.14],
      ["warp_3857_40m_near.tif", "nearest", 1],
      ["warp_4326_cubic.tif", "cubic", 0.14],
    ])("%s: pixels differ by no more than theirs are out of place", async (name, resampling, pixels) => {
      await using expected = await openRaster(reference(name));
      await using source = await openRaster(reference("input_bigtujunga_256.tif"));
      await using warped = warpedRaster(source, targetOf(expected), { resampling });
      const [ours, theirs] = [await pixelsOf(warped), await pixelsOf(expected)];
      const { width } = expected.info;
      const off = ours.filter((value, i) => {
        const around = [-width - 1, -width, -width + 1, -1, 0, 1, width - 1, width, width + 1].map(
          (step) => theirs[i + step] ?? value,
        );
        const range = Math.max(...around) - Math.min(...around);
        return Math.abs(value - (theirs[i] as number)) > pixels * range + 0.01;
      });
      expect(off.length).toBeLessThan(0.001 * ours.length);
      if (resampling === "nearest")
        expect(ours.filter((value, i) => value !== theirs[i]).length).toBeLessThan(0.02 * ours.length);
    });
  });

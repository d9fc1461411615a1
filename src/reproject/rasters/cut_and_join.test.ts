import { describe, expect, it } from "vitest";
import { arrayRaster, pixelsOf } from "../../../test/support/array_raster.ts";
import { getCrs } from "../../crs/index.ts";
import type { Polygon } from "../../geo/index.ts";
import { clipRaster, type Affine } from "../../raster/index.ts";
import { cutRaster, rectOfBbox, rectOfExtent } from "./cut_raster.ts";
import { mosaicRaster } from "./mosaic_raster.ts";

const count = (length: number): number[] => Array.from({ length }, (_, i) => i);
/** Pixels of one degree, from 10 E, 50 N to the south-east. */
const DEGREES = { crs: "EPSG:4326", affine: [1, 0, 10, 0, -1, 50] as Affine };

describe("clip", () => {
  const source = arrayRaster(5, [count(20)], DEGREES);

  it("is the pixels of a rectangle, at their place", async () => {
    const clipped = clipRaster(source, { x: 1, y: 2, width: 3, height: 2 });
    expect(clipped.info).toMatchObject({ width: 3, height: 2, affine: [1, 0, 11, 0, -1, 48] });
    expect(await pixelsOf(clipped)).toEqual([11, 12, 13, 16, 17, 18]);
    expect(() => clipRaster(source, { x: 3, y: 0, width: 3, height: 1 })).toThrow("expected a window within");
  });

  it("takes every pixel that a box has a share in, and no other for a border that only touches", () => {
    expect(rectOfExtent(source.info, [11, 48, 13, 50])).toEqual({ x: 1, y: 0, width: 2, height: 2 });
    expect(rectOfExtent(source.info, [10.9, 47.9, 13.1, 60])).toEqual({ x: 0, y: 0, width: 4, height: 3 });
    expect(rectOfBbox(source.info, [11.5, 48.5, 12.5, 49.5])).toEqual({ x: 1, y: 0, width: 2, height: 2 });
    expect(() => rectOfBbox(source.info, [20, 40, 21, 41])).toThrow("beside it");
  });

  it("bends a box as the raster's CRS does", () => {
    const utm = arrayRaster(100, [count(10_000)], { affine: [10_000, 0, 0, 0, -10_000, 6_000_000] });
    const { y, height } = rectOfBbox(utm.info, [5, 49, 13, 50]);
    // The parallel of 50 degrees rises from 5,538,600 m on the middle line to 5,546,300 m four degrees off it.
    expect(6_000_000 - y * 10_000).toBe(5_550_000);
    expect(6_000_000 - (y + height) * 10_000).toBe(5_420_000);
  });
});

describe("cutRaster", () => {
  const source = arrayRaster(4, [count(16)], DEGREES);
  const square = (west: number, south: number, east: number, north: number) =>
    [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
    ] as const;

  it("keeps pixels whose middles are inside, outside of holes, of any of several polygons", async () => {
    const polygons: Polygon[] = [[square(10, 46, 13.4, 50), square(11, 47, 13, 49)], [square(13.5, 48.6, 13.9, 49.4)]];
    const cut = cutRaster(source, polygons, -1);
    expect(cut.info).toMatchObject({ width: 4, height: 4, mask: "nodata" });
    expect(await pixelsOf(cut)).toEqual([0, 1, 2, -1, 4, -1, -1, -1, 8, -1, -1, -1, 12, 13, 14, -1]);
  });

  it("gives each pixel to one of two neighbours", async () => {
    const left = await pixelsOf(cutRaster(source, [[square(10, 46, 11.5, 50)]], -1));
    const right = await pixelsOf(cutRaster(source, [[square(11.5, 46, 14, 50)]], -1));
    expect(left.filter((value) => value >= 0)).toEqual([0, 4, 8, 12]);
    expect(right.filter((value) => value >= 0)).toEqual([1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15]);
  });

  it("wants a nodata for whole numbers", () => {
    const bytes = arrayRaster(4, [count(16)], { ...DEGREES, type: "uint8" });
    expect(() => cutRaster(bytes, [[square(10, 46, 12, 50)]])).toThrow("--nodata");
    expect(cutRaster(bytes, [[square(10, 46, 12, 50)]], 255).info.bands[0]?.nodata).toBe(255);
  });
});

describe("mosaicRaster", () => {
  const at = (x: number, y: number) => ({ ...DEGREES, affine: [1, 0, x, 0, -1, y] as Affine, nodata: -1 });

  it("lays rasters beside and over each other, holes let through what is below", async () => {
    const west = arrayRaster(2, [[1, 2, 3, 4]], at(10, 50));
    const east = arrayRaster(2, [[5, 6, -1, 8]], at(11, 49));
    await using last = mosaicRaster([west, east]);
    expect(last.info).toMatchObject({ width: 3, height: 3, affine: [1, 0, 10, 0, -1, 50] });
    expect(await pixelsOf(last)).toEqual([1, 2, -1, 3, 5, 6, -1, -1, 8]);
    await using first = mosaicRaster([west, east], { onTop: "first" });
    expect(await pixelsOf(first)).toEqual([1, 2, -1, 3, 4, 6, -1, -1, 8]);
  });

  it("warps those of another grid or CRS", async () => {
    const west = arrayRaster(2, [[1, 1, 1, 1]], at(10, 50));
    const fine = arrayRaster(4, [count(16).map(() => 9)], {
      ...at(12, 50),
      affine: [0.5, 0, 12, 0, -0.5, 50],
    });
    await using mosaic = mosaicRaster([west, fine]);
    expect(mosaic.info).toMatchObject({ width: 4, height: 2 });
    expect(await pixelsOf(mosaic)).toEqual([1, 1, 9, 9, 1, 1, 9, 9]);
    const utm = arrayRaster(40, [count(1_600).map(() => 7)], {
      nodata: -1,
      affine: [10_000, 0, 640_000, 0, -10_000, 5_600_000],
    });
    await using joined = mosaicRaster([west, utm], { extent: [10, 48, 14, 50] });
    expect(await pixelsOf(joined)).toEqual([1, 7, 7, 7, 1, 7, 7, 7]);
    await using over = mosaicRaster([utm, west], { crs: getCrs("EPSG:4326"), resolution: 1, extent: [10, 48, 14, 50] });
    expect(await pixelsOf(over)).toEqual([1, 1, 7, 7, 1, 1, 7, 7]);
  });

  it("masks what no raster covers when there is no nodata", async () => {
    const bytes = (x: number) => arrayRaster(1, [[5]], { ...DEGREES, affine: [1, 0, x, 0, -1, 50], type: "uint8" });
    await using mosaic = mosaicRaster([bytes(10), bytes(12)]);
    const { bands, validity } = await mosaic.readWindow({ x: 0, y: 0, width: 3, height: 1 }, { validity: true });
    expect([...(bands[0] ?? [])]).toEqual([5, 0, 5]);
    expect([...(validity[0] ?? [])]).toEqual([1, 0, 1]);
  });

  it("refuses none, and rasters of other bands", () => {
    expect(() => mosaicRaster([])).toThrow("at least one raster");
    const [one, two] = [arrayRaster(1, [[1]]), arrayRaster(1, [[1], [2]])];
    expect(() => mosaicRaster([one, two])).toThrow("rasters of the same bands, got 1 of float64 and 2 of float64");
  });
});

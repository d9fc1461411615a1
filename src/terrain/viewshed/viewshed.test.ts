import { describe, expect, test } from "vitest";
import { openRaster, writeGeotiff, type Affine, type Raster } from "../../raster/index.ts";
import { arrayRaster } from "../../../test/support/array_raster.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { computeViewshed, viewshedInfo, viewshedStrips, type ViewshedOptions } from "./viewshed.ts";

const folder = useTempFolder();
/** 10 units a cell. */
const affine: Affine = [10, 0, 0, 0, -10, 0];
const dem = (width: number, heights: readonly number[], crs: string | null = "EPSG:32632"): Raster =>
  arrayRaster(width, [heights], { affine, nodata: -9999, crs });
const at = (column: number, row: number) => [10 * column + 5, -10 * row - 5] as const;

async function pixelsOf(raster: Raster, options: ViewshedOptions): Promise<number[]> {
  return [...(await computeViewshed(raster, options)).pixels];
}

function hills(size: number, seed: number): number[] {
  let state = seed;
  const next = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  return Array.from({ length: size * size }, () => 20 * next());
}

describe("a viewshed", () => {
  test("of a plain is all of it, and of a wall what lies before it and its top", async () => {
    const plain = dem(
      5,
      Array.from({ length: 25 }, () => 100),
      null,
    );
    expect(new Set(await pixelsOf(plain, { observer: at(2, 2) }))).toEqual(new Set([255]));
    const wall = dem(7, [0, 0, 0, 9, 0, 0, 40]);
    expect(await pixelsOf(wall, { observer: at(0, 0) })).toEqual([255, 255, 255, 255, 0, 0, 255]);
    expect(await pixelsOf(wall, { observer: at(0, 0), targetHeight: 8 })).toEqual([255, 255, 255, 255, 0, 0, 255]);
    expect(await pixelsOf(wall, { observer: at(0, 0), targetHeight: 12 })).toEqual([255, 255, 255, 255, 255, 0, 255]);
    expect(await pixelsOf(wall, { observer: at(0, 0), observerHeight: 50 })).toEqual([
      255, 255, 255, 255, 255, 255, 255,
    ]);
  });

  test.each([1, 2, 3])("along rows, columns and diagonals is exact (hills %d)", async (seed) => {
    const size = 31;
    const heights = hills(size, seed);
    const pixels = await pixelsOf(dem(size, heights, null), { observer: at(15, 15), observerHeight: 5 });
    const eye = (heights[15 * size + 15] as number) + 5;
    for (const [dx, dy] of [
      [1, 0],
      [0, 1],
      [-1, 0],
      [0, -1],
      [1, 1],
      [-1, 1],
      [1, -1],
      [-1, -1],
    ] as const) {
      let steepest = -Infinity;
      for (let i = 1; i <= 15; i++) {
        const cell = (15 + i * dy) * size + 15 + i * dx;
        const slope = ((heights[cell] as number) - eye) / i;
        expect([dx, dy, i, pixels[cell]]).toEqual([dx, dy, i, slope >= steepest ? 255 : 0]);
        steepest = Math.max(steepest, slope);
      }
    }
  });

  test("ends at the horizon of a round Earth", async () => {
    const raster = dem(
      1000,
      Array.from({ length: 1000 }, () => 0),
    );
    const { visibleCells } = await computeViewshed(raster, { observer: at(0, 0), observerHeight: 2 });
    // The plain is a ball of this diameter, which an eye 2 m above it sees as far as the tangent.
    const diameter = (2 * 6_378_137) / 0.857_14;
    expect(Math.abs(visibleCells - Math.sqrt(2 * diameter) / 10)).toBeLessThan(2);
    const flat = await computeViewshed(raster, { observer: at(0, 0), curvature: 0 });
    expect(flat.visibleCells).toBe(1000);
  });

  test("reaches as far as it is told to, and no further is read", async () => {
    const raster = dem(
      21,
      Array.from({ length: 441 }, () => 0),
      null,
    );
    const viewshed = await computeViewshed(raster, { observer: at(10, 3), maxDistance: 50, outOfRange: 7 });
    expect(viewshed.rect).toEqual({ x: 5, y: 0, width: 11, height: 9 });
    // Within 5 cells, as far as there are rows.
    const within = Array.from({ length: 99 }, (_, i) => Math.hypot((i % 11) - 5, Math.floor(i / 11) - 3) <= 5);
    expect([...viewshed.pixels]).toEqual(within.map((isIn) => (isIn ? 255 : 7)));
    expect(viewshed.visibleCells).toBe(within.filter(Boolean).length);
  });

  test("in degrees reaches metres, which are more columns in the north", async () => {
    const north = arrayRaster(101, [Array.from({ length: 101 * 101 }, () => 0)], {
      crs: "EPSG:4326",
      affine: [0.001, 0, 10, 0, -0.001, 60.0505],
    });
    const { rect, visibleCells } = await computeViewshed(north, { observer: [10.0505, 60], maxDistance: 1000 });
    // A degree at 60 north: 55,800 m by 111,412 m.
    expect([rect.width, rect.height]).toEqual([37, 19]);
    expect(visibleCells / ((Math.PI * 1000 ** 2) / (55.8 * 111.412))).toBeCloseTo(1, 1);
  });

  test("passes over gaps, which are not seen", async () => {
    const raster = dem(6, [0, -9999, -9999, 0, 5, 0], null);
    expect(await pixelsOf(raster, { observer: at(0, 0) })).toEqual([255, 0, 0, 255, 255, 0]);
    const block = dem(3, [0, 0, 0, 0, -9999, 0, 0, 0, 0], null);
    expect(await pixelsOf(block, { observer: at(0, 0), visible: 1, invisible: 2 })).toEqual([
      1, 1, 1, 1, 2, 1, 1, 1, 1,
    ]);
  });

  test("is written where it lies", async () => {
    const raster = dem(
      21,
      Array.from({ length: 441 }, () => 0),
    );
    const viewshed = await computeViewshed(raster, { observer: at(10, 10), maxDistance: 30 });
    const out = folder.path("seen.tif");
    await writeGeotiff(out, { info: viewshedInfo(raster, viewshed) }, viewshedStrips(viewshed));
    await using written = await openRaster(out);
    expect(written.info).toMatchObject({ width: 7, height: 7, affine: [10, 0, 70, 0, -10, -70] });
  });

  test.each<[ViewshedOptions, string]>([
    [{ observer: [-1, -5] }, "argument.invalid"],
    [{ observer: [5, -15] }, "argument.invalid"],
    [{ observer: [Number.NaN, 0] }, "argument.invalid"],
    [{ observer: at(1, 0) }, "argument.invalid"],
    [{ observer: at(0, 0), maxDistance: -1 }, "argument.invalid"],
    [{ observer: at(0, 0), curvature: Infinity }, "argument.invalid"],
    [{ observer: at(0, 0), visible: 256 }, "argument.invalid"],
  ])("is refused for %j", async (options, code) => {
    await expect(computeViewshed(dem(2, [0, -9999]), options)).rejects.toMatchObject({ code });
  });

  test("of more cells than it may hold is refused before one is read, and a stopped one ends", async () => {
    const small = dem(2, [0, 0]);
    const large = { ...small, info: { ...small.info, width: 10_000, height: 10_000 } } as Raster;
    await expect(computeViewshed(large, { observer: at(0, 0) })).rejects.toMatchObject({ code: "raster.tooLarge" });
    const options = { observer: at(0, 0), signal: AbortSignal.abort() };
    await expect(computeViewshed(small, options)).rejects.toMatchObject({ code: "cancelled" });
  });
});

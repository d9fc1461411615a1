import { readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openRaster, writeGeotiff, type PixelArray, type Raster } from "../../raster/index.ts";
import { arrayRaster } from "../../../test/support/array_raster.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import type { Classification } from "./classification.ts";
import { roundStep } from "./equal_classes.ts";
import { planClasses } from "./plan_classes.ts";
import { classInfo, reclassifyRaster } from "./reclassify_raster.ts";

const folder = useTempFolder();
const dem = (heights: readonly number[], width = heights.length): Raster =>
  arrayRaster(width, [heights], { nodata: -9999 });

/** Where each class begins, and where the last one ends. */
async function limitsOf(heights: readonly number[], classification: Classification): Promise<(number | null)[]> {
  const { classes } = await planClasses(dem(heights), classification);
  expect(classes.map(({ value }) => value)).toEqual(classes.map((_, i) => i + 1));
  return [...classes.map(({ from }) => from), classes.at(-1)?.to ?? null];
}

async function valuesOf(
  raster: Raster,
  classification: Classification,
): Promise<{ values: number[]; counts: number[] }> {
  const plan = await planClasses(raster, classification);
  const counts = new Float64Array(plan.classes.length + 1);
  const values: number[] = [];
  for await (const { bands } of reclassifyRaster(raster, plan, {}, counts)) values.push(...(bands[0] as PixelArray));
  return { values, counts: [...counts] };
}

/** Every way to cut a sorted list in so many, the one with the least squares. */
function bruteNatural(sorted: readonly number[], classes: number): number {
  const spread = (part: readonly number[]): number => {
    const mean = part.reduce((sum, one) => sum + one, 0) / part.length;
    return part.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  };
  if (classes === 1) return spread(sorted);
  let least = Infinity;
  for (let cut = 1; cut <= sorted.length - classes + 1; cut++)
    least = Math.min(least, spread(sorted.slice(0, cut)) + bruteNatural(sorted.slice(cut), classes - 1));
  return least;
}

/** Squares within the classes that a plan gives. */
function spreadWithin(heights: readonly number[], starts: readonly number[]): number {
  const groups = starts.map((from, i) =>
    heights.filter((height) => height >= from && height < (starts[i + 1] ?? Infinity)),
  );
  return groups.reduce((sum, group) => sum + bruteNatural(group, 1), 0);
}

const someHeights = fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 6, maxLength: 12 });

describe("classes", () => {
  test("of one width reach from the lowest to the highest height, which is in the last one", async () => {
    expect(await limitsOf([3, 7, -9999, 11], { kind: "equal", classes: 4 })).toEqual([3, 5, 7, 9, 11]);
    const { values, counts } = await valuesOf(dem([3, 7, -9999, 11, 4.999, 5]), { kind: "equal", classes: 4 });
    expect(values).toEqual([1, 3, 0, 4, 1, 2]);
    expect(counts).toEqual([1, 2, 1, 1, 1]);
  });

  test("of a step begin at its base; a height on a limit begins a class", async () => {
    expect(await limitsOf([3, 30], { kind: "step", step: 10 })).toEqual([0, 10, 20, 30, 40]);
    expect(await limitsOf([3, 29], { kind: "step", step: 10, base: 5 })).toEqual([-5, 5, 15, 25, 35]);
  });

  test.each([
    [0, 99, 10, 10],
    [0, 99, 5, 20],
    [12, 13, 5, 0.2],
    [100, 8848, 9, 1000],
    [5, 5, 3, 1],
  ])("from %d to %d, about %d of them, have a step of %d", (least, most, classes, step) => {
    expect(roundStep(least, most, classes)).toBe(step);
  });

  test("of quantiles begin at the heights that an ordered list has there", async () => {
    await fc.assert(
      fc.asyncProperty(someHeights, fc.integer({ min: 1, max: 6 }), async (heights, classes) => {
        const sorted = heights.toSorted((a, b) => a - b);
        const at = Array.from({ length: classes }, (_, i) => sorted[Math.ceil((i * sorted.length) / classes)]);
        const starts = (await limitsOf(heights, { kind: "quantile", classes })).slice(0, -1);
        expect(starts).toEqual([...new Set(at)]);
      }),
    );
  });

  test("by natural breaks have the least squares of all ways to cut", async () => {
    await fc.assert(
      fc.asyncProperty(someHeights, fc.integer({ min: 1, max: 4 }), async (heights, classes) => {
        const sorted = heights.toSorted((a, b) => a - b);
        const starts = (await limitsOf(heights, { kind: "natural", classes })).slice(0, -1) as number[];
        expect(starts.length).toBe(Math.min(classes, new Set(heights).size));
        expect(spreadWithin(heights, starts)).toBeCloseTo(bruteNatural(sorted, classes), 6);
      }),
    );
  });

  test("of quantiles and natural breaks of a million heights are those of an ordered list, to 1 in 65,536", async () => {
    const heights = Array.from({ length: 1_000_000 }, (_, i) => 1000 * Math.sin(i) ** 2);
    const sorted = Float64Array.from(heights).sort();
    const [, first, second] = await limitsOf(heights, { kind: "quantile", classes: 3 });
    expect(Math.abs((first as number) - (sorted[333_334] as number))).toBeLessThan(1000 / 65_536);
    expect(Math.abs((second as number) - (sorted[666_667] as number))).toBeLessThan(1000 / 65_536);
    // Symmetric: the break of two classes is the middle.
    expect((await limitsOf(heights, { kind: "natural", classes: 2 }))[1]).toBeCloseTo(500, 0);
  });

  test("at given heights have no limit at their ends", async () => {
    expect(await limitsOf([1], { kind: "breaks", breaks: [20, 10, 10] })).toEqual([null, 10, 20, null]);
    const { values } = await valuesOf(dem([9, 10, 19.9, 20, 1e9, -9999]), { kind: "breaks", breaks: [10, 20] });
    expect(values).toEqual([1, 2, 2, 3, 3, 0]);
  });

  test("of sectors are where the ground faces; level ground and edges are of none", async () => {
    // A pyramid: each side faces away from its middle.
    const heights = Array.from(
      { length: 81 },
      (_, i) => -Math.max(Math.abs((i % 9) - 4), Math.abs(Math.floor(i / 9) - 4)),
    );
    const { values } = await valuesOf(dem(heights, 9), { kind: "sectors", sectors: 8 });
    const at = (x: number, y: number): number => values[9 * y + x] as number;
    expect([at(4, 1), at(7, 1), at(7, 4), at(7, 7), at(4, 7), at(1, 7), at(1, 4), at(1, 1)]).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
    expect([at(4, 4), at(0, 3)]).toEqual([0, 0]);
    const { classes } = await planClasses(dem([0]), { kind: "sectors", sectors: 4 });
    expect(classes.map(({ name, from, to }) => [name, from, to])).toEqual([
      ["N", 315, 45],
      ["E", 45, 135],
      ["S", 135, 225],
      ["W", 225, 315],
    ]);
  });

  test("of a DEM without heights are none", async () => {
    const { values, counts } = await valuesOf(dem([-9999, -9999]), { kind: "natural", classes: 3 });
    expect([values, counts]).toEqual([[0, 0], [2]]);
  });
});

test("files are of the smallest type that holds the values, and say that 0 is none", async () => {
  for (const [classes, type] of [
    [255, "uint8"],
    [256, "uint16"],
    [65_536, "int32"],
  ] as const) {
    const raster = dem([0, 1, -9999, 0.5], 2);
    const plan = await planClasses(raster, { kind: "equal", classes });
    const out = folder.path("classes.tif");
    await writeGeotiff(out, { info: classInfo(raster, plan) }, reclassifyRaster(raster, plan));
    await using written = await openRaster(out);
    expect(written.info.bands).toMatchObject([{ type, nodata: 0 }]);
    const { bands } = await written.readWindow({ x: 0, y: 0, width: 2, height: 2 });
    expect([...(bands[0] as PixelArray)]).toEqual([1, classes, 0, Math.floor(classes / 2) + 1]);
  }
});

test("a stopped run leaves no file", async () => {
  const raster = dem([1, 2, 3, 4], 2);
  const plan = await planClasses(raster, { kind: "equal", classes: 2 });
  const strips = reclassifyRaster(raster, plan, { signal: AbortSignal.abort() });
  const written = writeGeotiff(folder.path("a.tif"), { info: classInfo(raster, plan) }, strips);
  await expect(written).rejects.toMatchObject({ code: "cancelled" });
  expect(readdirSync(folder.path("."))).toEqual([]);
});

test.each<Classification>([
  { kind: "equal", classes: 0 },
  { kind: "equal", classes: 1_000_001 },
  { kind: "natural", classes: 256 },
  { kind: "quantile", classes: 1.5 },
  { kind: "step", step: 0 },
  { kind: "step", step: Number.NaN },
  { kind: "step", step: 1e-9 },
  { kind: "step", step: 1, base: Infinity },
  { kind: "breaks", breaks: [] },
  { kind: "breaks", breaks: [1, Number.NaN] },
  { kind: "sectors", sectors: 5 as 4 },
])("refuses %j", async (classification) => {
  await expect(planClasses(dem([1, 1000]), classification)).rejects.toMatchObject({ code: "argument.invalid" });
});

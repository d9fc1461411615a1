import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrayRaster, pixelsOf } from "../../../test/support/array_raster.ts";
import { ComputedRaster } from "../computed_raster.ts";
import { fillHoles } from "./fill_holes.ts";
import { fillNodata } from "./fill_raster.ts";

/**
 * The same by looking at every pixel, those on the axes of quadrants counted once. Of several that are as near, any may be taken: least and greatest
 * of what may come out.
 */
function fillByLooking(values: readonly number[], width: number, i: number, maxDistance: number): [number, number] {
  const [x, y] = [i % width, Math.floor(i / width)];
  const nearest = Array.from({ length: 4 }, () => ({ distance: maxDistance ** 2, values: [] as number[] }));
  values.forEach((there, at) => {
    const [column, row] = [at % width, Math.floor(at / width)];
    const quadrant = nearest[(column > x ? 2 : 0) + (row > y ? 1 : 0)];
    const distance = (column - x) ** 2 + (row - y) ** 2;
    if (Number.isNaN(there) || quadrant === undefined || distance > quadrant.distance) return;
    if (distance < quadrant.distance) quadrant.values = [];
    quadrant.distance = distance;
    quadrant.values.push(there);
  });
  const found = nearest.filter((quadrant) => quadrant.values.length > 0);
  const weights = found.reduce((sum, { distance }) => sum + 1 / Math.sqrt(distance), 0);
  const mean = (of: (...values: number[]) => number): number =>
    found.reduce((sum, one) => sum + of(...one.values) / Math.sqrt(one.distance), 0) / weights;
  return [mean(Math.min), mean(Math.max)];
}

describe("fillHoles", () => {
  it("weighs the nearest data of each quadrant", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 6 }),
        (width, isHole, maxDistance) => {
          const length = Math.ceil(isHole.length / width) * width;
          const values = Array.from({ length }, (_, i) => (isHole[i] === false ? (i * 37) % 101 : Number.NaN));
          const grid = { width, height: length / width, values: Float64Array.from(values) };
          fillHoles(grid, { maxDistance, smoothing: 0 });
          grid.values.forEach((value, i) => {
            const before = values[i] as number;
            if (!Number.isNaN(before)) return expect(value).toBe(before);
            const [least, most] = fillByLooking(values, width, i, maxDistance);
            if (Number.isNaN(least)) return expect(value).toBeNaN();
            expect(value).toBeGreaterThanOrEqual(least - 1e-9);
            expect(value).toBeLessThanOrEqual(most + 1e-9);
          });
        },
      ),
    );
  });

  it("finds other values on each side", () => {
    const hole = Number.NaN;
    const values = Float64Array.of(1, hole, hole, 4);
    fillHoles({ width: 4, height: 1, values }, { maxDistance: 5, smoothing: 0 });
    expect([...values]).toEqual([1, expect.closeTo((1 + 4 / 2) / 1.5), expect.closeTo((1 / 2 + 4) / 1.5), 4]);
  });

  it("smooths what it filled alone", () => {
    const hole = Number.NaN;
    const values = Float64Array.of(0, hole, 9);
    fillHoles({ width: 3, height: 1, values }, { maxDistance: 5, smoothing: 1 });
    expect([...values]).toEqual([0, expect.closeTo(4.5), 9]);
  });
});

describe("fillNodata", () => {
  it("is the same in strips as at once", async () => {
    const [width, height] = [40, 700];
    const values = Array.from({ length: width * height }, (_, i) => ((i * 2_654_435_761) % 97 < 30 ? i % 251 : -1));
    const at = { maxDistance: 4, smoothing: 2 };
    const whole = { width, height, values: Float64Array.from(values, (value) => (value < 0 ? Number.NaN : value)) };
    fillHoles(whole, at);
    await using filled = fillNodata(arrayRaster(width, [values], { nodata: -1 }), at);
    expect(await pixelsOf(filled)).toEqual([...whole.values].map((value) => (Number.isNaN(value) ? -1 : value)));
    const part = await filled.readWindow({ x: 7, y: 300, width: 5, height: 3 });
    expect([...(part.bands[0] ?? [])].slice(5, 10)).toEqual(
      [...whole.values].slice(301 * width + 7, 301 * width + 12).map((value) => (Number.isNaN(value) ? -1 : value)),
    );
  });

  it("keeps data and leaves what is too far away", async () => {
    const values = [1, ...Array.from({ length: 9 }, () => -1)];
    await using filled = fillNodata(arrayRaster(10, [values], { nodata: -1 }), { maxDistance: 3 });
    expect(await pixelsOf(filled)).toEqual([1, 1, 1, 1, -1, -1, -1, -1, -1, -1]);
  });

  it("fills NaN where no nodata is named", async () => {
    await using filled = fillNodata(arrayRaster(3, [[2, Number.NaN, 2]]));
    expect(await pixelsOf(filled)).toEqual([2, 2, 2]);
  });

  it.each(["mask", "alpha"] as const)("says what is still no data by a %s, of any part", async (mask) => {
    const plain = arrayRaster(10, [[1, ...Array.from({ length: 9 }, () => 0)]], { type: "uint8" });
    const masked = new ComputedRaster({
      info: { ...plain.info, mask },
      compute: async ({ rect, bands }) => ({
        ...(await plain.readWindow(rect, { bands })),
        validity: bands.map(() => Uint8Array.from({ length: rect.width }, (_, i) => (rect.x + i === 0 ? 1 : 0))),
      }),
    });
    await using filled = fillNodata(masked, { maxDistance: 3 });
    const read = await filled.readWindow({ x: 2, y: 0, width: 4, height: 1 }, { validity: true });
    expect([read.bands[0], read.validity[0]]).toEqual([Uint8Array.of(1, 1, 0, 0), Uint8Array.of(1, 1, 0, 0)]);
    const near = await filled.readWindow({ x: 0, y: 0, width: 4, height: 1 }, { validity: true });
    expect(near.bands[0]).toEqual(Uint8Array.of(1, 1, 1, 1));
  });

  it.each([{ maxDistance: 0 }, { maxDistance: 1_001 }, { maxDistance: 2.5 }, { smoothing: -1 }])(
    "refuses %o",
    (options) => {
      expect(() => fillNodata(arrayRaster(1, [[1]], { nodata: 0 }), options)).toThrow("expected a");
    },
  );

  it("refuses a raster that has no holes", () => {
    expect(() => fillNodata(arrayRaster(1, [[1]], { type: "uint8" }))).toThrow("it has no holes");
  });
});

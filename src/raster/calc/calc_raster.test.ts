import { describe, expect, it } from "vitest";
import { arrayRaster, pixelsOf } from "../../../test/support/array_raster.ts";
import { CancelledError, TilthError } from "../../core/index.ts";
import type { PixelRect, Raster, RasterReadOptions } from "../raster.ts";
import { calcRaster } from "./calc_raster.ts";

const input = (raster: ReturnType<typeof arrayRaster>, band = 0) => ({ raster, band });

describe("calcRaster", () => {
  it("takes bands of several files, in doubles", async () => {
    const image = arrayRaster(
      2,
      [
        [10, 200, 0, 4],
        [30, 100, 0, 12],
      ],
      { type: "uint8" },
    );
    await using ndvi = calcRaster(
      "(b - a) / (b + a)",
      new Map([
        ["a", input(image)],
        ["b", input(image, 1)],
      ]),
      {
        type: "float64",
      },
    );
    expect(await pixelsOf(ndvi)).toEqual([0.5, -1 / 3, Number.NaN, 0.5]);
    expect(ndvi.info).toMatchObject({ width: 2, height: 2, mask: "nodata", crs: image.info.crs });
  });

  it("has no data where an input has none, though the formula would", async () => {
    const a = arrayRaster(4, [[1, -9, 3, 4]], { nodata: -9 });
    const b = arrayRaster(4, [[1, 2, 255, 4]], { type: "uint8", nodata: 255 });
    await using sum = calcRaster(
      "a > 100 ? b : 7",
      new Map([
        ["a", input(a)],
        ["b", input(b)],
      ]),
      { type: "int16" },
    );
    expect(await pixelsOf(sum)).toEqual([7, -32_768, -32_768, 7]);
  });

  it("rounds to whole numbers, halves away from zero, and stays within the type", async () => {
    const a = arrayRaster(6, [[-2.5, -0.4, 0.5, 1.49, 300, -5]]);
    await using whole = calcRaster("a", new Map([["a", input(a)]]), { type: "int8" });
    expect(await pixelsOf(whole)).toEqual([-3, 0, 1, 1, 127, -5]);
  });

  it("applies a band's scale and offset", async () => {
    const a = arrayRaster(2, [[10, 20]], { type: "uint16", band: { scale: 0.5, offset: -1 } });
    await using result = calcRaster("a", new Map([["a", input(a)]]));
    expect(await pixelsOf(result)).toEqual([4, 9]);
  });

  it.each([
    ["b + 1", "names 'b'"],
    ["1 + 1", "at least one input"],
    ["a +", "cannot be read"],
  ])("refuses '%s'", (formula, words) => {
    const a = arrayRaster(1, [[1]]);
    expect(() => calcRaster(formula, new Map([["a", input(a)]]))).toThrow(words);
  });

  it("refuses inputs that lie elsewhere, and a nodata that the type cannot hold", () => {
    const a = arrayRaster(2, [[1, 2]]);
    const moved = arrayRaster(2, [[1, 2]], { affine: [10, 0, 500_005, 0, -10, 5_000_000] });
    expect(() =>
      calcRaster(
        "a + b",
        new Map([
          ["a", input(a)],
          ["b", input(moved)],
        ]),
      ),
    ).toThrow("warp it first");
    expect(() => calcRaster("a", new Map([["a", input(a)]]), { type: "uint8", nodata: -1 })).toThrow("uint8 can hold");
  });

  it("stops", async () => {
    const a = arrayRaster(1, [[1]]);
    await using result = calcRaster("a", new Map([["a", input(a)]]));
    const read = result.readWindow({ x: 0, y: 0, width: 1, height: 1 }, { signal: AbortSignal.abort() });
    await expect(read).rejects.toMatchObject({ code: "cancelled" });
  });

  it("reads files side by side, and the first that cannot be read stops the others", async () => {
    const a = arrayRaster(1, [[1]]);
    let stopped: AbortSignal | undefined;
    const waiting: Raster = Object.create(a, {
      readWindow: {
        value: (_rect: PixelRect, { signal }: RasterReadOptions) => {
          stopped = signal;
          return new Promise((_resolve, reject) =>
            signal?.addEventListener("abort", () => reject(new CancelledError())),
          );
        },
      },
    }) as Raster;
    const broken: Raster = Object.create(a, {
      readWindow: { value: () => Promise.reject(new TilthError("raster.damaged", "expected a block, got none")) },
    }) as Raster;
    const inputs = new Map([
      ["a", { raster: waiting, band: 0 }],
      ["b", { raster: broken, band: 0 }],
    ]);
    await using sum = calcRaster("a + b", inputs);
    const read = sum.readWindow({ x: 0, y: 0, width: 1, height: 1 });
    await expect(read).rejects.toMatchObject({ code: "raster.damaged" });
    expect(stopped?.aborted).toBe(true);
  });
});

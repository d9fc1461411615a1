import fc from "fast-check";
import { expect, it } from "vitest";
import { newPixels, type PixelType } from "../pixel_type.ts";
import { joinStatistics, NO_STATISTICS, statisticsOf, type PixelStatistics } from "./block_statistics.ts";

const TYPES: readonly PixelType[] = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"];

const cases = fc.record({
  type: fc.constantFrom(...TYPES),
  // Small ones are summed in a loop, large ones by a table or in SIMD.
  width: fc.constantFrom(1, 3, 97, 256, 515),
  height: fc.constantFrom(1, 2, 64, 300),
  extra: fc.constantFrom(0, 5),
  nodata: fc.constantFrom(null, 0, 7, -3, 0.1, Number.NaN),
  missing: fc.constantFrom(0, 0.3, 1),
  seed: fc.integer(),
});

/** Two passes over plain numbers, as the definition says. */
function judge(values: readonly number[]): PixelStatistics {
  if (values.length === 0) return NO_STATISTICS;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const least = values.reduce((one, other) => Math.min(one, other));
  return { count: values.length, least, most: values.reduce((one, other) => Math.max(one, other)), mean, spread };
}

function expectClose(found: PixelStatistics, wanted: PixelStatistics): void {
  expect([found.count, found.least, found.most]).toEqual([wanted.count, wanted.least, wanted.most]);
  const size = Math.max(1, Math.abs(wanted.least), Math.abs(wanted.most));
  if (wanted.count > 0) expect(Math.abs(found.mean - wanted.mean)).toBeLessThanOrEqual(1e-10 * size);
  expect(Math.abs(found.spread - wanted.spread)).toBeLessThanOrEqual(1e-9 * (wanted.spread + size));
}

it("counts and sums what is data, of any type, size and stride, as two plain passes do", () => {
  fc.assert(
    fc.property(cases, ({ type, width, height, extra, nodata, missing, seed }) => {
      const stride = width + extra;
      const pixels = newPixels(type, stride * height);
      let state = seed >>> 0;
      const next = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
      for (let i = 0; i < pixels.length; i++)
        pixels[i] =
          next() < missing ? (nodata ?? 1) : (next() - 0.4) * (type === "uint8" || type === "int8" ? 300 : 5e4);
      const marked = nodata !== null && type === "float32" ? Math.fround(nodata) : nodata;
      const valid: number[] = [];
      for (let y = 0; y < height; y++)
        for (const value of pixels.subarray(y * stride, y * stride + width))
          if (value !== marked && !Number.isNaN(value)) valid.push(value);
      const wanted = judge(valid);
      expectClose(statisticsOf(pixels, stride, { width, height }, nodata), wanted);
      const half = Math.floor(height / 2);
      const rest = pixels.subarray(half * stride);
      expectClose(
        joinStatistics(
          statisticsOf(pixels, stride, { width, height: half }, nodata),
          statisticsOf(rest, stride, { width, height: height - half }, nodata),
        ),
        wanted,
      );
    }),
    { numRuns: 60 },
  );
});

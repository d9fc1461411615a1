import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fillTaps, FILTERS, kernelScale, reachOf, RESAMPLINGS, tapCount, type Resampling } from "./resampling.ts";

type Filtered = Exclude<Resampling, "nearest">;
const FILTERED = RESAMPLINGS.filter((resampling): resampling is Filtered => resampling !== "nearest");

function tapsOf(resampling: Filtered, scale: number, fraction: number): Float64Array {
  const taps = new Float64Array(tapCount(resampling, scale));
  fillTaps(resampling, scale, fraction, taps);
  return taps;
}

/** Where the first tap stands, pixels from the one that the position is `fraction` right of. */
const firstOf = (taps: ArrayLike<number>): number => 1 - taps.length / 2;

const anyTaps = fc.record({
  resampling: fc.constantFrom(...FILTERED),
  scale: fc.double({ min: 0.02, max: 3, noNaN: true }),
  fraction: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
});

describe("fillTaps", () => {
  test("gives an even number of weights that sum to 1", () => {
    const property = fc.property(anyTaps, ({ resampling, scale, fraction }) => {
      const taps = tapsOf(resampling, scale, fraction);
      expect(taps.length % 2).toBe(0);
      expect(taps.reduce((sum, tap) => sum + tap, 0)).toBeCloseTo(1, 12);
    });
    fc.assert(property, { seed: 1, numRuns: 500 });
  });

  test("is the same seen from the other side", () => {
    const property = fc.property(anyTaps, ({ resampling, scale, fraction }) => {
      const right = tapsOf(resampling, scale, fraction);
      const left = tapsOf(resampling, scale, 1 - fraction).reverse();
      right.forEach((tap, i) => expect(tap).toBeCloseTo(left[i] ?? Number.NaN, 9));
    });
    fc.assert(property, { seed: 2, numRuns: 500 });
  });

  test("leaves nothing out: the pixels beyond the first and the last tap weigh nothing", () => {
    const property = fc.property(anyTaps, ({ resampling, scale, fraction }) => {
      const taps = tapsOf(resampling, scale, fraction);
      const more = new Float64Array(taps.length + 4);
      fillTaps(resampling, scale, fraction, more);
      expect([...more.subarray(0, 2), ...more.subarray(-2)]).toEqual([0, 0, 0, 0]);
      taps.forEach((tap, i) => expect(tap).toBeCloseTo(more[i + 2] ?? Number.NaN, 12));
    });
    fc.assert(property, { seed: 3, numRuns: 500 });
  });

  test.each(["bilinear", "cubic"] as const)("%s keeps a slope a slope", (resampling) => {
    for (const fraction of [0, 0.1, 0.25, 0.5, 0.9]) {
      const taps = tapsOf(resampling, 1, fraction);
      const place = taps.reduce((sum, tap, i) => sum + tap * (firstOf(taps) + i), 0);
      expect(place).toBeCloseTo(fraction, 12);
    }
  });

  test.each([
    ["bilinear", 0.25, [0.75, 0.25]],
    // Keys 1981, equation 15, at s = 1/2: -1/16, 9/16, 9/16, -1/16.
    ["cubic", 0.5, [-0.0625, 0.5625, 0.5625, -0.0625]],
    // And at s = 1/4: -9/128, 111/128, 29/128, -3/128.
    ["cubic", 0.25, [-0.070_312_5, 0.867_187_5, 0.226_562_5, -0.023_437_5]],
    ["average", 0.25, [0.75, 0.25]],
  ] as const)("%s at %d", (resampling, fraction, expected) => {
    const taps = tapsOf(resampling, 1, fraction);
    const used = [...taps].filter((tap) => tap !== 0);
    expect(used).toHaveLength(expected.length);
    expected.forEach((weight, i) => expect(used[i]).toBeCloseTo(weight, 12));
  });

  test("at a pixel's centre takes that pixel alone", () => {
    for (const resampling of ["bilinear", "cubic", "lanczos"] as const) {
      const taps = tapsOf(resampling, 1, 0);
      taps.forEach((tap, i) => expect(tap).toBeCloseTo(firstOf(taps) + i === 0 ? 1 : 0, 12));
    }
  });

  test("average of two pixels to one is their mean, between pixels of an exact half", () => {
    // The box from 1/2 left of the one to 1/2 right of the other.
    expect([...tapsOf("average", 0.5, 0.5)]).toEqual([0, 0.5, 0.5, 0]);
    // Around a centre: that pixel whole, and half of each neighbour.
    expect([...tapsOf("average", 0.5, 0)].filter((tap) => tap > 0)).toEqual([0.25, 0.5, 0.25]);
  });

  test("average is by area", () => {
    // 2.5 pixels around a point 0.3 right of a centre: from -0.95 to 1.55, pixel borders at -0.5, 0.5 and 1.5.
    const used = [...tapsOf("average", 0.4, 0.3)].filter((tap) => tap > 0);
    const lengths = [0.45, 1, 1, 0.05];
    expect(used).toHaveLength(lengths.length);
    lengths.forEach((length, i) => expect(used[i]).toBeCloseTo(length / 2.5, 12));
  });
});

describe("FILTERS", () => {
  test.each([
    ["bilinear", 0.3, 0.7],
    ["bilinear", 1, 0],
    ["cubic", 0.5, 0.5625],
    ["cubic", 1.5, -0.0625],
    ["cubic", 2, 0],
    // sinc(x) sinc(x/3) with sinc(x) = sin(pi x) / (pi x): 2/pi x 3/pi, and -2/(3 pi) x 2/pi.
    ["lanczos", 0.5, 6 / Math.PI ** 2],
    ["lanczos", 1.5, -4 / (3 * Math.PI ** 2)],
    ["lanczos", 3, 0],
  ] as const)("%s at %d", (name, distance, weight) => {
    expect(FILTERS[name].weigh(distance)).toBeCloseTo(weight, 12);
    expect(FILTERS[name].weigh(-distance)).toBeCloseTo(weight, 12);
  });

  test.each(["bilinear", "cubic", "lanczos"] as const)("%s is 1 in the middle and 0 from its radius on", (name) => {
    const filter = FILTERS[name];
    expect(filter.weigh(0)).toBe(1);
    for (const beyond of [0, 1e-9, 0.5, 10]) expect(filter.weigh(filter.radius + beyond)).toBeCloseTo(0, 12);
    expect(Math.abs(filter.weigh(filter.radius - 0.3))).toBeGreaterThan(1e-3);
  });
});

describe("kernelScale", () => {
  test.each([
    [2, 1],
    [1, 1],
    [0.95, 1],
    [0.949, 0.949],
    [0.6, 0.6],
    // 1 / 0.51 is 1.961: within 0.05 of 2.
    [0.51, 0.5],
    [0.49, 0.5],
    // 1 / 0.48 is 2.083.
    [0.48, 0.48],
    [0.334, 1 / 3],
    [0.1, 0.1],
    [Number.NaN, 1],
  ])("%d is %d", (scale, expected) => {
    expect(kernelScale(scale)).toBe(expected);
  });
});

describe("reachOf", () => {
  test.each([
    ["nearest", 0.1, 1],
    ["bilinear", 1, 1],
    ["bilinear", 4, 1],
    ["cubic", 1, 2],
    ["lanczos", 1, 3],
    ["bilinear", 0.5, 2],
    ["cubic", 0.25, 8],
    ["average", 1, 2],
    ["average", 0.25, 3],
  ] as const)("%s at a scale of %d reads %d pixels", (resampling, scale, expected) => {
    expect(reachOf(resampling, scale)).toBe(expected);
  });
});

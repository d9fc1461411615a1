import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ControlBlock } from "../control_mesh.ts";
import { difference, makeImage, meshBlock, ONE_LEVEL, reference, warp, type Rgba } from "../fixtures/kernel_scene.ts";
import { positionIn } from "../fixtures/places.ts";
import { RESAMPLINGS, type Resampling } from "../resampling.ts";

/** Sixteenths of an octave: the kernel rounds to thirty-seconds, the reference does not. */
const octaves = fc.integer({ min: -16, max: 48 }).map((sixteenth) => 2 ** (sixteenth / 16));

const scene = fc
  .record({
    resampling: fc.constantFrom(...RESAMPLINGS.filter((one) => one !== "nearest")),
    width: fc.integer({ min: 1, max: 61 }),
    height: fc.integer({ min: 1, max: 47 }),
    seed: fc.nat(),
    alpha: fc.constantFrom("opaque" as const, "clear" as const, "any" as const),
    scale: octaves,
    outWidth: fc.integer({ min: 1, max: 45 }),
    outHeight: fc.integer({ min: 1, max: 33 }),
    // Where the upper left corner lies, shares of the source; partly outside.
    left: fc.double({ min: -0.7, max: 0.9, noNaN: true }),
    top: fc.double({ min: -0.7, max: 0.9, noNaN: true }),
    // Level rows go another way.
    turn: fc.oneof(fc.constant(0), fc.double({ min: -0.4, max: 0.4, noNaN: true })),
    place: fc.tuple(fc.nat(5), fc.nat(5)),
  })
  .map(({ width, height, seed, alpha, scale, outWidth, outHeight, left, top, turn, place, resampling }) => ({
    resampling,
    source: makeImage(width, height, seed, alpha),
    opaque: alpha === "opaque",
    block: meshBlock(
      [left * width, top * height],
      [scale, turn * scale],
      [-turn * scale, scale],
      [outWidth, outHeight],
      place,
    ),
  }));

/** Cubic at its own width falls back to bilinear where a pixel is not opaque: compared by tests of its own. */
function isFallback(resampling: Resampling, block: ControlBlock, opaque: boolean): boolean {
  return resampling === "cubic" && !opaque && block.scale.every((value) => value <= 1 / 0.95);
}

describe("the kernel beside the plain reference", () => {
  test("is within one level: any method, size, place, turn and scale, opaque and with alpha", () => {
    const property = fc.property(scene, ({ resampling, source, opaque, block }) => {
      fc.pre(!isFallback(resampling, block, opaque));
      const worst = difference(warp(source, block, resampling, opaque), reference(source, block, resampling));
      expect(worst).toBeLessThanOrEqual(ONE_LEVEL);
    });
    fc.assert(property, { seed: 20_261_124, numRuns: 800 });
  });

  test("runs of 256 pixels end where they should, on a source of any width", () => {
    const source = makeImage(769, 40, 3, "opaque");
    for (const resampling of RESAMPLINGS.filter((one) => one !== "nearest")) {
      // Steps that no binary fraction is equal to, of thirty-seconds of an octave, to which the kernel rounds.
      for (const step of [1 / 3, 2 ** (1 / 32), 2 ** 1.5]) {
        const block = meshBlock([2.3, 5.7], [step, 0.01], [0.003, step], [256, 9]);
        const worst = difference(warp(source, block, resampling, true), reference(source, block, resampling));
        expect(worst).toBeLessThanOrEqual(ONE_LEVEL);
      }
    }
  });

  test("as far as positions go: a source of 32,767 pixels", () => {
    const source = makeImage(32_767, 6, 4, "opaque");
    for (const resampling of RESAMPLINGS) {
      const block = meshBlock([32_767 - 12.4, 0.3], [0.9, 0], [0, 0.9], [20, 8]);
      const expected = reference(source, block, resampling);
      expect(expected[3]).toBe(255);
      // 12.4 / 0.9 = 13.8: the other pixels lie beyond.
      expect(expected[4 * 14 + 3]).toBe(0);
      expect(difference(warp(source, block, resampling, true), expected)).toBeLessThanOrEqual(ONE_LEVEL);
    }
  });

  test("an opaque image is the same whether or not it is said to be", () => {
    const source = makeImage(50, 40, 5, "opaque");
    for (const resampling of RESAMPLINGS) {
      const block = meshBlock([-3, -2], [1.3, 0.1], [-0.1, 1.3], [45, 35]);
      const asOpaque = warp(source, block, resampling, true);
      expect(difference(warp(source, block, resampling, false), Float64Array.from(asOpaque))).toBeLessThanOrEqual(1);
    }
  });
});

describe("cubic at its own width", () => {
  const block = meshBlock([-2, -2], [0.83, 0.06], [-0.06, 0.83], [43, 31]);

  test("is bilinear where one of its 16 pixels is missing or not opaque, and cubic elsewhere", () => {
    const source = makeImage(34, 27, 6, "opaque");
    for (const clear of [200, 511, 700]) source.data[clear * 4 + 3] = 0;
    const [cubic, bilinear] = [reference(source, block, "cubic"), reference(source, block, "bilinear")];
    const whole = Array.from({ length: 43 * 31 }, (_, i) => hasWholeWindow(source, block, i % 43, Math.floor(i / 43)));
    expect(whole.filter(Boolean).length).toBeGreaterThan(300);
    const expected = cubic.map((value, i) => (whole[i >> 2] === true ? value : (bilinear[i] as number)));
    expect(difference(warp(source, block, "cubic", false), expected)).toBeLessThanOrEqual(ONE_LEVEL);
  });
});

/** Are the 4 x 4 pixels around the place of destination pixel `x`, `y` there and opaque? */
function hasWholeWindow({ width, height, data }: Rgba, block: ControlBlock, x: number, y: number): boolean {
  const [left, top] = positionIn(block, x, y).map((at) => Math.floor(at - 0.5) - 1) as [number, number];
  for (let row = top; row < top + 4; row++) {
    for (let column = left; column < left + 4; column++) {
      if (row < 0 || column < 0 || row >= height || column >= width) return false;
      if (data[(row * width + column) * 4 + 3] !== 255) return false;
    }
  }
  return true;
}

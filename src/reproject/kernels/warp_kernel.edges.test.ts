import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeImage, meshBlock, pointsBlock, warp, type Rgba } from "../fixtures/kernel_scene.ts";
import { positionIn } from "../fixtures/places.ts";
import { RESAMPLINGS } from "../resampling.ts";

function pixelOf({ width, data }: Rgba, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
}

function pixelsOf(bytes: Uint8Array): number[][] {
  return Array.from({ length: bytes.length / 4 }, (_, i) => [...bytes.subarray(i * 4, i * 4 + 4)]);
}

const CLEAR = [0, 0, 0, 0];

/** White where `isShape`, clear black elsewhere. */
function shape(width: number, height: number, isShape: (x: number, y: number) => boolean): Rgba {
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++)
    if (isShape(i % width, Math.floor(i / width))) data.fill(255, i * 4, i * 4 + 4);
  return { width, height, data };
}

describe("nearest", () => {
  const position = fc.tuple(
    fc.double({ min: -5, max: 45, noNaN: false }),
    fc.double({ min: -5, max: 35, noNaN: false }),
  );

  test("is the pixel that the position lies in, bit for bit", () => {
    const source = makeImage(37, 29, 1, "any");
    const property = fc.property(fc.array(position, { minLength: 24, maxLength: 24 }), (positions) => {
      const made = pixelsOf(warp(source, pointsBlock(6, positions.flat()), "nearest", false));
      positions.forEach(([x, y], i) => {
        const inside = x >= 0 && y >= 0 && x < 37 && y < 29;
        expect(made[i]).toEqual(inside ? pixelOf(source, Math.floor(x), Math.floor(y)) : CLEAR);
      });
    });
    fc.assert(property, { seed: 3, numRuns: 200 });
  });

  test("takes the last pixel just before the edge, never the next row's first", () => {
    const source = makeImage(37, 29, 2, "opaque");
    const made = pixelsOf(warp(source, pointsBlock(2, [37 - 1e-11, 4.5, 4.5, 29 - 1e-11]), "nearest", true));
    expect(made).toEqual([pixelOf(source, 36, 4), pixelOf(source, 4, 28)]);
  });

  test("on a pixel's border but for an error of rounding takes the pixel to the right, as GDAL does", () => {
    const source = makeImage(37, 29, 2, "opaque");
    const made = pixelsOf(warp(source, pointsBlock(1, [7 - 1e-12, 5 - 1e-12]), "nearest", true));
    expect(made).toEqual([pixelOf(source, 7, 5)]);
  });
});

describe.each(RESAMPLINGS)("%s", (resampling) => {
  test("gives nothing where a position lies outside or is none", () => {
    const source = makeImage(37, 29, 1, "opaque");
    const nowhere = [-1e-9, 5, 37, 5, 5, -1e-9, 5, 29, -1e9, 5, 5, 1e300, Number.NaN, 5, 5, Number.NaN];
    const more = [Number.POSITIVE_INFINITY, 5, 5, Number.NEGATIVE_INFINITY];
    const made = warp(source, pointsBlock(2, [...nowhere, ...more]), resampling, true);
    expect(made.every((byte) => byte === 0)).toBe(true);
    expect(
      warp(source, meshBlock([900, 900], [1, 0], [0, 1], [11, 7]), resampling, true).every((byte) => byte === 0),
    ).toBe(true);
  });

  test("gives something at the very corners, with and without alpha", () => {
    const source = makeImage(37, 29, 1, "opaque");
    const corners = pointsBlock(2, [0, 0, 36.999, 0, 0, 28.999, 36.999, 28.999]);
    for (const opaque of [true, false])
      expect(pixelsOf(warp(source, corners, resampling, opaque)).map(([, , , alpha]) => alpha)).toEqual([
        255, 255, 255, 255,
      ]);
  });

  test.each([0.4, 1, 1.9, 5.3, 17])("leaves a flat image flat, at %d source pixels to one", (scale) => {
    const colour = [201, 3, 254];
    const source = { width: 130, height: 121, data: new Uint8Array(130 * 121 * 4) };
    for (const alpha of [255, 96]) {
      for (let at = 0; at < source.data.length; at += 4) source.data.set([...colour, alpha], at);
      const block = meshBlock([0.3, 0.2], [scale, 0.02], [-0.02, scale], [23, 19]);
      const inside = pixelsOf(warp(source, block, resampling, alpha === 255)).filter(([, , , found]) => found !== 0);
      expect(inside.length).toBeGreaterThan(5);
      expect(inside.every((pixel) => pixel.join() === [...colour, alpha].join())).toBe(true);
    }
  });

  test.each([0.3, 0.97, 2.6])("puts no dark fringe around a white shape, at %d source pixels to one", (scale) => {
    const source = shape(64, 64, (x, y) => Math.hypot(x - 30, y - 34) < 19 && (x * 7 + y * 3) % 11 !== 0);
    const block = meshBlock([4, 5], [scale, 0.2 * scale], [-0.2 * scale, scale], [61, 53]);
    const made = pixelsOf(warp(source, block, resampling, false));
    const seen = made.filter(([, , , alpha]) => alpha !== 0);
    expect(seen.length).toBeGreaterThan(50);
    expect(seen.every(([red, green, blue]) => red === 255 && green === 255 && blue === 255)).toBe(true);
    // What is clear has no colour either.
    const isBlack = (pixel: number[]): boolean => pixel.every((byte) => byte === 0);
    expect(made.filter(([, , , alpha]) => alpha === 0).every(isBlack)).toBe(true);
    const isSoft = seen.some(([, , , alpha]) => alpha !== 255);
    expect(isSoft).toBe(resampling !== "nearest");
  });

  test("gives the source's own pixels at their centres", () => {
    const source = makeImage(43, 31, 8, "opaque");
    const block = meshBlock([5, 6], [1, 0], [0, 1], [21, 17]);
    const made = pixelsOf(warp(source, block, resampling, true));
    made.forEach((pixel, i) => {
      const [x, y] = positionIn(block, i % 21, Math.floor(i / 21));
      expect(pixel).toEqual(pixelOf(source, Math.floor(x), Math.floor(y)));
    });
  });
});

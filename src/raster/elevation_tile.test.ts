import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeElevation, encodeElevation, type ElevationEncoding } from "./elevation_tile.ts";

const ENCODINGS = ["terrarium", "terrainRgb"] as const;

/** Metres of one colour. */
function metresOf(colour: readonly number[], encoding: ElevationEncoding): number {
  const [red = 0, green = 0, blue = 0, alpha = 255] = colour;
  return decodeElevation({ data: Uint8Array.of(red, green, blue, alpha) }, encoding)[0] ?? Number.NaN;
}

function colourOf(metres: number, encoding: ElevationEncoding): number[] {
  return [...encodeElevation(Float32Array.of(metres), encoding)];
}

/** By hand from the published formulas: sea level, a step below it, Everest, the deep sea, and both ends. */
const EXAMPLES: readonly (readonly [ElevationEncoding, readonly [number, number, number], number])[] = [
  // Mapzen terrain tiles, formats: (red * 256 + green + blue / 256) - 32768.
  ["terrarium", [128, 0, 0], 0],
  ["terrarium", [127, 255, 255], -0.003_906_25],
  ["terrarium", [162, 144, 220], 8848.859_375],
  ["terrarium", [85, 10, 0], -10_998],
  ["terrarium", [0, 0, 0], -32_768],
  // Mapbox Terrain-RGB v1: -10000 + ((R * 256 * 256 + G * 256 + B) * 0.1).
  ["terrainRgb", [1, 134, 160], 0],
  ["terrainRgb", [1, 134, 159], -0.1],
  ["terrainRgb", [2, 224, 73], 8848.9],
  ["terrainRgb", [0, 0, 0], -10_000],
  ["terrainRgb", [255, 255, 255], 1_667_721.5],
];

/** Steps, and the heights that can be said. */
const RANGES = {
  terrarium: { step: 1 / 256, min: -32_768, max: 32_767.996_093_75 },
  terrainRgb: { step: 0.1, min: -10_000, max: 1_667_721.5 },
} as const;

describe("published values", () => {
  test.each(EXAMPLES)("%s %j is %f m, both ways", (encoding, colour, metres) => {
    expect(metresOf(colour, encoding)).toBeCloseTo(metres, 3);
    expect(colourOf(metres, encoding)).toEqual([...colour, 255]);
  });
});

describe.each(ENCODINGS)("%s", (encoding) => {
  const { step, min, max } = RANGES[encoding];

  test("every colour of heights on Earth comes back as it was", () => {
    // Within 12 km a float holds a millimetre.
    const [from, to] = [Math.ceil((-12_000 - min) / step), Math.floor((12_000 - min) / step)];
    const bits = fc.integer({ min: Math.max(0, from), max: to });
    fc.assert(
      fc.property(fc.array(bits, { minLength: 1, maxLength: 40 }), (values) => {
        const data = Uint8Array.from(values.flatMap((value) => [value >> 16, (value >> 8) & 255, value & 255, 255]));
        expect([...encodeElevation(decodeElevation({ data }, encoding), encoding)]).toEqual([...data]);
      }),
    );
  });

  test("a height comes back to half a step", () => {
    const heights = fc.double({ min: Math.max(min, -11_000), max: 9000, noNaN: true });
    fc.assert(
      fc.property(heights, (height) => {
        const metres = Math.fround(height);
        const [red = 0, green = 0, blue = 0] = colourOf(metres, encoding);
        // The float of the answer itself is good to 0.0005 m.
        expect(Math.abs(metresOf([red, green, blue], encoding) - metres)).toBeLessThanOrEqual(step / 2 + 0.0005);
      }),
    );
  });

  test("NaN is a clear pixel, and a clear pixel NaN whatever it hides; its neighbours are untouched", () => {
    const data = encodeElevation(Float32Array.of(7, Number.NaN, -3), encoding);
    expect([...data.subarray(4, 8)]).toEqual([0, 0, 0, 0]);
    data.set([9, 8, 7], 4);
    const [first = 0, second = 0, third = 0] = decodeElevation({ data }, encoding);
    expect(second).toBeNaN();
    expect([first, third].map((value) => Number(value.toFixed(3)))).toEqual([7, -3]);
    expect(metresOf([128, 0, 0, 1], encoding)).not.toBeNaN();
  });

  test("what cannot be said becomes the lowest or the highest that can", () => {
    expect(colourOf(min - 1, encoding)).toEqual([0, 0, 0, 255]);
    expect(colourOf(-Infinity, encoding)).toEqual([0, 0, 0, 255]);
    expect(colourOf(max * 2, encoding)).toEqual([255, 255, 255, 255]);
    expect(colourOf(Infinity, encoding)).toEqual([255, 255, 255, 255]);
  });

  test("writes where it is told to", () => {
    const out = new Float32Array(2);
    const data = encodeElevation(Float32Array.of(1, 2), encoding);
    expect(decodeElevation({ data }, encoding, out)).toBe(out);
    expect([...out].map(Math.round)).toEqual([1, 2]);
  });
});

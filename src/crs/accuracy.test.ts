import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { getCrs } from "./crs.ts";
import { createTransform } from "./transform.ts";

interface Pair {
  from: string;
  to: string;
  points: number[];
  image: number[];
}

const PAIRS = JSON.parse(readFileSync(new URL("./fixtures/proj_points.json", import.meta.url), "utf8")) as Pair[];

function apply(from: string, to: string, points: readonly number[]): Float64Array {
  const coords = Float64Array.from(points);
  expect(createTransform(getCrs(from), getCrs(to)).apply(coords)).toBe(0);
  return coords;
}

function worst(a: Float64Array, b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return Math.max(...b.map((value, i) => Math.abs(value - (a[i] as number))));
}

describe("as PROJ", () => {
  test("covers 60 projected systems and more", () => {
    expect(new Set(PAIRS.map(({ to }) => to)).size).toBeGreaterThan(60);
  });

  test.each(PAIRS)("$from to $to within a millimetre, and back within 1e-8 degree", ({ from, to, points, image }) => {
    const projected = getCrs(to).kind === "projected";
    expect(worst(apply(from, to, points), image)).toBeLessThan(projected ? 0.001 / getCrs(to).metresPerUnit : 1e-8);
    // On the way over WGS 84 the height over the ellipsoid is dropped twice, which is worth up to 6e-8 degree for shifts of 600 m.
    const tolerance = createTransform(getCrs(from), getCrs(to)).accuracyM === 0 ? 1e-8 : 6e-8;
    expect(worst(apply(to, from, image), points)).toBeLessThan(tolerance);
  });
});

/** Examples printed in EPSG guidance note 7-2 (373-7-2), by the codes of the same systems. */
const EXAMPLES: readonly [
  method: string,
  from: string,
  to: string,
  lonLat: [number, number],
  image: [number, number],
][] = [
  ["9806 Cassini-Soldner", "EPSG:4302", "EPSG:30200", [-62, 10], [66_644.94, 82_536.22]],
  [
    "9833 Hyperbolic Cassini-Soldner",
    "EPSG:4748",
    "EPSG:3139",
    [179 + 59 / 60 + 39.6115 / 3600, -(16 + 50 / 60 + 29.2435 / 3600)],
    [1_601_528.9, 1_336_966.01],
  ],
  ["1052 Colombia Urban", "EPSG:4686", "EPSG:6247", [-74.25, 4.8], [80_859.03, 122_543.17]],
  ["9820 Lambert Azimuthal Equal Area", "EPSG:4258", "EPSG:3035", [5, 50], [3_962_799.45, 2_999_718.85]],
  ["9810 Polar Stereographic (variant A)", "EPSG:4326", "EPSG:32661", [44, 73], [3_320_416.75, 632_668.43]],
];

test.each(EXAMPLES)("EPSG's example of method %s", (_method, from, to, lonLat, image) => {
  expect(worst(apply(from, to, lonLat), image)).toBeLessThan(0.0051);
});

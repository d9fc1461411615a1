import { describe, expect, test } from "vitest";
import { cutLine, cutRing } from "./cut_ring.ts";
import { encode, readBackground } from "./read_background.ts";

describe("rings on the plane of longitudes", () => {
  test("one within stays as it is", () => {
    const ring = [0, 0, 10, 0, 10, 10, 0, 0];
    expect(cutRing(ring)).toEqual([ring]);
  });

  test("one over the antimeridian becomes two that meet there", () => {
    const pieces = cutRing([170, 0, -170, 0, -170, 10, 170, 10, 170, 0]);
    expect(pieces).toHaveLength(2);
    for (const piece of pieces) {
      const longitudes = piece.filter((_, index) => index % 2 === 0);
      const [least, most] = [Math.min(...longitudes), Math.max(...longitudes)];
      expect([
        [170, 180],
        [-180, -170],
      ]).toContainEqual([least, most]);
    }
  });

  test("one round the pole is closed over it", () => {
    const ring = [-180, -70, -90, -70, 0, -70, 90, -70, 180, -70];
    const [piece = []] = cutRing(ring);
    expect(piece).toContain(-90);
    expect(Math.min(...piece)).toBe(-180);
    expect(Math.max(...piece)).toBe(180);
  });
});

test("a line has no step over the antimeridian", () => {
  expect(cutLine([178, 0, 179, 1, -179, 2, -178, 3])).toEqual([
    [178, 0, 179, 1],
    [-179, 2, -178, 3],
  ]);
});

test("positions are told by their differences", () => {
  expect(encode([1, 2, 1.5, 2.25], 100)).toEqual([100, 200, 50, 25]);
});

test("the land of the world covers what the Earth's does", () => {
  const { land, scale } = readBackground("110m");
  // On the equal-area cylinder with y = sin(lat) the sphere is 2 pi x 2; holes turn the other way.
  let area = 0;
  for (const ring of land) {
    const points: [number, number][] = [];
    let [x, y] = [0, 0];
    for (let index = 0; index < ring.length; index += 2) {
      x += ring[index] ?? 0;
      y += ring[index + 1] ?? 0;
      points.push([(x / scale) * (Math.PI / 180), Math.sin((y / scale) * (Math.PI / 180))]);
    }
    points.forEach(([px, py], index) => {
      const [qx, qy] = points[(index + 1) % points.length] ?? [0, 0];
      area += (px * qy - qx * py) / 2;
    });
  }
  // Land is 29.2 % of the surface (148.94 of 510.07 million km2, CIA World Factbook); the coarse coast and ice shelves give a little more or less.
  expect(Math.abs(area) / (4 * Math.PI)).toBeGreaterThan(0.275);
  expect(Math.abs(area) / (4 * Math.PI)).toBeLessThan(0.31);
});

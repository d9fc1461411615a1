import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Bbox, Position, Ring } from "../geo/index.ts";
import { clipPolygon } from "./clip_polygon.ts";

const box: Bbox = [0, 0, 10, 10];

/** Its upper edge was cut at x = 0 and again at y = 10, a rounding error to the left of 0. */
const cornersOnRounding: Position[] = [
  [0, 0],
  [18, 16],
  [-3, 9],
];

/** Signed area by the shoelace formula. */
function areaOf(ring: Ring): number {
  const parts = ring.map(([x0, y0], index) => {
    const [x1, y1] = ring[(index + 1) % ring.length] ?? [x0, y0];
    return (x0 * y1 - x1 * y0) / 2;
  });
  return parts.reduce((sum, part) => sum + part, 0);
}

describe("what of a polygon lies in a box", () => {
  test("is the polygon itself when all of it does, and nothing when it lies beside", () => {
    const inside: Ring[] = [
      [
        [1, 1],
        [9, 1],
        [5, 9],
      ],
    ];
    expect(clipPolygon(inside, box)).toBe(inside);
    expect(clipPolygon(inside, [20, 0, 30, 10])).toBeNull();
    expect(clipPolygon(inside, [9, 0, 30, 10])).toBeNull();
    expect(clipPolygon([], box)).toBeNull();
  });

  test("is the box when the polygon is larger, with the holes that lie in it", () => {
    const around: Ring = [
      [-5, -5],
      [15, -5],
      [15, 15],
      [-5, 15],
    ];
    const hole: Ring = [
      [5, 5],
      [25, 5],
      [25, 8],
      [5, 8],
    ];
    const [outer = [], inner = []] = clipPolygon([around, hole], box) ?? [];
    expect(Math.abs(areaOf(outer))).toBe(100);
    expect(Math.abs(areaOf(inner))).toBe(15);
  });

  test("makes with what lies outside the area of the whole, and has no corner outside", () => {
    const corner = fc.tuple(fc.integer({ min: -20, max: 30 }), fc.integer({ min: -20, max: 30 }));
    fc.assert(
      fc.property(fc.array(corner, { minLength: 3, maxLength: 8 }), (ring: Position[]) => {
        const halves = [
          [-100, -100, 3, 100],
          [3, -100, 100, 100],
        ] as const;
        const parts = halves.flatMap((half) => clipPolygon([ring], half) ?? []);
        expect(parts.reduce((sum, part) => sum + areaOf(part), 0)).toBeCloseTo(areaOf(ring), 6);
        for (const [x, y] of (clipPolygon([ring], box) ?? []).flat())
          expect(x >= 0 && x <= 10 && y >= 0 && y <= 10).toBe(true);
      }),
      { examples: [[cornersOnRounding]] },
    );
  });
});

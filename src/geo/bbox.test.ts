import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bboxIntersection, bboxIntersects, bboxUnion, normalizeLonLatBbox, type Bbox } from "./bbox.ts";

describe("normalizeLonLatBbox", () => {
  test.each([
    [[5, 45, 10, 47], [[5, 45, 10, 47]]],
    [[-180, -90, 180, 90], [[-180, -90, 180, 90]]],
    [[-200, -90, 200, 90], [[-180, -90, 180, 90]]],
    [
      [170, 0, -170, 1],
      [
        [170, 0, 180, 1],
        [-180, 0, -170, 1],
      ],
    ],
    [
      [170, 0, 190, 1],
      [
        [170, 0, 180, 1],
        [-180, 0, -170, 1],
      ],
    ],
    [
      [-190, 0, -170, 1],
      [
        [170, 0, 180, 1],
        [-180, 0, -170, 1],
      ],
    ],
    [[180, 0, 190, 1], [[-180, 0, -170, 1]]],
    [[170, 0, 180, 1], [[170, 0, 180, 1]]],
    [[170, 0, -180, 1], [[170, 0, 180, 1]]],
    [[-190, 0, -180, 1], [[170, 0, 180, 1]]],
    [[-540, 0, -500, 1], [[-180, 0, -140, 1]]],
    [[530, 0, 540, 1], [[170, 0, 180, 1]]],
  ])("%j is %j", (bbox, boxes) => {
    expect(normalizeLonLatBbox(bbox)).toEqual(boxes);
  });

  test.each([
    [[]],
    [[0, 0, 1]],
    [[0, 0, 1, 1, 1]],
    [[0, 0, Number.NaN, 1]],
    [[0, 0, Infinity, 1]],
    [[0, -90.1, 1, 1]],
    [[0, 0, 1, 90.1]],
    [[0, 1, 1, 0]],
    [[0, 1, 1, 1]],
    [[1, 0, 1, 1]],
    [[-541, 0, 0, 1]],
    [[0, 0, 541, 1]],
    [[180, 0, -180, 1]],
    [[170, 0, -190, 1]],
  ])("%j is refused", (bbox) => {
    expect(() => normalizeLonLatBbox(bbox)).toThrowError(expect.objectContaining({ code: "bbox.invalid" }));
  });

  test("always gives boxes with an area within the world, as wide together as what was asked", () => {
    const lon = fc.integer({ min: -540, max: 540 });
    fc.assert(
      fc.property(lon, lon, (west, east) => {
        fc.pre(west !== east && east - west !== -360);
        const boxes = normalizeLonLatBbox([west, 0, east, 1]);
        for (const [minX, , maxX] of boxes) {
          expect(minX).toBeLessThan(maxX);
          expect(minX).toBeGreaterThanOrEqual(-180);
          expect(maxX).toBeLessThanOrEqual(180);
        }
        const width = boxes.reduce((sum, [minX, , maxX]) => sum + maxX - minX, 0);
        const asked = east - west >= 360 ? 360 : (((east - west) % 360) + 360) % 360;
        expect(width).toBe(asked === 0 ? 360 : asked);
        // Meridians in the middle of a degree: inside before means inside after.
        for (let degree = -179.5; degree < 180; degree += 7) {
          const offset = (((degree - west) % 360) + 360) % 360;
          expect(boxes.some(([minX, , maxX]) => degree > minX && degree < maxX)).toBe(offset < width);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("boxes", () => {
  const box = fc
    .tuple(
      fc.integer({ min: -9, max: 9 }),
      fc.integer({ min: -9, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
    )
    .map(([x, y, width, height]): Bbox => [x, y, x + width, y + height]);

  test("share what both hold, and their union holds both", () => {
    const holds = (outer: Bbox, inner: Bbox): boolean =>
      outer[0] <= inner[0] && outer[1] <= inner[1] && outer[2] >= inner[2] && outer[3] >= inner[3];
    fc.assert(
      fc.property(box, box, (a, b) => {
        const shared = bboxIntersection(a, b);
        expect(shared === null).toBe(!bboxIntersects(a, b));
        expect(bboxIntersection(b, a)).toEqual(shared);
        if (shared !== null) expect(holds(a, shared) && holds(b, shared)).toBe(true);
        expect(holds(bboxUnion(a, b), a) && holds(bboxUnion(a, b), b)).toBe(true);
      }),
    );
    expect(bboxIntersects([0, 0, 1, 1], [1, 0, 2, 1])).toBe(false);
  });
});

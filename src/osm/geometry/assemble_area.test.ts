import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assembleArea, type Area } from "./assemble_area.ts";
import type { Line } from "./line.ts";

const line = (...positions: number[]): Line => Int32Array.from(positions);
const square = (x: number, y: number, size: number): Line =>
  line(x, y, x + size, y, x + size, y + size, x, y + size, x, y);

function ringArea(ring: Line): number {
  let sum = 0;
  for (let i = 0; i + 3 < ring.length; i += 2)
    sum += (ring[i] ?? 0) * (ring[i + 3] ?? 0) - (ring[i + 2] ?? 0) * (ring[i + 1] ?? 0);
  return sum / 2;
}

const areas = ({ polygons }: Area): number[][] =>
  (polygons ?? []).map((rings) => rings.map(ringArea)).toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0));

describe("an area", () => {
  test("of one ring goes counterclockwise, whichever way the ring goes", () => {
    for (const ring of [square(0, 0, 4), line(0, 0, 0, 4, 4, 4, 4, 0, 0, 0)]) {
      const area = assembleArea([ring]);
      expect(areas(area)).toEqual([[16]]);
      expect(area.problems).toEqual([]);
    }
  });

  test("of parts in any order and direction is joined", () => {
    const area = assembleArea([line(4, 4, 0, 4), line(0, 0, 4, 0, 4, 4), line(0, 0, 0, 4)]);
    expect([areas(area), area.problems]).toEqual([[[16]], []]);
  });

  test("has holes, islands in holes and ponds on islands, whatever comes first", () => {
    const rings = [square(4, 4, 2), square(0, 0, 10), square(20, 0, 3), square(2, 2, 6), square(3, 3, 4)];
    expect(areas(assembleArea(rings))).toEqual([[9], [16, -4], [100, -36]]);
    expect(areas(assembleArea(rings.toReversed()))).toEqual([[9], [16, -4], [100, -36]]);
  });

  test("of inner rings that share an edge has one hole", () => {
    const area = assembleArea([square(0, 0, 10), square(2, 2, 3), line(5, 2, 8, 2, 8, 5, 5, 5, 5, 2)]);
    expect([areas(area), area.problems]).toEqual([[[100, -18]], []]);
  });

  test("whose hole touches its edge at a point has a hole there, and no ring that touches itself", () => {
    const area = assembleArea([line(0, 0, 5, 0, 10, 0, 10, 10, 0, 10, 0, 0), line(5, 0, 7, 3, 3, 3, 5, 0)]);
    expect([areas(area), area.problems]).toEqual([[[100, -6]], []]);
  });

  test("of two rings that touch at a point is two polygons", () => {
    const area = assembleArea([square(0, 0, 4), square(4, 4, 4)]);
    expect([areas(area), area.problems]).toEqual([[[16], [16]], []]);
  });

  test("cut through by holes from edge to edge is two polygons", () => {
    const area = assembleArea([
      line(0, 0, 5, 0, 10, 0, 10, 10, 5, 10, 0, 10, 0, 0),
      line(5, 0, 6, 2, 5, 5, 4, 2, 5, 0),
      line(5, 5, 6, 7, 5, 10, 4, 7, 5, 5),
    ]);
    expect(areas(area)).toEqual([[45], [45]]);
  });

  test("of rings that share an edge is one polygon", () => {
    expect(areas(assembleArea([square(0, 0, 4), line(4, 0, 8, 0, 8, 4, 4, 4, 4, 0)]))).toEqual([[32]]);
  });
});

describe("a broken ring", () => {
  test("that crosses itself is two polygons, and told", () => {
    const area = assembleArea([line(0, 0, 10, 10, 10, 0, 0, 10, 0, 0)]);
    expect([areas(area), area.problems, area.place]).toEqual([[[25], [25]], ["crossing"], [5e-7, 5e-7]]);
  });

  test("whose edge lies on another's has no area there twice", () => {
    const area = assembleArea([square(0, 0, 10), line(2, 0, 6, 0, 6, 4, 2, 4, 2, 0)]);
    expect([areas(area), area.problems]).toEqual([[[84]], ["crossing"]]);
  });

  test("with a spike loses it", () => {
    expect(areas(assembleArea([line(0, 0, 4, 0, 4, 4, 8, 4, 4, 4, 0, 4, 0, 0)]))).toEqual([[16]]);
  });

  test("that is almost closed is closed, and told", () => {
    const area = assembleArea([line(0, 0, 4000, 0, 4000, 4000, 0, 4000, 0, 500)]);
    expect([areas(area), area.problems]).toEqual([[[16_000_000]], ["gapClosed"]]);
  });

  test("that is open has no area, and says where", () => {
    const area = assembleArea([line(0, 0, 40_000, 0, 40_000, 40_000, 0, 40_000)]);
    expect(area).toEqual({ polygons: null, problems: ["open"], place: [0, 0] });
  });

  test.each([
    ["nothing", []],
    ["a point", [line(1, 1)]],
    ["a line there and back", [line(0, 0, 5, 5, 0, 0)]],
    ["the same ring twice", [square(0, 0, 4), square(0, 0, 4)]],
  ])("of %s is empty", (_what, lines) => {
    expect(assembleArea(lines)).toMatchObject({ polygons: null, problems: ["empty"] });
  });
});

/** Whether a place lies within an odd number of rings: counts the edges to its west. */
function isInside(rings: readonly Line[], x: number, y: number): boolean {
  let inside = false;
  for (const ring of rings)
    for (let i = 0; i + 3 < ring.length; i += 2) {
      const [ax = 0, ay = 0, bx = 0, by = 0] = ring.subarray(i, i + 4);
      if (ay > y !== by > y && x > ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside;
    }
  return inside;
}

test("whatever the rings: the same places are inside, and every ring is simple", () => {
  // On a coarse grid, so that corners meet, edges overlap and crossings abound; crossings fall on whole units.
  const STEP = 360_360;
  const place = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }));
  const ring = fc
    .array(place, { minLength: 3, maxLength: 8 })
    .map((places) => [...places, places[0] as [number, number]]);
  fc.assert(
    fc.property(fc.array(ring, { minLength: 1, maxLength: 5 }), (rings) => {
      const lines = rings.map((places) => line(...places.flat().map((value) => value * STEP)));
      const { polygons, problems } = assembleArea(lines);
      expect(problems).not.toContain("tangled");
      const made = (polygons ?? []).flat();
      for (let x = 0.37; x < 6; x += 0.61)
        for (let y = 0.41; y < 6; y += 0.53) {
          const [px, py] = [Math.round(x * STEP), Math.round(y * STEP)];
          const wanted = isInside(lines, px, py);
          const got = (polygons ?? []).filter((polygon) => isInside(polygon, px, py)).length;
          if (farFromEdges([...lines, ...made], px, py)) expect([x, y, got]).toEqual([x, y, wanted ? 1 : 0]);
        }
      for (const one of made) {
        const corners = Array.from({ length: one.length / 2 - 1 }, (_, i) => `${one[2 * i]} ${one[2 * i + 1]}`);
        expect(new Set(corners).size).toBe(corners.length);
      }
      for (const [outer, ...holes] of polygons ?? []) {
        expect(ringArea(outer as Line)).toBeGreaterThan(0);
        for (const hole of holes) expect(ringArea(hole)).toBeLessThan(0);
      }
    }),
    { numRuns: 500 },
  );
});

/** Crossings are rounded by a unit: a place right beside an edge may change sides. */
function farFromEdges(rings: readonly Line[], x: number, y: number): boolean {
  for (const ring of rings)
    for (let i = 0; i + 3 < ring.length; i += 2) {
      const [ax = 0, ay = 0, bx = 0, by = 0] = ring.subarray(i, i + 4);
      const [dx, dy] = [bx - ax, by - ay];
      if (Math.abs(dx * (y - ay) - dy * (x - ax)) < 10 * Math.hypot(dx, dy)) return false;
    }
  return true;
}

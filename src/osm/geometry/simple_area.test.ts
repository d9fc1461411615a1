import fc from "fast-check";
import { expect, test } from "vitest";
import { assembleArea, assembleFaces } from "./assemble_area.ts";
import type { Line } from "./line.ts";
import { simpleArea } from "./simple_area.ts";

const line = (...values: number[]): Line => Int32Array.from(values);
const square = (x: number, y: number, size: number): Line =>
  line(x, y, x + size, y, x + size, y + size, x, y + size, x, y);

/** A ring from its lowest corner on, so that it may begin anywhere. */
function turn(ring: Line): string {
  const corners = Array.from({ length: ring.length / 2 - 1 }, (_, i) => `${ring[2 * i]} ${ring[2 * i + 1]}`);
  const first = corners.indexOf(corners.toSorted()[0] as string);
  return [...corners.slice(first), ...corners.slice(0, first)].join(", ");
}

/** Polygons in any order, holes as well. */
const shapeOf = (polygons: readonly (readonly Line[])[] | null): string[] | null =>
  polygons === null
    ? null
    : polygons.map(([outer, ...holes]) => [turn(outer as Line), ...holes.map(turn).toSorted()].join(" | ")).toSorted();

/** Cut at some corners, every other part turned round. */
function cut(ring: Line, places: readonly number[]): Line[] {
  const corners = ring.length / 2 - 1;
  const at = [...new Set([0, ...places.map((place) => place % corners), corners])].toSorted((a, b) => a - b);
  return at.slice(1).map((end, i) => {
    const part = [...ring.subarray(2 * (at[i] as number), 2 * end + 2)];
    const pairs = Array.from({ length: part.length / 2 }, (_, k) => part.slice(2 * k, 2 * k + 2));
    return line(...(i % 2 === 0 ? pairs : pairs.toReversed()).flat());
  });
}

test("of rings apart from each other is what the general way makes of them, in however many lines they are", () => {
  const rings = fc.array(fc.tuple(fc.nat(60), fc.nat(60), fc.integer({ min: 1, max: 40 }), fc.array(fc.nat(3))), {
    minLength: 1,
    maxLength: 6,
  });
  let simple = 0;
  fc.assert(
    fc.property(rings, fc.nat(), (squares, seed) => {
      const lines = squares.flatMap(([x, y, size, places]) => cut(square(x, y, size), places));
      const shuffled = lines.toSorted((a, b) => (((a[0] ?? 0) * 31 + seed) % 17) - (((b[0] ?? 0) * 31 + seed) % 17));
      const polygons = simpleArea(shuffled);
      if (polygons === null) return;
      simple += 1;
      const general = assembleFaces(shuffled);
      expect(general.problems).toEqual([]);
      expect(shapeOf(polygons)).toEqual(shapeOf(general.polygons));
    }),
    { numRuns: 3000 },
  );
  expect(simple).toBeGreaterThan(500);
});

test("of lines with open ends is told as the general way tells it", () => {
  const place = fc.tuple(fc.nat(4), fc.nat(4)).map(([x, y]) => [x * 400, y * 400]);
  const lines = fc.array(fc.array(place, { minLength: 1, maxLength: 6 }), { maxLength: 5 });
  let open = 0;
  fc.assert(
    fc.property(lines, (all) => {
      const given = all.map((places) => line(...places.flat()));
      const [area, general] = [assembleArea(given), assembleFaces(given)];
      expect(area.problems).toEqual(general.problems);
      expect(shapeOf(area.polygons)).toEqual(shapeOf(general.polygons));
      if (general.problems.includes("open")) open += 1;
    }),
    { numRuns: 2000 },
  );
  expect(open).toBeGreaterThan(200);
});

test("has holes, islands in holes and ponds on islands", () => {
  const rings = [square(4, 4, 2), square(0, 0, 10), square(20, 0, 3), square(2, 2, 6), square(3, 3, 4)];
  expect(shapeOf(simpleArea(rings))).toEqual(shapeOf(assembleFaces(rings).polygons));
});

test("of very many rings, or rings of very many edges beside each other, is left to the general way", () => {
  const many = Array.from({ length: 65 }, (_, i) => square(10 * i, 0, 4));
  expect(simpleArea(many.slice(1))).toHaveLength(64);
  expect(simpleArea(many)).toBeNull();
  expect(assembleArea(many).polygons).toHaveLength(65);
  const comb = (y: number): Line =>
    line(0, y, ...Array.from({ length: 1500 }, (_, i) => [i, y + 1 + (i % 2) * 10]).flat(), 1500, y, 0, y);
  expect(simpleArea([comb(0)])).toHaveLength(1);
  expect(simpleArea([comb(0), comb(12)])).toHaveLength(2);
  expect(simpleArea([comb(0), comb(8)])).toBeNull();
});

test("of thousands of open ends is told as open without looking for each one's nearest", () => {
  const lines = Array.from({ length: 3000 }, (_, i) => line(20 * i, 0, 20 * i + 10, 0));
  expect(assembleArea(lines)).toEqual({ polygons: null, problems: ["open"], place: [0, 0] });
});

test.each([
  ["nothing", []],
  ["a point", [line(1, 1)]],
  ["an open line", [line(0, 0, 4, 0, 4, 4)]],
  ["a line there and back", [line(0, 0, 5, 5, 0, 0)]],
  ["the same ring twice", [square(0, 0, 4), square(0, 0, 4)]],
  ["a ring that crosses itself", [line(0, 0, 10, 10, 10, 0, 0, 10, 0, 0)]],
  ["rings that cross", [square(0, 0, 4), square(2, 2, 4)]],
  ["rings that touch at a corner", [square(0, 0, 4), square(4, 4, 4)]],
  ["a hole that touches its edge", [square(0, 0, 10), line(5, 0, 7, 3, 3, 3, 5, 0)]],
  ["rings that share an edge", [square(0, 0, 4), square(4, 0, 4)]],
  ["three lines that meet at a place", [line(0, 0, 4, 0), line(4, 0, 4, 4, 0, 0), line(4, 0, 8, 0)]],
  ["a place that stands twice", [line(0, 0, 4, 0, 4, 0, 4, 4, 0, 0)]],
])("of %s is left to the general way", (_what, lines) => {
  expect(simpleArea(lines)).toBeNull();
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { assembleArea } from "./assemble_area.ts";
import { doubleAreaOfRing, isSimpleRing } from "./simple_ring.ts";

const check = (...values: number[]): boolean => isSimpleRing(Int32Array.from(values), 0, values.length);

test.each([
  ["a square", [0, 0, 4, 0, 4, 4, 0, 4, 0, 0], true],
  ["a corner on a straight edge", [0, 0, 2, 0, 4, 0, 4, 4, 0, 4, 0, 0], true],
  ["two corners", [0, 0, 4, 0, 0, 0], false],
  ["a corner twice", [0, 0, 4, 0, 4, 0, 4, 4, 0, 0], false],
  ["a spike", [0, 0, 4, 0, 8, 0, 4, 0, 4, 4, 0, 0], false],
  ["a first edge that is not the last one's way back", [0, 0, 4, 0, 4, 4, -2, 0, 0, 0], true],
  ["the way back over the first edge", [0, 0, 4, 0, 4, 4, 2, 0, 0, 0], false],
  ["a bow tie", [0, 0, 4, 4, 4, 0, 0, 4, 0, 0], false],
  ["a corner on an edge", [0, 0, 8, 0, 8, 8, 4, 0, 0, 8, 0, 0], false],
  ["a corner on a corner", [0, 0, 4, 4, 8, 0, 8, 8, 4, 4, 0, 8, 0, 0], false],
])("%s: %o is %o", (_what, values, wanted) => expect(check(...values)).toBe(wanted));

test("few corners and many are told apart alike, and as assembling tells them", () => {
  const place = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }));
  fc.assert(
    fc.property(fc.array(place, { minLength: 4, maxLength: 9 }), (places) => {
      const ring = Int32Array.from([...places, places[0] as [number, number]].flat());
      const simple = isSimpleRing(ring, 0, ring.length);
      const { polygons, problems } = assembleArea([ring]);
      const corners = polygons?.[0]?.[0]?.length;
      expect(simple).toBe(
        problems.length === 0 && polygons?.length === 1 && polygons[0]?.length === 1 && corners === ring.length,
      );
      // The same with more corners than are checked pair by pair.
      const fine = refine(ring, 8);
      expect(isSimpleRing(fine, 0, fine.length)).toBe(simple);
      expect(doubleAreaOfRing(fine, 0, fine.length)).toBe(64 * doubleAreaOfRing(ring, 0, ring.length));
    }),
    { numRuns: 3000 },
  );
});

/** Eight times as large, with a corner at each eighth of an edge. */
function refine(ring: Int32Array, times: number): Int32Array {
  const values: number[] = [];
  for (let i = 0; i + 3 < ring.length; i += 2) {
    const [ax = 0, ay = 0, bx = 0, by = 0] = ring.subarray(i, i + 4);
    for (let step = 0; step < times; step++) values.push(ax * times + (bx - ax) * step, ay * times + (by - ay) * step);
  }
  return Int32Array.from([...values, (ring[0] ?? 0) * times, (ring[1] ?? 0) * times]);
}

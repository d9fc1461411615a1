import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Polygon } from "../../geo/index.ts";
import { UNITS_PER_DEGREE } from "../osm_block.ts";
import { areaFilter, type AreaFilter } from "./area_filter.ts";
import type { WantedArea } from "./feature_plan.ts";

const units = (degrees: number): number => Math.round(degrees * UNITS_PER_DEGREE);
const holds = (filter: AreaFilter, lon: number, lat: number): boolean => filter.holds(units(lon), units(lat));

function touches(filter: AreaFilter, ...degrees: number[]): boolean {
  const line = new Int32Array(degrees.length + 2);
  line.set(degrees.map(units));
  // Values behind the length are of an earlier line.
  return filter.touches(line, degrees.length);
}

const rectangle = (west: number, south: number, east: number, north: number): Polygon => [
  [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ],
];

const AREAS: [string, WantedArea][] = [
  ["a box", { boxes: [[1, 1, 3, 2]] }],
  ["a polygon", { polygons: [rectangle(1, 1, 3, 2)] }],
];

describe.each(AREAS)("%s", (_what, area) => {
  const filter = areaFilter(area);

  test("holds what lies within", () => {
    expect([holds(filter, 2, 1.5), holds(filter, 1.0000001, 1.0000001)]).toEqual([true, true]);
    expect([holds(filter, 0.9999999, 1.5), holds(filter, 2, 2.0000001), holds(filter, -2, -1.5)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test("is touched by lines with a place within, and by those that only go through", () => {
    expect(touches(filter, 0, 0, 2, 1.5, 9, 9)).toBe(true);
    expect(touches(filter, 0, 1.5, 4, 1.5)).toBe(true);
    expect(touches(filter, 2, 0, 2, 4)).toBe(true);
    expect(touches(filter, 0.4, 1.5, 2, 3.1)).toBe(false);
    expect(touches(filter, 0.9, 1.9, 1.2, 2.3)).toBe(false);
    expect(touches(filter, 0.9, 1.9, 1.1, 2.05)).toBe(true);
  });

  test("is not touched by lines beside it, nor by nothing", () => {
    expect(touches(filter, 0, 0, 4, 0)).toBe(false);
    expect(touches(filter, 4, 0, 4, 4)).toBe(false);
    expect(touches(filter)).toBe(false);
    expect(touches(filter, 9, 9)).toBe(false);
  });
});

const lineByCorner: [lon: number, lat: number][] = [
  [0.05, 1.05],
  [1.95, 2.95],
];

describe("an area", () => {
  test("of nothing in particular is everything", () => {
    const filter = areaFilter(null);
    expect([holds(filter, 180, -90), touches(filter, 0, 0), touches(filter)]).toEqual([true, true, false]);
  });

  test("may be several boxes or polygons, and have holes", () => {
    const boxes = areaFilter({
      boxes: [
        [170, 0, 180, 1],
        [-180, 0, -170, 1],
      ],
    });
    expect([holds(boxes, 175, 0.5), holds(boxes, -175, 0.5), holds(boxes, 0, 0.5)]).toEqual([true, true, false]);
    const ring = rectangle(0, 0, 10, 10)[0] ?? [];
    const hole = rectangle(4, 4, 6, 6)[0] ?? [];
    const polygons = areaFilter({ polygons: [[ring, hole], rectangle(20, 0, 21, 1)] });
    expect([holds(polygons, 1, 1), holds(polygons, 5, 5), holds(polygons, 20.5, 0.5)]).toEqual([true, false, true]);
    expect(touches(polygons, 4.5, 4.5, 5.5, 5.5)).toBe(false);
    expect(touches(polygons, 4.5, 5, 7, 5)).toBe(true);
  });

  test("of a polygon like a box is that box, whatever the line", () => {
    const place = fc.integer({ min: 0, max: 60 }).map((value) => value / 10 + 0.05);
    const [box, polygon] = AREAS.map(([, area]) => areaFilter(area)) as [AreaFilter, AreaFilter];
    fc.assert(
      fc.property(fc.array(fc.tuple(place, place), { maxLength: 6 }), (line) => {
        expect(touches(box, ...line.flat())).toBe(touches(polygon, ...line.flat()));
      }),
      // Only touches a corner.
      { numRuns: 500, examples: [[lineByCorner]] },
    );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bboxCoverage, geoJsonCoverage, type Coverage } from "./coverage.ts";
import { webMercatorQuad, worldCrs84Quad } from "./known_grids.ts";
import { tileToText } from "./tile.ts";
import { listBlockTiles, planTiles, type TilePlan } from "./tile_plan.ts";

const mercator = webMercatorQuad();
const geodetic = worldCrs84Quad();

type Rings = number[][][];
const square = (west: number, south: number, size: number): number[][] => [
  [west, south],
  [west + size, south],
  [west + size, south + size],
  [west, south + size],
  [west, south],
];
const multi = (...polygons: Rings[]): Coverage =>
  geoJsonCoverage(JSON.stringify({ type: "MultiPolygon", coordinates: polygons }));

function names(plan: TilePlan): Set<string> {
  const all = [...plan.listBlocks()].flatMap((block) => [...listBlockTiles(block)].map(tileToText));
  expect(new Set(all).size).toBe(all.length);
  expect(plan.count).toBe(all.length);
  return new Set(all);
}

const place = fc.tuple(
  fc.integer({ min: -170, max: 160 }),
  fc.integer({ min: -80, max: 70 }),
  fc.integer({ min: 1, max: 9 }),
);

describe("many polygons", () => {
  test("cover the union of what each covers alone, overlapping or not, and each tile once", () => {
    fc.assert(
      fc.property(
        fc.array(place, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(mercator, geodetic),
        fc.integer({ min: 0, max: 8 }),
        (places, grid, z) => {
          const polygons = places.map(([west, south, size]) => [square(west, south, size)]);
          const alone = polygons.flatMap((polygon) => [...names(planTiles(grid, multi(polygon), [z]))]);
          expect(names(planTiles(grid, multi(...polygons), [z]))).toEqual(new Set(alone));
        },
      ),
      { numRuns: 100 },
    );
  });

  test("a hole of one is filled by another that lies in it", () => {
    const ring = [square(0, 0, 40), square(10, 10, 20)];
    const holed = names(planTiles(geodetic, multi(ring), [6]));
    const filled = names(planTiles(geodetic, multi(ring, [square(10, 10, 20)]), [6]));
    expect(filled).toEqual(names(planTiles(geodetic, multi([square(0, 0, 40)]), [6])));
    expect(holed.size).toBeLessThan(filled.size);
    expect(holed).not.toContain(tileToText(geodetic.lonLatToTile(20, 20, 6) ?? { z: 0, x: 0, y: 0 }));
  });

  test("an island in the lake of an island counts", () => {
    const plan = planTiles(
      geodetic,
      multi([square(0, 0, 40), square(5, 5, 30)], [square(15, 15, 10), square(18, 18, 4)]),
      [8],
    );
    const covered = names(plan);
    const at = (lon: number, lat: number): string =>
      tileToText(geodetic.lonLatToTile(lon, lat, 8) ?? { z: 0, x: 0, y: 0 });
    expect([at(2, 2), at(16, 16), at(24, 24)].every((name) => covered.has(name))).toBe(true);
    expect([at(10, 10), at(20, 20), at(50, 10)].some((name) => covered.has(name))).toBe(false);
  });

  test("thousands of islands are each covered, and the plan of them is quick to begin", () => {
    const islands = Array.from({ length: 3000 }, (_, index) => [
      square(-179 + ((index * 37) % 358), -80 + ((index * 53) % 160), 0.01),
    ]);
    const plan = planTiles(mercator, multi(...islands), [12]);
    const covered = names(plan);
    for (const [ring] of islands) {
      const [lon = 0, lat = 0] = ring?.[0] ?? [];
      expect(covered).toContain(
        tileToText(mercator.lonLatToTile(lon + 0.005, lat + 0.005, 12) ?? { z: 0, x: 0, y: 0 }),
      );
    }
    expect(covered.size).toBeLessThan(3000 * 4);
  });
});

describe("the antimeridian and the poles", () => {
  test("a box cut at the antimeridian covers what its two halves cover, each tile once", () => {
    const box = fc.tuple(
      fc.integer({ min: 90, max: 179 }),
      fc.integer({ min: -80, max: 70 }),
      fc.integer({ min: -179, max: -90 }),
    );
    fc.assert(
      fc.property(
        box,
        fc.constantFrom(mercator, geodetic),
        fc.integer({ min: 0, max: 7 }),
        ([west, south, east], grid, z) => {
          const whole = names(planTiles(grid, bboxCoverage([west, south, east, south + 10]), [z]));
          const halves = [
            [west, south, 180, south + 10],
            [-180, south, east, south + 10],
          ].flatMap((half) => [...names(planTiles(grid, bboxCoverage(half), [z]))]);
          expect(whole).toEqual(new Set(halves));
          expect(names(planTiles(grid, bboxCoverage([west, south, east + 360, south + 10]), [z]))).toEqual(whole);
        },
      ),
    );
  });

  test("a polygon over 180 degrees covers what the box over 180 degrees covers", () => {
    for (const [west, east] of [
      [170, 190],
      [-190, -170],
    ] as const) {
      const ring = [
        [west, 0],
        [east, 0],
        [east, 10],
        [west, 10],
      ];
      expect(names(planTiles(mercator, multi([ring]), [0, 3, 7]))).toEqual(
        names(planTiles(mercator, bboxCoverage([170, 0, -170, 10]), [0, 3, 7])),
      );
    }
  });

  test("a box to the pole ends at the last row on web mercator and reaches the pole in degrees", () => {
    const polar = bboxCoverage([0, 60, 90, 90]);
    expect([...names(planTiles(mercator, polar, [2]))].toSorted()).toEqual(["2/2/0", "2/2/1"]);
    expect([...names(planTiles(geodetic, polar, [2]))].toSorted()).toEqual(["2/4/0", "2/5/0"]);
    const beyond = bboxCoverage([0, 86, 90, 90]);
    expect(() => planTiles(mercator, beyond, [2])).toThrowError(expect.objectContaining({ code: "coverage.invalid" }));
    expect(names(planTiles(geodetic, beyond, [2])).size).toBe(2);
  });
});

describe("a plan", () => {
  test("of zooms named twice or out of order lists each level once", () => {
    const box = bboxCoverage([0, 0, 10, 10]);
    expect(names(planTiles(mercator, box, [5, 2, 5]))).toEqual(names(planTiles(mercator, box, [2, 5])));
    expect(planTiles(mercator, box, [5, 2, 5]).levels.map(({ z }) => z)).toEqual([2, 5]);
  });

  test("of no zoom is refused", () => {
    const plan = (): TilePlan => planTiles(mercator, bboxCoverage([0, 0, 1, 1]), []);
    expect(plan).toThrowError(expect.objectContaining({ code: "coverage.invalid" }));
  });
});

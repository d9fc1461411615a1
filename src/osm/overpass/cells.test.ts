import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bboxIntersects, type LonLatBbox, type Polygon } from "../../geo/index.ts";
import { boxAreaKm2, firstCells, MAX_AREA_KM2, mayTouch, quarters } from "./cells.ts";
import { countQuery, dataQuery } from "./queries.ts";

const square = (west: number, south: number, size: number): Polygon => [
  [
    [west, south],
    [west + size, south],
    [west + size, south + size],
    [west, south + size],
    [west, south],
  ],
];

describe("cells", () => {
  test("of a box are the box; of polygons the boxes around them, those that meet as one", () => {
    const box: LonLatBbox = [7, 43, 7.1, 43.1];
    expect(firstCells({ boxes: [box] })).toEqual([box]);
    const polygons = [square(0, 0, 0.1), square(5, 5, 0.1), square(0.05, 0.05, 0.1), square(0.12, 0.12, 0.05)];
    expect(firstCells({ polygons }).toSorted((a, b) => a[0] - b[0])).toEqual([
      [0, 0, 0.12 + 0.05, 0.12 + 0.05],
      [5, 5, 5.1, 5.1],
    ]);
  });

  test("never overlap, however many polygons there are", () => {
    const place = fc.double({ min: 0, max: 0.3, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(place, place), { minLength: 1, maxLength: 12 }), (places) => {
        const cells = firstCells({ polygons: places.map(([x, y]) => square(x, y, 0.05)) });
        for (const [i, a] of cells.entries())
          for (const b of cells.slice(i + 1)) expect(bboxIntersects(a, b)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  test("of more than the limit are refused, near the poles as large as they are there", () => {
    const ofSize = (south: number, size: number) => () => firstCells({ boxes: [[0, south, size, south + size]] });
    expect(boxAreaKm2([0, 0, 0.6, 0.6])).toBeLessThan(MAX_AREA_KM2);
    expect(ofSize(0, 0.6)).not.toThrow();
    expect(ofSize(0, 0.7)).toThrow(/at most 5000 km2.*got 607\d km2.*geofabrik.*--from/);
    expect(ofSize(60, 0.7)).not.toThrow();
  });

  test("are cut into quarters without gaps", () => {
    expect(quarters([0, 0, 2, 4])).toEqual([
      [0, 0, 1, 2],
      [1, 0, 2, 2],
      [0, 2, 1, 4],
      [1, 2, 2, 4],
    ]);
  });

  test("beside the polygons are not fetched", () => {
    const area = { polygons: [square(0, 0, 1)] };
    expect([mayTouch([0.5, 0.5, 2, 2], area), mayTouch([1.5, 1.5, 2, 2], area)]).toEqual([true, false]);
  });
});

describe("a query", () => {
  const limits = { timeoutS: 90, maxSizeBytes: 1000 };
  const box: LonLatBbox = [7.41, 43.72, 7.42, 43.73];
  const BOUNDS = "(43.7200000,7.4100000,43.7300000,7.4200000)";

  test("asks for everything that has tags, and what it is made of", () => {
    expect(dataQuery(box, null, limits)).toBe(
      `[out:json][timeout:90][maxsize:1000];(node(if:count_tags()>0)${BOUNDS};way${BOUNDS};relation["type"~"^(multipolygon|boundary)$"]${BOUNDS};);out body;>;out skel qt;`,
    );
  });

  test("asks for keys, values and lists of values, quoted", () => {
    const filters = [
      { key: "building", values: null },
      { key: 'na"me', values: ["a\\b\n"] },
      { key: "natural", values: ["water", "wet.land"] },
    ];
    const query = countQuery(box, filters, limits);
    expect(query).toContain(`node["building"]${BOUNDS};`);
    expect(query).toContain(String.raw`way["na\"me"="a\\b\n"]`);
    expect(query).toContain(String.raw`["natural"~"^(water|wet\\.land)$"]`);
    expect(query).toMatch(/^\[out:json\]\[timeout:90\]\[maxsize:1000\];.*out count;$/s);
  });
});

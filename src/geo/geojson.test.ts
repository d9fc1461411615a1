import { describe, expect, test } from "vitest";
import { parseGeoJsonPolygons } from "./geojson.ts";

const ring = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 0],
];
const polygon = { type: "Polygon", coordinates: [ring] };
const feature = (geometry: unknown): unknown => ({ type: "Feature", properties: null, geometry });
const parse = (value: unknown): unknown => parseGeoJsonPolygons(JSON.stringify(value));

describe("parseGeoJsonPolygons", () => {
  test.each([
    ["a Polygon", polygon, 1],
    ["a MultiPolygon", { type: "MultiPolygon", coordinates: [[ring], [ring, ring]] }, 2],
    ["a Feature", feature(polygon), 1],
    [
      "a FeatureCollection with a Feature of nothing",
      { type: "FeatureCollection", features: [feature(null), feature(polygon)] },
      1,
    ],
    ["a GeometryCollection", { type: "GeometryCollection", geometries: [polygon, polygon] }, 2],
    ["a Polygon with heights", { type: "Polygon", coordinates: [ring.map((position) => [...position, 99])] }, 1],
    ["a ring that is not closed", { type: "Polygon", coordinates: [ring.slice(0, 3)] }, 1],
  ])("reads %s", (_name, value, count) => {
    expect(parse(value)).toHaveLength(count);
  });

  test("keeps the rings as they are, without heights, and takes a byte order mark", () => {
    const text = `\uFEFF${JSON.stringify({ type: "Polygon", coordinates: [ring.map((position) => [...position, 7])] })}`;
    expect(parseGeoJsonPolygons(text)).toEqual([[ring]]);
  });

  let deep: unknown = polygon;
  for (let level = 0; level < 9; level++) deep = { type: "GeometryCollection", geometries: [deep] };

  test.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["null", null],
    ["a list", []],
    ["a text", "Polygon"],
    ["a Point", { type: "Point", coordinates: [0, 0] }],
    [
      "a line beside a polygon",
      { type: "GeometryCollection", geometries: [polygon, { type: "LineString", coordinates: ring }] },
    ],
    ["no type", { coordinates: [ring] }],
    ["a type that cannot be told", { type: { toString: 1 } }],
    ["a position of lists", { type: "Polygon", coordinates: [[[JSON.parse("[".repeat(50) + "]".repeat(50)), {}]]] }],
    ["no ring", { type: "Polygon", coordinates: [] }],
    ["a ring of two", { type: "Polygon", coordinates: [ring.slice(0, 2)] }],
    ["no coordinates", { type: "Polygon" }],
    [
      "texts as numbers",
      {
        type: "Polygon",
        coordinates: [
          [
            ["0", "0"],
            ["1", "0"],
            ["1", "1"],
          ],
        ],
      },
    ],
    [
      "metres",
      {
        type: "Polygon",
        coordinates: [
          [
            [2600000, 1200000],
            [2600001, 1200000],
            [2600000, 1200001],
          ],
        ],
      },
    ],
    [
      "a null in a position",
      {
        type: "Polygon",
        coordinates: [
          [
            [0, null],
            [1, 0],
            [1, 1],
          ],
        ],
      },
    ],
    ["features that are no list", { type: "FeatureCollection", features: {} }],
    ["a Feature without geometry", { type: "Feature" }],
    ["an empty collection", { type: "FeatureCollection", features: [] }],
    ["a nest of nine collections", deep],
  ])("refuses %s", (_name, value) => {
    const text = typeof value === "string" && value.length < 2 ? value : JSON.stringify(value);
    expect(() => parseGeoJsonPolygons(text)).toThrowError(expect.objectContaining({ code: "coverage.invalid" }));
  });

  test("refuses infinite numbers, which JSON can spell", () => {
    const text = '{"type":"Polygon","coordinates":[[[1e999,0],[1,0],[1,1]]]}';
    expect(() => parseGeoJsonPolygons(text)).toThrowError(expect.objectContaining({ code: "coverage.invalid" }));
  });

  test("refuses more than five million vertices", () => {
    const many = `[${"[0,0],".repeat(1000)}[1,1]]`;
    const text = `{"type":"Polygon","coordinates":[${Array<string>(5000).fill(many).join(",")}]}`;
    expect(() => parseGeoJsonPolygons(text)).toThrowError(/simplify the polygon/);
  });
});

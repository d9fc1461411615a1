import { describe, expect, test } from "vitest";
import { getCrs, type Crs } from "../../crs/index.ts";
import type { Bbox } from "../../geo/index.ts";
import { chooseReading } from "./axis_order.ts";

/** A plane system with northing first, as EPSG:2180 has it: a degree is 70 km wide and 111 km high, 19 E is 500 km, the equator -5300 km. */
const northingFirst: Crs = {
  ...getCrs("EPSG:3857"),
  code: "TEST:2180",
  axisOrder: "yx",
  // Area of use of EPSG:2180 in the EPSG registry.
  areaOfUse: [14.14, 49, 24.15, 55.93],
  fromLonLat: (lon, lat) => [500_000 + (lon - 19) * 70_000, lat * 111_000 - 5_300_000],
};

/** Extent right of and below a corner. */
const below = (x: number, y: number, width: number, height: number): Bbox => [x, y - height, x + width, y];

/** What two numbers mean, read as northing and easting and the other way round. */
const readings = (first: number, second: number, width: number, height: number) => ({
  authority: below(second, first, width, height),
  swapped: below(first, second, width, height),
});

describe("chooseReading", () => {
  test.each([
    ["northing first, the country and more", readings(950_000, 100_000, 900_000, 900_000), "authority"],
    ["easting first", readings(100_000, 950_000, 900_000, 900_000), "swapped"],
    ["a city, northing first", readings(500_000, 620_000, 30_000, 30_000), "authority"],
    ["a square about the middle, told by neither", readings(700_000, 700_000, 500_000, 500_000), "authority"],
    ["beside the country in either order, for who knows no more", readings(9e6, 9e6, 1e5, 1e5), "authority"],
  ])("%s", (_name, both, expected) => {
    expect(chooseReading(northingFirst, both, null)).toBe(expected);
  });

  test("beside the country and beside the layers in either order there is no reading", () => {
    expect(chooseReading(northingFirst, readings(9e6, 9e6, 1e5, 1e5), [14.14, 49, 24.15, 55.93])).toBeNull();
    // A degree south of the country, where the layers are.
    expect(chooseReading(northingFirst, readings(100_000, 480_000, 50_000, 50_000), [18, 47, 20, 49])).toBe(
      "authority",
    );
  });

  test("an area across the antimeridian tells nothing; the layers' box does", () => {
    const crs: Crs = { ...northingFirst, areaOfUse: [170, -50, -170, -30] };
    const both = readings(100_000, 950_000, 900_000, 900_000);
    expect(chooseReading(crs, both, null)).toBe("authority");
    expect(chooseReading(crs, both, [14.14, 49, 24.15, 55.93])).toBe("swapped");
  });

  test("a system without an image there tells nothing", () => {
    const crs: Crs = { ...northingFirst, fromLonLat: () => [Number.NaN, Number.NaN] };
    expect(chooseReading(crs, readings(1, 2, 3, 4), [0, 0, 1, 1])).toBe("authority");
  });
});

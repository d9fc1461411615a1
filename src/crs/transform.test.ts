import { describe, expect, test } from "vitest";
import { getCrs } from "./crs.ts";
import { createTransform } from "./transform.ts";

const apply = (from: string, to: string, ...coords: number[]): number[] => {
  const array = Float64Array.from(coords);
  createTransform(getCrs(from), getCrs(to)).apply(array);
  return [...array];
};

describe("createTransform", () => {
  test("says what is done and how exact it is", () => {
    const swiss = createTransform(getCrs("EPSG:2056"), getCrs("EPSG:25832"));
    // EPSG 1676: CH1903+ to WGS 84 (1), 1 m; ETRS89 to WGS 84 (1), EPSG 1149, 1 m.
    expect(swiss.steps).toEqual([
      "inverse of somerc",
      "CH1903+ to WGS 84 by EPSG operation 1676 (3 parameters)",
      "tmerc",
    ]);
    expect(swiss.accuracyM).toBe(2);
    expect(createTransform(getCrs("EPSG:3857"), getCrs("EPSG:3857"))).toMatchObject({ accuracyM: 0, steps: [] });
  });

  test("on one datum is exact, whatever the way to WGS 84 costs", () => {
    expect(createTransform(getCrs("EPSG:27700"), getCrs("EPSG:4277")).accuracyM).toBe(0);
    expect(createTransform(getCrs("EPSG:27572"), getCrs("EPSG:4275")).accuracyM).toBe(0);
    expect(getCrs("EPSG:27700").accuracyM).toBe(2);
  });

  test("counts from the prime meridian and in the unit of a system", () => {
    // EPSG prime meridian 8903: Paris, 2.5969213 grads east of Greenwich.
    expect(apply("EPSG:4807", "EPSG:4275", 0, 50)[0]).toBeCloseTo(2.337_229_17, 8);
    expect(apply("EPSG:4807", "EPSG:4275", 0, 50)[1]).toBeCloseTo(45, 12);
  });

  test("of count 0 or a part leaves the rest alone", () => {
    const coords = Float64Array.of(8, 47, 8, 47);
    const transform = createTransform(getCrs("EPSG:4326"), getCrs("EPSG:3857"));
    expect(transform.apply(coords, 0)).toBe(0);
    expect(transform.apply(coords, 1)).toBe(0);
    expect([coords[2], coords[3]]).toEqual([8, 47]);
    expect(coords[0]).toBeCloseTo(890_555.926, 3);
  });

  test("keeps the exact formulas of web mercator", () => {
    const mercator = getCrs("EPSG:3857");
    const [x, y] = apply("EPSG:4326", "EPSG:3857", 8.54, 47.37);
    expect([x, y]).toEqual(mercator.fromLonLat(8.54, 47.37));
    expect(apply("EPSG:3857", "OGC:CRS84", x as number, y as number)).toEqual(
      mercator.toLonLat(x as number, y as number),
    );
    expect(apply("EPSG:4326", "OGC:CRS84", 8.54, 47.37)).toEqual([8.54, 47.37]);
  });
});

describe("a datum that wants a grid", () => {
  const cgq77 = getCrs("EPSG:2009");

  test("has no way to another datum, and says which grid is missing", () => {
    const unsupported = expect.objectContaining({
      code: "crs.unsupported",
      message: expect.stringContaining("CQ77NA83"),
    });
    expect(() => createTransform(cgq77, getCrs("EPSG:3857"))).toThrowError(unsupported);
    expect(() => cgq77.toLonLat(300_000, 5_000_000)).toThrowError(unsupported);
  });

  test("is exact within itself", () => {
    const transform = createTransform(getCrs("EPSG:4609"), cgq77);
    const coords = Float64Array.of(-55.5, 48);
    expect([transform.apply(coords), transform.accuracyM]).toEqual([0, 0]);
    // PROJ 9.1.1: echo 48 -55.5 | cs2cs -f %.4f EPSG:4609 EPSG:2009
    expect(coords[0]).toBeCloseTo(CGQ77_IMAGE[0], 3);
    expect(coords[1]).toBeCloseTo(CGQ77_IMAGE[1], 3);
  });
});

const CGQ77_IMAGE = [528_650.1206, 5_322_033.8155] as const;

describe("outside of the domain", () => {
  test.each([
    ["a point beyond the disc of an azimuthal projection", "EPSG:3035", "EPSG:4258", 3e7, 3e7],
    ["a point beyond the disc of Albers", "EPSG:3005", "EPSG:4269", 2.9e7, -7.4e6],
    ["a northing beyond the pole", "EPSG:4087", "EPSG:4326", 0, 1.2e7],
    ["a latitude beyond the pole", "EPSG:4258", "EPSG:25832", 9, 91],
    ["the pole of mercator", "EPSG:4326", "EPSG:3395", 0, 90],
    ["the antipode of a stereographic pole", "EPSG:4326", "EPSG:3031", 0, 90],
    ["the far side of the Swiss projection", "EPSG:4150", "EPSG:2056", -172, -40],
    ["no number", "EPSG:4258", "EPSG:25832", Number.NaN, 50],
    ["infinity", "EPSG:3857", "EPSG:25832", Number.POSITIVE_INFINITY, 0],
  ])("%s has no image", (_what, from, to, x, y) => {
    expect(apply(from, to, x, y)).toEqual([Number.NaN, Number.NaN]);
  });
});

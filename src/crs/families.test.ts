import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { getCrs } from "./crs.ts";
import { createTransform } from "./transform.ts";

/** One system for each projection that is computed, with its geographic base. */
const FAMILIES = [
  ["tmerc", "EPSG:4258", "EPSG:25832"],
  ["tmerc, South Orientated", "EPSG:4148", "EPSG:2048"],
  ["lcc, 2 parallels", "EPSG:4171", "EPSG:2154"],
  ["lcc, 1 parallel, Paris", "EPSG:4807", "EPSG:27572"],
  ["lcc, Michigan", "EPSG:4267", "EPSG:6201"],
  ["lcc, West Orientated", "EPSG:4657", "EPSG:3052"],
  ["aea", "EPSG:4269", "EPSG:5070"],
  ["cass", "EPSG:4302", "EPSG:30200"],
  ["cass, hyperbolic", "EPSG:4748", "EPSG:3139"],
  ["stere, variant A", "EPSG:4326", "EPSG:32661"],
  ["stere, variant B", "EPSG:4326", "EPSG:3031"],
  ["stere, variant C", "EPSG:4636", "EPSG:2985"],
  ["sterea", "EPSG:4289", "EPSG:28992"],
  ["laea", "EPSG:4258", "EPSG:3035"],
  ["laea, polar", "EPSG:4326", "EPSG:6931"],
  ["merc", "EPSG:4326", "EPSG:3395"],
  ["merc, parallel", "EPSG:4326", "EPSG:3994"],
  ["cea", "EPSG:4326", "EPSG:6933"],
  ["eqc", "EPSG:4326", "EPSG:4087"],
  ["poly", "EPSG:4674", "EPSG:5880"],
  ["omerc A", "EPSG:4751", "EPSG:3168"],
  ["omerc B", "EPSG:4298", "EPSG:29873"],
  ["somerc", "EPSG:4150", "EPSG:2056"],
  ["krovak", "EPSG:4156", "EPSG:5514"],
  ["krovak, south and west", "EPSG:4156", "EPSG:5513"],
  ["nzmg", "EPSG:4272", "EPSG:27200"],
  ["bonne, South Orientated", "EPSG:4666", "EPSG:5017"],
  ["eqearth", "EPSG:4326", "EPSG:8857"],
  ["col_urban", "EPSG:4686", "EPSG:6247"],
] as const;

describe.each(FAMILIES)("%s", (_name, baseCode, code) => {
  const [base, crs] = [getCrs(baseCode), getCrs(code)];
  const [west, south, east, north] = crs.areaOfUse;
  const unit = base.unit === "grad" ? 0.9 : 1;
  const meridian = baseCode === "EPSG:4807" ? 2.33722917 : 0;
  const width = east < west ? east - west + 360 : east - west;
  const inside = fc.double({ min: 0.001, max: 0.999, noNaN: true });
  const points = fc.array(fc.tuple(inside, inside), { minLength: 1, maxLength: 20 }).map((parts) =>
    Float64Array.from(
      parts.flatMap(([x, y]) => {
        const lon = west + width * x - meridian;
        return [(lon > 180 ? lon - 360 : lon) / unit, (south + (north - south) * y) / unit];
      }),
    ),
  );

  test("comes back within 1e-8 degree", () => {
    fc.assert(
      fc.property(points, (start) => {
        const coords = start.slice();
        expect(createTransform(base, crs).apply(coords)).toBe(0);
        expect(createTransform(crs, base).apply(coords)).toBe(0);
        coords.forEach((value, i) => expect(Math.abs(value - (start[i] as number))).toBeLessThan(1e-8));
      }),
      { numRuns: 50 },
    );
  });

  test("gives a batch what it gives single points", () => {
    const transform = createTransform(base, crs);
    fc.assert(
      fc.property(points, (start) => {
        const batch = start.slice();
        transform.apply(batch);
        for (let i = 0; i < start.length; i += 2) {
          const single = start.slice(i, i + 2);
          transform.apply(single);
          expect([...single]).toEqual([batch[i], batch[i + 1]]);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("never throws, and counts what has no image", () => {
    fc.assert(
      fc.property(fc.float64Array({ minLength: 2, maxLength: 2 }), fc.boolean(), (point, there) => {
        const coords = point.slice();
        const lost = createTransform(there ? base : crs, there ? crs : base).apply(coords);
        expect(lost).toBe(Number.isNaN(coords[0]) ? 1 : 0);
        expect(Number.isNaN(coords[0])).toBe(Number.isNaN(coords[1]));
      }),
      { numRuns: 200 },
    );
  });
});

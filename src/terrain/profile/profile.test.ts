import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { getCrs } from "../../crs/index.ts";
import type { Affine, Raster } from "../../raster/index.ts";
import { arrayRaster } from "../../../test/support/array_raster.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { measureOf, type Position } from "./line_measure.ts";
import { listProfile, type ProfileOptions, type ProfilePlace } from "./list_profile.ts";
import { writeProfile } from "./write_profile.ts";

const folder = useTempFolder();
const LON_LAT = getCrs("OGC:CRS84");
/** 10 units a cell. */
const affine: Affine = [10, 0, 0, 0, -10, 0];
const PROVENANCE = { generator: "test", source: "dem", dataTimeMs: null, writtenAtMs: 0, license: "", licenseUrl: "" };
/** A plane: 1 a cell to the east, 10 a cell to the south. */
const plane = (width: number, height: number): number[] =>
  Array.from({ length: width * height }, (_, i) => (i % width) + 10 * Math.floor(i / width));
const dem = (width: number, heights: readonly number[], crs: string | null = "EPSG:32632"): Raster =>
  arrayRaster(width, [heights], { affine, nodata: -9999, crs });

async function profileOf(raster: Raster, line: readonly Position[], options?: ProfileOptions): Promise<ProfilePlace[]> {
  const places: ProfilePlace[] = [];
  for await (const batch of listProfile(raster, [line], options)) places.push(...batch);
  return places;
}

describe("lengths", () => {
  /** Of meridians and parallels of WGS 84 (as `geod` of PROJ gives them). */
  test.each<[from: Position, to: Position, metres: number]>([
    [[0, 0], [0, 90], 10_001_965.729],
    [[0, 0], [0, 1], 110_574.389],
    [[0, 0], [1, 0], 111_319.491],
    [[7, 45], [8, 45], 78_846.835],
  ])("from %j to %j", (from, to, metres) => {
    expect(measureOf(LON_LAT).length({ from, to }, 1)).toBeCloseTo(metres, 2);
  });

  test("are found again", () => {
    const measure = measureOf(LON_LAT);
    const stretch = { from: [5, 10], to: [12, 71] } as const;
    for (const share of [0, 0.1, 0.5, 0.99, 1])
      expect(measure.shareAt(stretch, measure.length(stretch, share))).toBeCloseTo(share, 12);
  });

  test("on a plane are metres whatever the unit", () => {
    const feet = measureOf(getCrs("EPSG:2263"));
    expect(feet.length({ from: [0, 0], to: [3000, 4000] }, 0.5)).toBeCloseTo(2500 * 0.304_800_61, 3);
    expect(measureOf(null).length({ from: [0, 0], to: [3, 4] }, 1)).toBe(5);
  });
});

describe("a profile", () => {
  test("has its beginning, a place each step over its corners, and its end", async () => {
    const line: Position[] = [
      [15, -15],
      [45, -15],
      [45, -40],
    ];
    const places = await profileOf(dem(6, plane(6, 6)), line, { step: 20 });
    expect(places.map(({ distance, position, height }) => [distance, ...position, height])).toEqual([
      [0, 15, -15, 11],
      [20, 35, -15, 13],
      [40, 45, -25, 24],
      [55, 45, -40, 39],
    ]);
  });

  test("bilinear is exact on a plane, nearest is the cell's", async () => {
    const raster = dem(6, plane(6, 6));
    const line: Position[] = [
      [7, -8],
      [52, -51],
    ];
    for (const {
      position: [x, y],
      height,
    } of await profileOf(raster, line, { step: 3 }))
      expect(height).toBeCloseTo(x / 10 - 0.5 + 10 * (-y / 10 - 0.5), 9);
    for (const {
      position: [x, y],
      height,
    } of await profileOf(raster, line, { step: 3, sampling: "nearest" }))
      expect(height).toBe(Math.floor(x / 10) + 10 * Math.floor(-y / 10));
  });

  test("without a step has one a cell", async () => {
    expect(
      await profileOf(dem(6, plane(6, 6)), [
        [5, -5],
        [55, -5],
      ]),
    ).toHaveLength(6);
    const degrees = arrayRaster(20, [plane(20, 20)], { crs: "EPSG:4326", affine: [0.001, 0, 7, 0, -0.001, 60] });
    // Ten columns of 55.8 m at 60 degrees north.
    expect(
      await profileOf(degrees, [
        [7.001, 59.999],
        [7.011, 59.999],
      ]),
    ).toHaveLength(11);
  });

  test("is honest about gaps, and about what lies off the DEM", async () => {
    const raster = dem(5, [1, 2, -9999, 4, 5]);
    const places = await profileOf(
      raster,
      [
        [-15, -5],
        [65, -5],
      ],
      { step: 10 },
    );
    expect(places.map(({ height }) => height)).toEqual([null, null, 1, 2, null, 4, 5, null, null]);
    // Beside a gap only the cells with a height count.
    expect(
      (
        await profileOf(
          raster,
          [
            [18, -5],
            [19, -5],
          ],
          { step: 5 },
        )
      ).map(({ height }) => height),
    ).toEqual([2, 2]);
  });

  test("may be drawn in another system, as degrees are", async () => {
    const raster = arrayRaster(100, [plane(100, 100)]);
    const [west, east] = [
      getCrs("EPSG:32632").toLonLat(500_105, 4_999_505),
      getCrs("EPSG:32632").toLonLat(500_905, 4_999_505),
    ];
    const places = await profileOf(raster, [west, east], { lineCrs: LON_LAT, step: 100 });
    // 800 m in the projection are 800 / 0.9996 on the ellipsoid.
    expect(places.at(-1)?.distance).toBeCloseTo(800 / 0.9996, 2);
    // A line that is straight in degrees leaves the one in the projection by millimetres.
    const expected = [...Array.from({ length: 9 }, (_, i) => 500 + 9.996 * i), 580];
    expect(places.map(({ height }) => height)).toEqual(expected.map((height) => expect.closeTo(height, 1) as number));
  });

  test("of more than a window of cells is the same", async () => {
    const raster = dem(3000, plane(3000, 40), null);
    const places = await profileOf(
      raster,
      [
        [5, -5],
        [29_995, -395],
      ],
      { step: 7 },
    );
    expect(places.length).toBeGreaterThan(4200);
    for (const {
      position: [x, y],
      height,
    } of places)
      expect(Math.abs((height ?? 0) - (x / 10 - 0.5 + 10 * (-y / 10 - 0.5)))).toBeLessThan(1e-6);
  });

  test.each<[string, Position[], ProfileOptions]>([
    ["one position", [[0, 0]], {}],
    [
      "no number",
      [
        [0, 0],
        [Number.NaN, 0],
      ],
      {},
    ],
    [
      "no step",
      [
        [0, 0],
        [9, 0],
      ],
      { step: 0 },
    ],
    [
      "too many places",
      [
        [0, 0],
        [9, 0],
      ],
      { step: 1e-9 },
    ],
  ])("of %s is refused", (_what, line, options) => {
    expect(() => listProfile(dem(2, [0, 0]), [line], options)).toThrow(
      expect.objectContaining({ code: "argument.invalid" }),
    );
  });
});

describe("files", () => {
  const lines: Position[][] = [
    [
      [5, -5],
      [25, -5],
    ],
    [
      [5, -5],
      [5, -10],
    ],
  ];
  const raster = dem(5, [1, 2, 4, -9999, 3]);

  test("are tables, or points", async () => {
    const options = { step: 10, provenance: PROVENANCE };
    const summary = await writeProfile(folder.path("a.csv"), raster, lines, options);
    expect(readFileSync(folder.path("a.csv"), "utf8").split("\n")).toEqual([
      "line,distance,x,y,height",
      "0,0,5,-5,1",
      "0,10,15,-5,2",
      "0,20,25,-5,4",
      "1,0,5,-5,1",
      "1,5,5,-10,1",
      "",
    ]);
    expect(summary).toEqual({ places: 5, gaps: 0, length: 25, least: 1, most: 4, climb: 3, descent: 0 });
    expect(await writeProfile(folder.path("a.geojson"), raster, lines, options)).toEqual(summary);
    const { features } = JSON.parse(readFileSync(folder.path("a.geojson"), "utf8")) as { features: object[] };
    expect(features).toHaveLength(5);
    expect(features[1]).toMatchObject({ properties: { line: 0, distance: 10, elev: 2 }, geometry: { type: "Point" } });
  });

  test("are not made when stopped", async () => {
    for (const name of ["a.csv", "a.gpkg"]) {
      const options = { signal: AbortSignal.abort(), provenance: PROVENANCE };
      await expect(writeProfile(folder.path(name), raster, lines, options)).rejects.toMatchObject({
        code: "cancelled",
      });
    }
    expect(readdirSync(folder.path("."))).toEqual([]);
  });
});

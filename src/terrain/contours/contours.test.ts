import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { getCrs } from "../../crs/index.ts";
import type { FeatureBatch } from "../../feature/index.ts";
import { openRaster, type Affine, type Raster } from "../../raster/index.ts";
import { arrayRaster } from "../../../test/support/array_raster.ts";
import { realData } from "../../../test/support/real_data.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { listContours, type ContourOptions } from "./list_contours.ts";
import { smoothLine } from "./smooth_line.ts";
import { writeContours } from "./write_contours.ts";

const folder = useTempFolder();
const NONE = Number.NaN;
/** One unit of the CRS a cell, y downwards from 0: positions are columns and minus rows. */
const CELLS: Affine = [1, 0, 0, 0, -1, 0];
const PROVENANCE = { generator: "test", source: "dem", dataTimeMs: null, writtenAtMs: 0, license: "", licenseUrl: "" };

interface Feature {
  readonly values: Record<string, number>;
  readonly rings: [x: number, y: number][][];
}

function featuresOf({ count, geometry, columns }: FeatureBatch): Feature[] {
  const { partEnds, ringEnds, positionEnds, coordinates } = geometry;
  const start = (ends: Uint32Array, i: number): number => (i === 0 ? 0 : (ends[i - 1] as number));
  return Array.from({ length: count }, (_, i) => {
    const part = start(partEnds, i);
    const rings: [number, number][][] = [];
    for (let ring = start(ringEnds, part); ring < (ringEnds[part] as number); ring++) {
      const positions: [number, number][] = [];
      for (let at = start(positionEnds, ring); at < (positionEnds[ring] as number); at++)
        positions.push([coordinates[2 * at] as number, coordinates[2 * at + 1] as number]);
      rings.push(positions);
    }
    const values = Object.fromEntries(Object.entries(columns).map(([name, list]) => [name, list[i] as number]));
    return { values, rings };
  });
}

async function contoursOf(raster: Raster, options: ContourOptions): Promise<{ features: Feature[]; cuts: number }> {
  const features: Feature[] = [];
  const contours = listContours(raster, options);
  for (;;) {
    const next = await contours.next();
    if (next.done === true) return { features, cuts: next.value.cuts };
    features.push(...featuresOf(next.value));
  }
}

function lengthOf(features: readonly Feature[]): number {
  const steps = features.flatMap(({ rings }) => rings.flatMap((ring) => ring.map((to, i) => [ring[i - 1] ?? to, to])));
  return steps.reduce((sum, [[ax, ay] = [0, 0], [bx, by] = [0, 0]]) => sum + Math.hypot(bx - ax, by - ay), 0);
}

/** Positive counterclockwise. Measured from the first position: some rings are a millionth of a cell wide. */
function areaOf(ring: readonly [number, number][]): number {
  const [[x0, y0] = [0, 0]] = ring;
  return ring.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = ring[(i + 1) % ring.length] as [number, number];
    return sum + ((x - x0) * (nextY - y0) - (nextX - x0) * (y - y0)) / 2;
  }, 0);
}

function isInside({ rings }: Feature, x: number, y: number): boolean {
  let isIn = false;
  for (const ring of rings)
    for (const [i, [ax, ay]] of ring.entries()) {
      const [bx, by] = ring[(i + 1) % ring.length] as [number, number];
      if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) isIn = !isIn;
    }
  return isIn;
}

/** Reproducible heights from 0 to 3, one in `gapEvery` missing. */
function noise(cells: number, seed: number, gapEvery = Infinity): number[] {
  let state = seed;
  const next = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  return Array.from({ length: cells }, () => (next() < 1 / gapEvery ? NONE : Math.floor(next() * 4)));
}

const dem = (width: number, heights: readonly number[], affine = CELLS): Raster =>
  arrayRaster(width, [heights], { nodata: NONE, affine });

describe("lines", () => {
  test("pass between the middles of cells, and half a cell beyond the last", async () => {
    const { features } = await contoursOf(dem(3, [0, 1, 2, 0, 1, 2]), { levels: { interval: 1, base: 0.25 } });
    expect(features).toMatchObject([
      { values: { elev: 0.25 }, rings: [[0.75, 0.75, 0.75, 0.75].map((x) => [x, expect.any(Number)])] },
      { values: { elev: 1.25 } },
    ]);
    const ends = features.flatMap(({ rings }) =>
      rings.map((ring) => [ring[0]?.[1] ?? NONE, ring.at(-1)?.[1] ?? NONE].toSorted((a, b) => a - b)),
    );
    // -0 is where the raster begins.
    expect(ends.map((pair) => pair.map((y) => (y ?? NONE) + 0))).toEqual([
      [-2, 0],
      [-2, 0],
    ]);
  });

  test("a level that is a height goes around the cell just below it, and what is higher lies to the right", async () => {
    const { features } = await contoursOf(dem(3, [0, 0, 0, 0, 1, 0, 0, 0, 0]), { levels: { levels: [1] } });
    const [ring = []] = features[0]?.rings ?? [];
    expect(features).toHaveLength(1);
    expect(ring[0]).toEqual(ring.at(-1));
    expect(areaOf(ring)).toBeLessThan(0);
    for (const [x, y] of ring) expect(Math.hypot(x - 1.5, y + 1.5)).toBeCloseTo(1e-6, 7);
  });

  test("end where there is no height", async () => {
    const { features } = await contoursOf(dem(2, [0, 2, 0, NONE]), { levels: { interval: 5, base: 1 } });
    expect(features).toHaveLength(1);
    // The centre of the square is the mean of three cells, 2/3; 1 lies an eighth of a cell from it towards the cell of 2.
    expect(features[0]?.rings[0]).toContainEqual([expect.closeTo(1.125, 9), -1]);
  });

  test("are cut when too many are open, and no length is lost", async () => {
    const raster = dem(60, noise(60 * 40, 7, 20));
    const whole = await contoursOf(raster, { levels: { interval: 1, base: 0.5 } });
    const cut = await contoursOf(raster, { levels: { interval: 1, base: 0.5 }, maxOpenVertices: 100 });
    expect([whole.cuts, cut.cuts > 3]).toEqual([0, true]);
    expect(cut.features.length).toBeGreaterThan(whole.features.length);
    expect(lengthOf(cut.features)).toBeCloseTo(lengthOf(whole.features), 6);
  });

  test("are smoothed on request: ends stay, closed ones stay closed", async () => {
    expect([...smoothLine(Float64Array.from([0, 0, 4, 0, 4, 4]), 1)]).toEqual([0, 0, 3, 0, 4, 1, 4, 4]);
    const ring = smoothLine(Float64Array.from([0, 0, 4, 0, 4, 4, 0, 0]), 2);
    expect([ring.length, ring[0], ring[1]]).toEqual([26, ring.at(-2), ring.at(-1)]);
    const raster = dem(9, noise(81, 3));
    const plain = await contoursOf(raster, { levels: { interval: 1, base: 0.5 } });
    const smooth = await contoursOf(raster, { levels: { interval: 1, base: 0.5 }, smoothing: 3 });
    expect(lengthOf(smooth.features)).toBeLessThan(lengthOf(plain.features));
  });
});

describe("areas", () => {
  const cases = [1, 2, 3, 4, 5].flatMap((seed) => [Infinity, 10, 2].map((gapEvery) => [seed, gapEvery] as const));

  /** Each cell lies in one area, that of its height; outer rings are the only ones that go counterclockwise. */
  function expectCover(features: readonly Feature[], width: number, heights: readonly number[]): void {
    const areas = features.flatMap(({ rings }) => rings.map(areaOf));
    const count = heights.filter((height) => !Number.isNaN(height)).length;
    expect(areas.reduce((sum, area) => sum + area, 0)).toBeCloseTo(count, 6);
    for (const { rings } of features) {
      expect(rings.map((ring) => areaOf(ring) > 0)).toEqual(rings.map((_, i) => i === 0));
      for (const ring of rings) expect(new Set(ring.map(String)).size).toBe(ring.length - 1);
    }
    for (const [i, height] of heights.entries()) {
      const around = features.filter((feature) => isInside(feature, (i % width) + 0.501, -Math.floor(i / width) - 0.5));
      const expected = Number.isNaN(height) ? [] : [{ elevMin: height - 0.5, elevMax: height + 0.5 }];
      expect(around.map(({ values }) => values)).toEqual(expected);
    }
  }

  test.each(cases)("of noise %d, one cell in %d missing, cover each cell once", async (seed, gapEvery) => {
    const heights = noise(8 * 70, seed, gapEvery);
    const { features } = await contoursOf(dem(8, heights), { levels: { interval: 1, base: 0.5 }, polygons: true });
    expectCover(features, 8, heights);
  });

  test("are cut along a row when too much is open, and cover the same", async () => {
    const heights = noise(23 * 40, 9, 10);
    const options = { levels: { interval: 1, base: 0.5 }, polygons: true, maxOpenVertices: 200 };
    const { features, cuts } = await contoursOf(dem(23, heights), options);
    expect(cuts).toBeGreaterThan(3);
    // A middle of a cell may lie on the cut itself.
    const areas = features.flatMap(({ rings }) => rings.map(areaOf));
    expect(areas.reduce((sum, area) => sum + area, 0)).toBeCloseTo(heights.filter((h) => !Number.isNaN(h)).length, 6);
    for (const { rings } of features) expect(rings.filter((ring) => areaOf(ring) > 0)).toHaveLength(1);
  });

  test("have outer rings that go counterclockwise on a flipped or turned DEM as well", async () => {
    for (const affine of [CELLS, [1, 0, 0, 0, 1, 0], [0, 1, 0, 1, 0, 0], [0.8, 0.6, 5, 0.6, -0.8, 9]] as const) {
      const raster = dem(3, [0, 0, 0, 0, 1, 0, 0, 0, 0], affine);
      const { features } = await contoursOf(raster, { levels: { levels: [0.5] }, polygons: true });
      const signs = features.map(({ rings }) => rings.map((ring) => Math.sign(areaOf(ring))));
      expect(signs.toSorted((a, b) => a.length - b.length)).toEqual([[1], [1, -1]]);
    }
  });

  test("beyond the ends of a list have no limit there", async () => {
    const { features } = await contoursOf(dem(3, [0, 1, 2]), { levels: { levels: [1.5, 0.5] }, polygons: true });
    const values = features.map(({ values: { elevMin, elevMax } }) => [elevMin, elevMax]);
    expect(values.toSorted((a, b) => (a[1] ?? 9) - (b[1] ?? 9))).toEqual(
      expect.arrayContaining([
        [NONE, 0.5],
        [0.5, 1.5],
        [1.5, NONE],
      ]),
    );
  });
});

describe("files", () => {
  const levels = { levels: [15] };

  test("are in the DEM's system, or in another; GeoJSON in lon/lat", async () => {
    const raster = arrayRaster(2, [[0, 20, 0, 20]]);
    await writeContours(folder.path("a.gpkg"), raster, { levels, provenance: PROVENANCE });
    const summary = await writeContours(folder.path("a.fgb"), raster, { levels, provenance: PROVENANCE });
    // Three quarters from 0 to 20, exactly: nothing was moved to lon/lat and back.
    expect(summary.file.layers).toMatchObject([{ count: 1, bbox: [500_012.5, 4_999_980, 500_012.5, 5_000_000] }]);
    await writeContours(folder.path("a.geojson"), raster, { levels, provenance: PROVENANCE });
    const { features } = JSON.parse(readFileSync(folder.path("a.geojson"), "utf8")) as {
      features: { properties: object; geometry: { coordinates: [number, number][] } }[];
    };
    expect(features).toMatchObject([{ properties: { layer: "contour", elev: 15 } }]);
    const [lon = 0, lat = 0] = features[0]?.geometry.coordinates.toSorted((a, b) => b[1] - a[1])[0] ?? [];
    const [x, y] = getCrs("EPSG:32632").fromLonLat(lon, lat);
    expect([x, y]).toEqual([expect.closeTo(500_012.5, 4), expect.closeTo(5_000_000, 4)]);
    const crs = getCrs("EPSG:3857");
    const other = await writeContours(folder.path("b.fgb"), raster, { levels, crs, provenance: PROVENANCE });
    expect(other.file.layers[0]?.bbox?.[0]).toBeCloseTo(1_001_893, 0);
  });

  test.each([
    ["interval", { levels: { interval: 0 } }, "argument.invalid"],
    ["interval", { levels: { interval: NONE } }, "argument.invalid"],
    ["base", { levels: { interval: 1, base: Infinity } }, "argument.invalid"],
    ["list", { levels: { levels: [] } }, "argument.invalid"],
    ["list", { levels: { levels: [1, NONE] } }, "argument.invalid"],
    ["number of levels", { levels: { interval: 1e-6 } }, "argument.invalid"],
    ["smoothing", { levels, smoothing: 1, polygons: true }, "argument.invalid"],
    ["smoothing", { levels, smoothing: 7 }, "argument.invalid"],
    ["signal", { levels, signal: AbortSignal.abort() }, "cancelled"],
  ])("with a bad %s are not made: %j", async (_what, options, code) => {
    const raster = arrayRaster(2, [[0, 20, 0, 20]]);
    const path = folder.path("a.gpkg");
    await expect(writeContours(path, raster, { ...options, provenance: PROVENANCE })).rejects.toMatchObject({ code });
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(folder.path("."))).toEqual([]);
  });

  test("of a DEM without a system need to be told it", async () => {
    const raster = arrayRaster(2, [[0, 20, 0, 20]], { crs: null });
    const path = folder.path("a.fgb");
    const options = { levels, provenance: PROVENANCE };
    await expect(writeContours(path, raster, options)).rejects.toMatchObject({ code: "crs.unknown" });
    const { file } = await writeContours(path, raster, { ...options, inputCrs: getCrs("EPSG:2193") });
    expect(file.layers).toMatchObject([{ count: 1 }]);
  });

  test("are given up in the middle without a trace", async () => {
    const raster = dem(
      400,
      Array.from({ length: 400 * 3000 }, () => 5),
    );
    const stop = new AbortController();
    const options = { levels: { interval: 1 }, provenance: PROVENANCE, signal: stop.signal };
    const onProgress = (rows: number): void => (rows < 3000 ? stop.abort() : undefined);
    const written = writeContours(folder.path("a.gpkg"), raster, { ...options, onProgress });
    await expect(written).rejects.toMatchObject({ code: "cancelled" });
    expect(readdirSync(folder.path("."))).toEqual([]);
  });
});

describe.runIf(realData !== undefined)("beside gdal_contour's file", () => {
  test("levels, lengths and vertices are the same", async () => {
    const reference = join(realData ?? "", "reference_gdal");
    const { features: theirs } = JSON.parse(readFileSync(join(reference, "contour_100m_utm11n.geojson"), "utf8")) as {
      features: { properties: { elev: number }; geometry: { coordinates: [number, number][] } }[];
    };
    await using raster = await openRaster(join(reference, "input_bigtujunga_256.tif"));
    const { features } = await contoursOf(raster, { levels: { interval: 100 } });
    const expected = theirs.map(({ properties, geometry }) => ({ values: properties, rings: [geometry.coordinates] }));
    expect(features).toHaveLength(expected.length);
    expect(lengthOf(features) / lengthOf(expected)).toBeCloseTo(1, 9);
    // A tenth of a millimetre, 3e-6 cells.
    const vertices = (all: readonly { values: Record<string, number>; rings: [number, number][][] }[]): Set<string> =>
      new Set(
        all.flatMap(({ values, rings }) =>
          rings.flatMap((ring) => ring.map(([x, y]) => `${values["elev"]} ${x.toFixed(4)} ${y.toFixed(4)}`)),
        ),
      );
    const [ours, others] = [vertices(features), vertices(expected)];
    const shared = [...ours].filter((vertex) => others.has(vertex)).length;
    expect(shared / others.size).toBeGreaterThan(0.99);
    expect(shared / ours.size).toBeGreaterThan(0.99);
  });
});

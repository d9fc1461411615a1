import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  clipRaster,
  openRaster,
  writeGeotiff,
  type PixelArray,
  type Raster,
  type RasterStrip,
} from "../raster/index.ts";
import { realData } from "../../test/support/real_data.ts";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { analyseRaster, analysisInfo, type AnalyseOptions } from "./analyse_raster.ts";
import type { Analysis } from "./analysis.ts";

const folder = useTempFolder();
const SLOPE: Analysis = { kind: "slope", method: "horn", unit: "degrees" };
const SHADE = {
  kind: "hillshade",
  method: "horn",
  mode: "single",
  azimuthDeg: 315,
  altitudeDeg: 45,
  zFactor: 1,
} as const;

async function valuesOf(raster: Raster, analysis: Analysis, options?: AnalyseOptions): Promise<number[]> {
  const values: number[] = [];
  for await (const { bands, height } of analyseRaster(raster, analysis, options)) {
    expect(bands[0]).toHaveLength(height * raster.info.width);
    for (const value of bands[0] as PixelArray) values.push(value);
  }
  return values;
}

async function pixelsOf(path: string): Promise<number[]> {
  await using raster = await openRaster(path);
  const { width, height } = raster.info;
  const { bands } = await raster.readWindow({ x: 0, y: 0, width, height });
  return [...(bands[0] as PixelArray)];
}

/** A DEM in degrees, of a plane that rises to the north by one metre a row. */
async function writeDem(name: string, { rows, columns, north }: { rows: number; columns: number; north: number }) {
  const path = folder.path(name);
  const band = {
    type: "float32",
    description: "",
    nodata: null,
    scale: 1,
    offset: 0,
    unit: "",
    color: "gray",
  } as const;
  const { getCrs } = await import("../crs/index.ts");
  const info = {
    width: columns,
    height: rows,
    bands: [band],
    crs: getCrs("EPSG:4326"),
    affine: [0.001, 0, 10, 0, -0.001, north] as const,
  };
  async function* strips(): AsyncGenerator<RasterStrip> {
    for (let y = 0; y < rows; y++) yield { height: 1, bands: [new Float32Array(columns).fill(-y)] };
  }
  await writeGeotiff(path, { info }, strips());
  return path;
}

describe.runIf(realData !== undefined)("beside gdaldem's files", () => {
  const reference = (name: string): string => join(realData ?? "", "reference_gdal", name);
  const cases: [file: string, analysis: Analysis][] = [
    ["slope_deg_horn.tif", SLOPE],
    ["slope_deg_zt.tif", { kind: "slope", method: "zevenbergenThorne", unit: "degrees" }],
    ["aspect_horn.tif", { kind: "aspect", method: "horn", angle: "azimuth" }],
    ["hillshade_315_45_z1.tif", SHADE],
    ["hillshade_multidirectional.tif", { ...SHADE, mode: "multidirectional" }],
  ];

  test.each(cases)("%s is the same at every cell", async (file, analysis) => {
    await using raster = await openRaster(reference("input_bigtujunga_256.tif"));
    const found = await valuesOf(raster, analysis);
    const expected = await pixelsOf(reference(file));
    expect(found).toHaveLength(expected.length);
    for (const [i, value] of expected.entries()) {
      const allowed = analysis.kind === "hillshade" ? 1 : 1e-4 * Math.abs(value);
      expect(Math.abs((found[i] as number) - value)).toBeLessThanOrEqual(allowed);
      // Where there is nothing there is nothing.
      if (value === -9999 || (analysis.kind === "hillshade" && value === 0)) expect(found[i]).toBe(value);
    }
  });
});

describe("a DEM in degrees", () => {
  test("has cells of metres, which get narrower to the north", async () => {
    await using south = await openRaster(await writeDem("south.tif", { rows: 9, columns: 9, north: 0.0045 }));
    // A row is 110.574 m at the equator (of the WGS 84 meridian), 111.69 m at the pole.
    const percent: Analysis = { kind: "slope", method: "horn", unit: "percent" };
    expect((await valuesOf(south, percent))[40]).toBeCloseTo(100 / 110.574, 4);
    await using arctic = await openRaster(await writeDem("north.tif", { rows: 9, columns: 9, north: 89 }));
    expect((await valuesOf(arctic, percent))[40]).toBeCloseTo(100 / 111.693, 3);
    // As gdaldem does it.
    expect((await valuesOf(south, percent, { scale: 111_120 }))[40]).toBeCloseTo(100 / 111.12, 4);
  });
});

test("a DEM that is read in many blocks has no seam, and its edges are computed on request", async () => {
  // 70,000 columns: blocks of 14 rows.
  await using raster = await openRaster(await writeDem("wide.tif", { rows: 40, columns: 70_000, north: 50 }));
  const inner = await valuesOf(raster, { kind: "roughness" });
  const whole = await valuesOf(raster, { kind: "roughness" }, { computeEdges: true });
  expect(whole.every((value) => value === 2)).toBe(true);
  const isEdge = (i: number): boolean => i < 70_000 || i >= 39 * 70_000 || i % 70_000 === 0 || i % 70_000 === 69_999;
  expect(inner.every((value, i) => value === (isEdge(i) ? -9999 : 2))).toBe(true);
});

test("is the same whether threads put heights where they are wanted or windows are read, cancelled or not", async () => {
  // Strips of 512 rows out of blocks, of 349 out of windows of 512; blocks of 349 rows at most.
  const [columns, rows] = [3_000, 800];
  const path = folder.path("rough.tif");
  const flat = await openRaster(await writeDem("flat.tif", { rows, columns, north: 50 }));
  async function* strips(): AsyncGenerator<RasterStrip> {
    for (let y = 0; y < rows; y++)
      yield { height: 1, bands: [Float32Array.from({ length: columns }, (_, x) => (x * 7 + y * y * 13) % 101)] };
  }
  await using _ = flat;
  await writeGeotiff(path, { info: flat.info }, strips());
  await using raster = await openRaster(path);
  const clipped = clipRaster(raster, { x: 0, y: 0, width: columns, height: rows });
  const placed = Float32Array.from(await valuesOf(raster, { kind: "roughness" }, { computeEdges: true }));
  const read = Float32Array.from(await valuesOf(clipped, { kind: "roughness" }, { computeEdges: true }));
  expect(new Set(placed).size).toBeGreaterThan(20);
  expect(Buffer.compare(Buffer.from(placed.buffer), Buffer.from(read.buffer))).toBe(0);
  for (const each of [raster, clipped]) {
    const stop = new AbortController();
    const results = analyseRaster(each, { kind: "roughness" }, { signal: stop.signal });
    await results.next();
    stop.abort();
    await expect(results.next()).rejects.toMatchObject({ code: "cancelled" });
    for await (const strip of analyseRaster(each, { kind: "roughness" })) if (strip.height > 0) break;
  }
});

test("what comes out goes into a file that says what it is", async () => {
  const path = await writeDem("dem.tif", { rows: 20, columns: 30, north: 50 });
  await using raster = await openRaster(path);
  const out = folder.path("shade.tif");
  await writeGeotiff(out, { info: analysisInfo(raster, SHADE) }, analyseRaster(raster, SHADE));
  await using shade = await openRaster(out);
  expect(shade.info).toMatchObject({ width: 30, height: 20, affine: raster.info.affine });
  expect(shade.info.bands).toMatchObject([{ type: "uint8", nodata: 0 }]);
  expect(shade.info.crs?.code).toBe("EPSG:4326");
});

test("is cancelled at once, and refuses a DEM that is turned", async () => {
  await using raster = await openRaster(await writeDem("dem.tif", { rows: 20, columns: 30, north: 50 }));
  const signal = AbortSignal.abort();
  await expect(valuesOf(raster, SLOPE, { signal })).rejects.toMatchObject({ code: "cancelled" });
  for (const affine of [null, [1, 0.5, 0, 0.5, -1, 0], [1, 0, 0, 0, 1, 0]] as const) {
    const turned: Raster = { ...raster, info: { ...raster.info, affine } } as Raster;
    await expect(valuesOf(turned, SLOPE)).rejects.toMatchObject({ code: "raster.unsupported" });
  }
});

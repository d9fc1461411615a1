import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { getCrs } from "../crs/index.ts";
import { makeBand, NO_DATA, toPlace, type GdalCase } from "./fixtures/gdal_cases.ts";
import type { Band } from "./kernels/sample_band.ts";
import type { RasterPlace } from "./raster_place.ts";
import { warpRaster } from "./warp_raster.ts";

const { version, cases } = JSON.parse(readFileSync(new URL("fixtures/gdal_warps.json", import.meta.url), "utf8")) as {
  version: string;
  cases: GdalCase[];
};

/** The value as a file of the image's type holds it. */
function asWritten(image: GdalCase["image"], value: number | undefined): number {
  if (value === undefined || Number.isNaN(value)) return NO_DATA[image];
  return image === "dem" ? value : Math.min(255, Math.max(0, Math.round(value)));
}

/** What is made and what gdalwarp made, pixel by pixel. */
function comparePixels(one: GdalCase): (readonly [made: number, expected: number])[] {
  const { image, source, destination, width, height, resampling, pixels } = one;
  const [out] = warpRaster({
    bands: [makeBand(image)],
    source: toPlace(source),
    destination: toPlace(destination),
    width,
    height,
    resampling,
  });
  return Array.from({ length: pixels.length / 3 }, (_, i) => {
    const [x = 0, y = 0, expected = Number.NaN] = pixels.slice(i * 3, i * 3 + 3);
    return [asWritten(image, out?.data[y * width + x]), expected] as const;
  });
}

describe(`beside gdalwarp -et 0 of ${version}`, () => {
  // A pixel that lies on another's rounding edge may be one level off; heights of slopes of up to 80 m a pixel by what a position costs.
  const BOUNDS = { imagery: 1, dem: 0.04 } as const;

  test.each(cases)("$image, $resampling, from $source.crs to $destination.crs at $destination.cell", (one) => {
    const compared = comparePixels(one);
    expect(compared).toHaveLength(24);
    expect(compared.filter(([, expected]) => expected !== NO_DATA[one.image]).length).toBeGreaterThan(12);
    for (const [made, expected] of compared)
      expect(Math.abs(made - expected)).toBeLessThanOrEqual(one.resampling === "nearest" ? 1e-4 : BOUNDS[one.image]);
  });

  test("of all the 8-bit values at most one in a hundred is another", () => {
    const compared = cases.filter(({ image }) => image === "imagery").flatMap(comparePixels);
    const different = compared.filter(([made, expected]) => made !== expected);
    expect(different.length).toBeLessThanOrEqual(compared.length / 100);
  });
});

describe("warpRaster", () => {
  const metres = (code: string, x: number, y: number, cell: number): RasterPlace => ({
    crs: getCrs(code),
    origin: [x, y],
    cellWidth: cell,
    cellHeight: cell,
  });
  const place = metres("EPSG:3857", 0, 0, 10);
  const band = makeBand("dem");
  const { width, height } = band;

  test("to the same place changes nothing", () => {
    for (const resampling of ["nearest", "bilinear", "cubic", "lanczos", "average"] as const) {
      const [out] = warpRaster({ bands: [band], source: place, destination: place, width, height, resampling });
      out?.data.forEach((value, i) => expect(value).toBeCloseTo(band.data[i] as number, 9));
    }
  });

  test("leaves holes holes, and makes what is beside them of what is there", () => {
    const holed: Band = { width, height, data: band.data.map((value, i) => (i % 7 === 0 ? Number.NaN : value)) };
    const [same] = warpRaster({ bands: [holed], source: place, destination: place, width, height });
    same?.data.forEach((value, i) => expect(Number.isNaN(value)).toBe(i % 7 === 0));
    const half = metres("EPSG:3857", 5, 0, 10);
    const [between] = warpRaster({ bands: [holed], source: place, destination: half, width: width - 1, height });
    // Halfway between a hole and a value is that value.
    expect(between?.data[0]).toBe(band.data[1]);
    expect(between?.data[7]).toBe(band.data[8]);
    expect(between?.data[1]).toBeCloseTo(((band.data[1] as number) + (band.data[2] as number)) / 2, 9);
  });

  test("bands of one image keep apart", () => {
    const other = makeBand("imagery");
    const options = { source: place, destination: metres("EPSG:3857", 3, -4, 9), width: 50, height: 40 };
    const both = warpRaster({ bands: [band, other], ...options });
    expect(both).toEqual([...warpRaster({ bands: [band], ...options }), ...warpRaster({ bands: [other], ...options })]);
  });

  test("outside of the source there is no data", () => {
    const far = metres("EPSG:3857", 1e6, 0, 10);
    const [out] = warpRaster({ bands: [band], source: place, destination: far, width: 20, height: 10 });
    expect(out?.data.every(Number.isNaN)).toBe(true);
  });

  test.each([
    { ...place, cellWidth: 0 },
    { ...place, cellHeight: -10 },
    { ...place, origin: [Number.NaN, 0] as const },
  ])("refuses a place that is none: %#", (broken) => {
    const options = { bands: [band], width: 10, height: 10 };
    const invalid = expect.objectContaining({ code: "argument.invalid" });
    expect(() => warpRaster({ ...options, source: broken, destination: place })).toThrowError(invalid);
    expect(() => warpRaster({ ...options, source: place, destination: broken })).toThrowError(invalid);
  });
});

const references = join(process.env["TILTH_REAL_DATA"] ?? "", "reference_gdal");
if (process.env["TILTH_REAL_DATA"] !== undefined && existsSync(references)) {
  async function readBand(name: string): Promise<Band> {
    const image = sharp(join(references, name)).raw({ depth: "float" });
    const { data, info } = await image.toBuffer({ resolveWithObject: true });
    const values = new Float32Array(data.buffer, data.byteOffset, data.length / 4);
    // One band becomes three alike.
    const { width, height, channels } = info;
    const band = Float32Array.from({ length: width * height }, (_, i) => values[i * channels] as number);
    return { width, height, data: band.map((value) => (value === -32_768 ? Number.NaN : value)) };
  }

  describe("the heights of Big Tujunga beside gdalwarp's default, whose positions may be 1/8 pixel off", () => {
    const place = (code: string, x: number, y: number, cell: number): RasterPlace => ({
      crs: getCrs(code),
      origin: [x, y],
      cellWidth: cell,
      cellHeight: cell,
    });
    const source = place("EPSG:32611", 385_313.655_454_263_5, 3_806_117.827_628_375_5, 30);
    const destination = place("EPSG:3857", -13_163_261.697_518_844, 4_081_417.030_251_583_6, 40);

    test.each([
      ["warp_3857_40m_bilinear.tif", "bilinear", 1.5],
      ["warp_3857_40m_near.tif", "nearest", 40],
    ] as const)("%s", async (name, resampling, most) => {
      const expected = await readBand(name);
      const bands = [await readBand("input_bigtujunga_256.tif")];
      const { width, height } = expected;
      const [made] = warpRaster({ bands, source, destination, width, height, resampling });
      let [sum, count, worst, edge] = [0, 0, 0, 0];
      expected.data.forEach((value, i) => {
        const own = made?.data[i] as number;
        if (Number.isNaN(own) !== Number.isNaN(value)) edge += 1;
        if (Number.isNaN(own) || Number.isNaN(value)) return;
        [sum, count, worst] = [sum + Math.abs(own - value), count + 1, Math.max(worst, Math.abs(own - value))];
      });
      expect(count).toBeGreaterThan(54_000);
      expect(edge).toBeLessThan(count / 1000);
      expect(worst).toBeLessThan(most);
      expect(sum / count).toBeLessThan(0.3);
    });
  });
}

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { getCrs } from "../../crs/index.ts";
import { openFileSource } from "../file_source.ts";
import { openRaster } from "../open_raster.ts";
import { newPixels, PIXEL_TYPES, rangeOf, type PixelArray, type PixelType } from "../pixel_type.ts";
import type { BandInfo } from "../raster.ts";
import { joinStatistics, statisticsOf } from "./block_statistics.ts";
import { unpackLzw } from "./codecs/lzw.ts";
import { packLzw } from "./codecs/pack_lzw.ts";
import { FieldValues } from "./field_values.ts";
import { halve } from "./halve.ts";
import { readDirectories } from "./read_directories.ts";
import { TAG } from "./tiff_tags.ts";
import { writeGeotiff, type RasterStrip } from "./write_geotiff.ts";
import type { WriteGeotiffOptions, WriteInfo } from "./write_options.ts";

const folder = useTempFolder();

const band = (type: PixelType, more: Partial<BandInfo> = {}): BandInfo => ({
  type,
  description: "",
  nodata: null,
  scale: 1,
  offset: 0,
  unit: "",
  color: "undefined",
  ...more,
});

function makeInfo(width: number, height: number, bands: readonly BandInfo[], more: Partial<WriteInfo> = {}): WriteInfo {
  return { width, height, bands, crs: getCrs("EPSG:32632"), affine: [10, 0, 500_000, 0, -10, 5_000_000], ...more };
}

/** Pixels over the whole range of the type, in runs and in noise. */
function makePixels({ width, height, bands }: WriteInfo): PixelArray[] {
  return bands.map(({ type }, b) => {
    const pixels = newPixels(type, width * height);
    const [least, most] = rangeOf(type);
    for (let i = 0; i < pixels.length; i++) {
      const noise = ((i * 2654435761 + b * 40503) >>> 0) / 2 ** 32;
      const smooth = (Math.floor(i / width) % 50) / 50;
      const share = i % 7 < 3 ? noise : smooth;
      pixels[i] = Number.isFinite(least) ? Math.floor(least + share * (most - least)) : (share - 0.5) * 1e4;
    }
    return pixels;
  });
}

async function* stripsOf(
  { width, height }: WriteInfo,
  bands: readonly PixelArray[],
  rows: number,
): AsyncGenerator<RasterStrip> {
  for (let y = 0; y < height; y += rows) {
    const count = Math.min(rows, height - y);
    yield { height: count, bands: bands.map((pixels) => pixels.slice(y * width, (y + count) * width)) };
  }
}

async function writeAndRead(info: WriteInfo, options: WriteGeotiffOptions, rows = 13): Promise<void> {
  const pixels = makePixels(info);
  const path = folder.path("out.tif");
  await writeGeotiff(path, { info, options: { threads: 0, ...options } }, stripsOf(info, pixels, rows));
  await using raster = await openRaster(path, { threads: 0 });
  const { bands } = await raster.readWindow({ x: 0, y: 0, width: info.width, height: info.height });
  bands.forEach((read, b) => expect(read).toEqual(pixels[b]));
}

describe("writeGeotiff", () => {
  it.each(PIXEL_TYPES)("writes %s in every way that keeps all pixels, and reads it again", async (type) => {
    const info = makeInfo(70, 45, [band(type), band(type)]);
    for (const compression of ["none", "lzw", "deflate", "zstd"] as const)
      for (const cog of [false, true]) await writeAndRead(info, { compression, cog, blockSize: 32, bigTiff: cog });
    if (type !== "float64") await writeAndRead(info, { predictor: 2, blockSize: 16 }, 45);
    await writeAndRead(makeInfo(1, 1, [band(type)]), { predictor: 1 });
  });

  it("packs on threads, WebP without loss, JPEG nearly so", async () => {
    await writeAndRead(makeInfo(300, 200, [band("uint16")]), { threads: 2, blockSize: 64, cog: true });
    await writeAndRead(
      makeInfo(
        40,
        40,
        [0, 1, 2].map(() => band("uint8")),
      ),
      { compression: "webp", quality: 100, blockSize: 32 },
    );
    const info = makeInfo(
      64,
      64,
      [0, 1, 2].map(() => band("uint8")),
    );
    const grey = info.bands.map(() => new Uint8Array(64 * 64).map((_, i) => 60 + (i % 64)));
    const path = folder.path("photo.tif");
    await writeGeotiff(
      path,
      { info, options: { compression: "jpeg", quality: 95, threads: 0 } },
      stripsOf(info, grey, 64),
    );
    await using raster = await openRaster(path, { threads: 0 });
    const { bands } = await raster.readWindow({ x: 0, y: 0, width: 64, height: 64 });
    for (const read of bands)
      read.forEach((value, i) => expect(Math.abs(value - (grey[0]?.[i] ?? 0))).toBeLessThanOrEqual(3));
    expect(raster.info.bands.map(({ color }) => color)).toEqual(["red", "green", "blue"]);
  });

  it("keeps what is said of bands and place", async () => {
    const bands = [
      band("int16", { description: 'height "<&>', nodata: -9999, scale: 0.1, offset: 5, unit: "m" }),
      band("int16", { nodata: -9999 }),
    ];
    const path = folder.path("said.tif");
    for (const [crs, affine] of [
      ["EPSG:4326", [0.1, 0, 10, 0, -0.1, 50]],
      ["EPSG:2056", [1, 0.5, 2_600_000, 0.5, -1, 1_200_000]],
      [
        "+proj=laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000 +ellps=bessel +towgs84=598,73,418,0,0,0,0 +units=m",
        [2, 0, 0, 0, 2, 0],
      ],
      ["+proj=stere +lat_0=-90 +lat_ts=-70 +lon_0=0 +a=6378273 +rf=298.279411123064 +units=m", [2, 0, 0, 0, -2, 0]],
      ["+proj=longlat +ellps=bessel +towgs84=598,73,418,0,0,0,0", [1, 0, 0, 0, -1, 0]],
    ] as const) {
      const info = makeInfo(20, 10, bands, {
        crs: getCrs(crs),
        affine: affine as unknown as WriteInfo["affine"],
        metadata: { MISSION: "a < b" },
      });
      await writeGeotiff(path, { info, options: { threads: 0 } }, stripsOf(info, makePixels(info), 10));
      await using raster = await openRaster(path, { threads: 0 });
      expect(raster.info).toMatchObject({ affine, pixelIs: "area", mask: "nodata", metadata: { MISSION: "a < b" } });
      raster.info.bands.forEach((read, i) => expect(read).toMatchObject({ ...bands[i], color: expect.any(String) }));
      if (crs.startsWith("EPSG")) expect(raster.info.crs?.code).toBe(crs);
      if (crs.includes("+a=")) expect(raster.info.crsNote).toContain("by its parameters");
      else {
        const [lon, lat] = info.crs?.toLonLat(5, 6) ?? [];
        expect(raster.info.crs?.toLonLat(5, 6)[0]).toBeCloseTo(lon ?? Number.NaN, 10);
        expect(raster.info.crs?.toLonLat(5, 6)[1]).toBeCloseTo(lat ?? Number.NaN, 10);
      }
    }
  });

  it("lays a COG out as GDAL's driver: note, directories, smallest level first, each block with its size before and its end behind", async () => {
    const info = makeInfo(100, 60, [band("uint8")]);
    const path = folder.path("cog.tif");
    await writeGeotiff(
      path,
      { info, options: { cog: true, blockSize: 16, threads: 0 } },
      stripsOf(info, makePixels(info), 60),
    );
    const bytes = readFileSync(path);
    expect(bytes.subarray(8, 51).toString("latin1")).toBe("GDAL_STRUCTURAL_METADATA_SIZE=000140 bytes\n");
    await using raster = await openRaster(path, { threads: 0 });
    expect(raster.info.overviews.map(({ width, height }) => [width, height])).toEqual([
      [50, 30],
      [25, 15],
      [13, 8],
    ]);
    // The block before the end is the image's last one.
    const size = bytes.length;
    let at = size;
    const blocks = 7 * 4;
    const places = new Set<number>();
    for (let offset = 0; offset + 8 < size; offset++) {
      const length = bytes.readUInt32LE(offset);
      const end = offset + 4 + length;
      if (
        length > 8 &&
        end + 4 <= size &&
        bytes[offset + 4] === 0x78 &&
        bytes.subarray(end - 4, end).equals(bytes.subarray(end, end + 4))
      ) {
        places.add(offset);
        at = end + 4;
      }
    }
    expect(at).toBe(size);
    expect(places.size).toBe(blocks + 4 * 2 + 2 * 1 + 1);
  });

  it("leaves the old file, and no other, when it fails or is cancelled", async () => {
    const info = makeInfo(64, 64, [band("uint8")]);
    const path = folder.path("kept.tif");
    writeFileSync(path, "old");
    const pixels = makePixels(info);
    const stop = new AbortController();
    const failing = async function* (then: () => void): AsyncGenerator<RasterStrip> {
      yield* stripsOf({ ...info, height: 32 }, pixels, 16);
      then();
      yield* stripsOf({ ...info, height: 32 }, pixels, 16);
    };
    const fail = (): never => {
      throw new Error("the source broke");
    };
    await expect(writeGeotiff(path, { info, options: { threads: 0 } }, failing(fail))).rejects.toThrow(
      "the source broke",
    );
    const cancelled = writeGeotiff(
      path,
      { info, options: { cog: true } },
      failing(() => stop.abort()),
      stop.signal,
    );
    await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
    const short = writeGeotiff(path, { info, options: { threads: 0 } }, stripsOf({ ...info, height: 20 }, pixels, 7));
    await expect(short).rejects.toMatchObject({ code: "argument.invalid", message: "expected 64 rows in all, got 20" });
    const long = writeGeotiff(
      path,
      { info: { ...info, height: 20 }, options: { threads: 0 } },
      stripsOf(info, pixels, 7),
    );
    await expect(long).rejects.toMatchObject({ code: "argument.invalid" });
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(dirname(path))).toEqual(["kept.tif"]);
  });

  it.each([
    [{ blockSize: 100 }, "uint8"],
    [{ predictor: 3 }, "uint8"],
    [{ compression: "jpeg" }, "uint16"],
    [{ compression: "none", predictor: 2 }, "uint8"],
    [{ level: 13 }, "uint8"],
    [{ compression: "webp" }, "uint8"],
  ] as const)("refuses %j for %s and touches nothing", async (options, type) => {
    const info = makeInfo(8, 8, [band(type)]);
    const writing = writeGeotiff(folder.path("none.tif"), { info, options }, stripsOf(info, makePixels(info), 8));
    await expect(writing).rejects.toMatchObject({
      code: "argument.invalid",
      message: expect.stringMatching(/^expected /),
    });
    expect(readdirSync(dirname(folder.path("none.tif")))).toEqual([]);
  });

  it.each([
    [{ blockSize: 16 }, "lzw"],
    [{ blockSize: 128, level: 5 }, "deflate"],
  ] as const)("a COG's blocks lie between their size and their last bytes: %j", async (options, compression) => {
    const info = makeInfo(300, 200, [band("float32")]);
    const path = folder.path("cog.tif");
    await writeGeotiff(
      path,
      { info, options: { cog: true, compression, ...options } },
      stripsOf(info, makePixels(info), 50),
    );
    const source = await openFileSource(path);
    const file = await readDirectories(source);
    const bytes = readFileSync(path);
    let count = 0;
    for (const directory of file.directories) {
      const fields = new FieldValues(file, directory);
      const sizes = (await fields.findNumbers(TAG.tileByteCounts)) ?? [];
      for (const [i, at] of ((await fields.findNumbers(TAG.tileOffsets)) ?? []).entries()) {
        const end = at + (sizes[i] as number);
        expect(bytes.readUInt32LE(at - 4)).toBe(sizes[i]);
        expect(bytes.subarray(end, end + 4)).toEqual(bytes.subarray(end - 4, end));
        count++;
      }
    }
    await source.close();
    expect([file.directories.length > 1, count > file.directories.length]).toEqual([true, true]);
  });

  it("writes statistics of what is data", async () => {
    const info = makeInfo(40, 20, [band("float32", { nodata: -1 })]);
    const pixels = new Float32Array(800).map((_, i) => (i % 3 === 0 ? -1 : i % 5 === 0 ? Number.NaN : 1000 + (i % 11)));
    const path = folder.path("counted.tif");
    await writeGeotiff(path, { info, options: { blockSize: 16, threads: 0 } }, stripsOf(info, [pixels], 20));
    const valid = [...pixels].filter((value) => value >= 0);
    const mean = valid.reduce((sum, value) => sum + value, 0) / valid.length;
    const deviation = Math.sqrt(valid.reduce((sum, value) => sum + (value - mean) ** 2, 0) / valid.length);
    const text = readFileSync(path, "latin1");
    const said = (name: string): number =>
      Number(new RegExp(`STATISTICS_${name}" sample="0">([^<]+)<`).exec(text)?.[1]);
    expect([said("MINIMUM"), said("MAXIMUM")]).toEqual([1000, 1010]);
    expect(said("MEAN")).toBeCloseTo(mean, 9);
    expect(said("STDDEV")).toBeCloseTo(deviation, 9);
  });
});

describe("halve", () => {
  it("takes the mean of what is data, rounded half up, or every second pixel; edges have what is there", () => {
    const pixels = Int16Array.of(1, 2, 9, 4, -9, 9, -9, -9, 7);
    const size = { width: 3, height: 3 };
    expect([...halve(pixels, size, "int16", -9, "average")]).toEqual([2, 9, -9, 7]);
    expect([...halve(pixels, size, "int16", -9, "nearest")]).toEqual([1, 9, -9, 7]);
    expect([...halve(Int16Array.of(-1, -2), { width: 2, height: 1 }, "int16", null, "average")]).toEqual([-1]);
    expect([...halve(Float32Array.of(Number.NaN, 3), { width: 1, height: 2 }, "float32", null, "average")]).toEqual([
      3,
    ]);
  });
});

describe("packLzw", () => {
  it("gives what unpackLzw takes, whatever the bytes and however many", () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ max: 2, maxLength: 9000, size: "max" }));
    fc.assert(
      fc.property(bytes, (data) => {
        expect([...unpackLzw(packLzw(data), data.length)]).toEqual([...data]);
      }),
      { numRuns: 200 },
    );
    const noise = new Uint8Array(300_000).map((_, i) => (i * 2654435761) >>> 13);
    expect(unpackLzw(packLzw(noise), noise.length)).toEqual(noise);
  });
});

describe("joinStatistics", () => {
  it("gives those of both together", () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(number), fc.array(number), (one, other) => {
        const of = (values: number[]) =>
          statisticsOf(Float64Array.from(values), values.length, { width: values.length, height: 1 }, null);
        const joined = joinStatistics(of(one), of(other));
        const all = of([...one, ...other]);
        expect([joined.count, joined.least, joined.most]).toEqual([all.count, all.least, all.most]);
        expect(Math.abs(joined.mean - all.mean)).toBeLessThan(1e-6);
        expect(Math.abs(joined.spread - all.spread)).toBeLessThanOrEqual(1e-9 * all.spread + 1e-3);
      }),
    );
  });
});

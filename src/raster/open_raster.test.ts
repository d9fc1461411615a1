import { writeFileSync } from "node:fs";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { imageFields, tiffFile, type TiffField } from "../../test/support/tiff_file.ts";
import { memoryByteSource } from "../core/index.ts";
import { crsToWkt1, getCrs } from "../crs/index.ts";
import { FIELD, TAG } from "./geotiff/tiff_tags.ts";
import { openRaster, openRasterSource } from "./open_raster.ts";
import { parseWorldFile } from "./side_files.ts";

const folder = useTempFolder();

const openText = (text: string) => openRasterSource(memoryByteSource(Buffer.from(text), "made.asc"));

async function readAll(text: string): Promise<number[]> {
  await using raster = await openText(text);
  const { width, height } = raster.info;
  return [...((await raster.readWindow({ x: 0, y: 0, width, height })).bands[0] ?? [])];
}

describe("ESRI ASCII grid", () => {
  const head = "ncols 3\nNROWS 2\nxllcorner 100\nyllcorner 200\ncellsize 10\n";

  it("reads integers as int32 and anything with a fraction as float32, however the lines are broken", async () => {
    expect(await readAll(`${head}1 2 3\n4 5 -6\n`)).toEqual([1, 2, 3, 4, 5, -6]);
    expect(await readAll(`${head}1 2\r\n3 4\t5\r\n6.5`)).toEqual([1, 2, 3, 4, 5, 6.5]);
    expect(await readAll(`${head}1e2 -.5 +3 0.1 nan 123456789012345678901`)).toEqual([
      100,
      -0.5,
      3,
      Math.fround(0.1),
      Number.NaN,
      Math.fround(1.2345678901234568e20),
    ]);
  });

  it("places corners and middles, and says what is no data", async () => {
    await using corner = await openText(`${head}NODATA_value -1\n1 2 3 4 5 -1\n`);
    expect(corner.info).toMatchObject({
      affine: [10, 0, 100, 0, -10, 220],
      mask: "nodata",
      bands: [{ type: "int32", nodata: -1 }],
    });
    const { validity } = await corner.readWindow({ x: 1, y: 1, width: 2, height: 1 }, { validity: true });
    expect(validity).toEqual([Uint8Array.of(1, 0)]);
    await using center = await openText("ncols 1\nnrows 1\nxllcenter 5\nyllcenter 5\ndx 2\ndy 4\n7");
    expect(center.info.affine).toEqual([2, 0, 4, 0, -4, 7]);
  });

  it("reads rows in any order, over many reads of the file", async () => {
    const rows = Array.from({ length: 400 }, (_, y) =>
      Array.from({ length: 500 }, (_, x) => `${x * 7 - y}${" ".repeat(1 + ((x + y) % 3))}`).join(""),
    );
    await using raster = await openText(
      `ncols 500\nnrows 400\nxllcorner 0\nyllcorner 0\ncellsize 1\n${rows.join("\n")}`,
    );
    for (const y of [399, 0, 200, 131]) {
      const { bands } = await raster.readWindow({ x: 490, y, width: 2, height: 1 });
      expect([...(bands[0] ?? [])]).toEqual([490 * 7 - y, 491 * 7 - y]);
    }
  });

  it.each([
    [`${head}1 2 3 4 5`, "raster.truncated"],
    [`${head}1 2 x 4 5 6`, "raster.damaged"],
    [`${head}1 2 99999999999 4 5 6`, "raster.damaged"],
    ["ncols 3\nnrows -2\n1", "raster.damaged"],
    ["ncols 30000000\nnrows 2\n1", "raster.tooLarge"],
    ["ncols 3\nnrows 2\n1 2 3 4 5 6", "raster.damaged"],
  ])("refuses %j", async (text, code) => {
    await expect(readAll(text)).rejects.toMatchObject({ code });
  });
});

describe("files beside an image", () => {
  it("a world file speaks of the middle of the first pixel", () => {
    expect(parseWorldFile("2\n0\n0\n-2\n101\n199\n")).toEqual([2, 0, 100, 0, -2, 200]);
    expect(parseWorldFile("2\n0\n0\n-2\n101")).toBeNull();
    expect(parseWorldFile("0\n0\n0\n0\n1\n1")).toBeNull();
  });

  it("place a PNG and a JPEG, whose pixels are read as they are", async () => {
    const pixels = Buffer.from(Array.from({ length: 5 * 4 * 3 }, (_, i) => i * 4));
    const image = sharp(pixels, { raw: { width: 5, height: 4, channels: 3 } });
    writeFileSync(folder.path("a.png"), await image.clone().png().toBuffer());
    writeFileSync(folder.path("a.pgw"), "10\n0\n0\n-10\n5\n35\n");
    writeFileSync(folder.path("a.prj"), crsToWkt1(getCrs("EPSG:2056")));
    await using raster = await openRaster(folder.path("a.png"));
    expect(raster.info).toMatchObject({ format: "PNG", affine: [10, 0, 0, 0, -10, 40], crs: { code: "EPSG:2056" } });
    const { bands } = await raster.readWindow({ x: 1, y: 2, width: 2, height: 1 });
    expect(bands.map((band) => [...band])).toEqual([0, 1, 2].map((c) => [11, 12].map((i) => (i * 3 + c) * 4)));
    writeFileSync(folder.path("b.jpg"), await image.jpeg().toBuffer());
    await using photo = await openRaster(folder.path("b.jpg"));
    expect(photo.info).toMatchObject({ format: "JPEG", affine: null, crs: null, placeNote: "no world file" });
  });

  it("reads PNG of 16 bits, grey and with opacity", async () => {
    const pixels = Uint16Array.of(1, 40_000, 300, 65_535);
    const png = await sharp(pixels, { raw: { width: 2, height: 2, channels: 1 } })
      .toColourspace("grey16")
      .png()
      .toBuffer();
    await using raster = await openRasterSource(memoryByteSource(png, "a.png"));
    expect([...((await raster.readWindow({ x: 0, y: 0, width: 2, height: 2 })).bands[0] ?? [])]).toEqual([...pixels]);
    const clear = await sharp(Buffer.from([9, 8, 7, 0, 6, 5, 4, 255]), { raw: { width: 2, height: 1, channels: 4 } })
      .png()
      .toBuffer();
    await using rgba = await openRasterSource(memoryByteSource(clear, "b.png"));
    const { validity } = await rgba.readWindow({ x: 0, y: 0, width: 2, height: 1 }, { bands: [0], validity: true });
    expect([rgba.info.mask, validity]).toEqual(["alpha", [Uint8Array.of(0, 1)]]);
  });
});

describe("a TIFF's own place", () => {
  const open = (fields: TiffField[]) =>
    openRasterSource(
      memoryByteSource(
        tiffFile({
          pages: [
            { fields: [...imageFields({ width: 2, height: 2, block: 2 }), ...fields], blocks: [new Uint8Array(4)] },
          ],
        }),
      ),
    );
  const scale: TiffField = [TAG.modelPixelScale, FIELD.double, [10, 20, 0]];
  const tie: TiffField = [TAG.modelTiepoint, FIELD.double, [1, 1, 0, 110, 180, 0]];

  it("speaks of corners, whatever the file's pixels are", async () => {
    expect((await open([scale, tie])).info).toMatchObject({ affine: [10, 0, 100, 0, -20, 200], pixelIs: "area" });
    const point: TiffField = [TAG.geoKeyDirectory, FIELD.short, [1, 1, 0, 1, 1025, 0, 1, 2]];
    expect((await open([scale, tie, point])).info).toMatchObject({
      affine: [10, 0, 95, 0, -20, 210],
      pixelIs: "point",
    });
    const matrix: TiffField = [
      TAG.modelTransformation,
      FIELD.double,
      [1, 2, 0, 3, 4, -5, 0, 6, 0, 0, 0, 0, 0, 0, 0, 1],
    ];
    expect((await open([matrix, scale, tie])).info.affine).toEqual([1, 2, 3, 4, -5, 6]);
  });

  it("is none with control points alone, and says so", async () => {
    const points: TiffField = [TAG.modelTiepoint, FIELD.double, Array.from({ length: 18 }, (_, i) => i)];
    const { info } = await open([points]);
    expect([info.affine, info.placeNote]).toEqual([null, expect.stringContaining("3 ground control points")]);
  });
});

describe("SRTM", () => {
  it("is placed by its name, half a cell out", async () => {
    const bytes = Buffer.alloc(1201 * 1201 * 2);
    bytes.writeInt16BE(-32_768, 0);
    bytes.writeInt16BE(1234, 1201 * 1201 * 2 - 2);
    await using raster = await openRasterSource(memoryByteSource(bytes, "S01E010.hgt"), { threads: 0 });
    const { affine } = raster.info;
    expect(affine?.[2]).toBeCloseTo(10 - 1 / 2400, 12);
    expect(affine?.[5]).toBeCloseTo(0 + 1 / 2400, 12);
    const { bands } = await raster.readWindow({ x: 1200, y: 1200, width: 1, height: 1 });
    expect(bands[0]?.[0]).toBe(1234);
    await expect(openRasterSource(memoryByteSource(bytes, "dem.hgt"))).rejects.toMatchObject({
      code: "raster.damaged",
    });
  });
});

it("says what it got instead of a raster", async () => {
  for (const [bytes, message] of [
    ["PK\x03\x04", /a zip archive: unpack it first/],
    ["Lerc2 ....", /a bare LERC block/],
    ["{}", /begins '\{\}'/],
    ["", /an empty file/],
  ] as const)
    await expect(openRasterSource(memoryByteSource(Buffer.from(bytes, "latin1"), "x"))).rejects.toMatchObject({
      code: "raster.unknown",
      message: expect.stringMatching(message),
    });
  await expect(openRaster(folder.path("none.tif"))).rejects.toMatchObject({ code: "store.missing" });
});

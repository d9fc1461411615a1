import { expect, it } from "vitest";
import { imageFields, tiffFile, type TiffField } from "../../test/support/tiff_file.ts";
import { memoryByteSource } from "../core/index.ts";
import { FIELD, TAG } from "./geotiff/tiff_tags.ts";
import { openRasterSource } from "./open_raster.ts";
import { computeHistogram, computeStatistics } from "./raster_statistics.ts";

const open = (fields: TiffField[], blocks: Uint8Array[], samples = 1) =>
  openRasterSource(
    memoryByteSource(
      tiffFile({
        pages: [{ fields: [...imageFields({ width: 4, height: 2, block: 1, samples }), ...fields], blocks }],
      }),
    ),
    { threads: 0 },
  );

const rows = [Uint8Array.of(1, 2, 3, 255), Uint8Array.of(4, 5, 6, 255)];

it("counts what is data, in one pass, and tells how far it is", async () => {
  await using raster = await open([[TAG.gdalNodata, FIELD.ascii, "255"]], rows);
  const seen: number[] = [];
  const [band] = await computeStatistics(raster, { onProgress: (done) => seen.push(done) });
  expect(band).toMatchObject({ count: 6, missing: 2, least: 1, most: 6, mean: 3.5 });
  expect(band?.deviation).toBeCloseTo(Math.sqrt(35 / 12), 12);
  expect(seen.at(-1)).toBe(8);
});

it("takes what an opacity of 0 hides for no data", async () => {
  const alpha: TiffField = [TAG.extraSamples, FIELD.short, [2]];
  const pairs = [Uint8Array.of(9, 255, 8, 0, 7, 1, 6, 0), new Uint8Array(8)];
  await using raster = await open([alpha], pairs, 2);
  const [first] = await computeStatistics(raster, { bands: [0] });
  expect(first).toMatchObject({ count: 2, missing: 6, least: 7, most: 9 });
});

it("puts values into buckets, the greatest into the last", async () => {
  await using raster = await open([], rows);
  const [all] = await computeHistogram(raster, { buckets: 2, least: 2, most: 6 });
  expect(all).toEqual({ counts: [2, 3], below: 1, above: 2 });
  await expect(computeHistogram(raster, { buckets: 0, least: 0, most: 1 })).rejects.toMatchObject({
    code: "argument.invalid",
  });
  await using empty = await open([[TAG.gdalNodata, FIELD.ascii, "0"]], [new Uint8Array(4), new Uint8Array(4)]);
  expect(await computeStatistics(empty)).toEqual([
    { count: 0, missing: 8, least: null, most: null, mean: null, deviation: null },
  ]);
});

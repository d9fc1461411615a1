import { existsSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openRaster } from "../../src/raster/index.ts";
import { runTilth } from "../support/run_tilth.ts";
import { useTempFolder } from "../support/temp_folder.ts";

const folder = useTempFolder();
const GRID = "ncols 3\nnrows 2\nxllcorner 10\nyllcorner 20\ncellsize 1\nNODATA_value -9999\n1 2 3\n4.5 -9999 6\n";

it("describes, counts and converts a raster", async () => {
  const path = folder.path("a.asc");
  writeFileSync(path, GRID);
  const info = await runTilth(["raster", "info", path, "--json"]);
  expect(info).toMatchObject({
    code: 0,
    report: { width: 3, height: 2, crs: null, mask: "nodata", affine: [1, 0, 10, 0, -1, 22] },
  });
  const stats = await runTilth(["raster", "stats", path, "--json"]);
  expect(stats.report).toMatchObject({ bands: [{ count: 5, missing: 1, least: 1, most: 6, mean: 3.3 }] });
  const histogram = await runTilth(["raster", "histogram", path, "--buckets", "5", "--json"]);
  expect(histogram.report).toMatchObject({ least: 1, most: 6, counts: [1, 1, 1, 1, 1] });
  const out = folder.path("a.tif");
  const converted = await runTilth([
    "raster",
    "convert",
    path,
    "--out",
    out,
    "--cog",
    "--compression",
    "lzw",
    "--json",
  ]);
  expect(converted).toMatchObject({ code: 0, report: { width: 3, height: 2, bands: 1 } });
  await using raster = await openRaster(out);
  const { bands } = await raster.readWindow({ x: 0, y: 0, width: 3, height: 2 });
  expect([...(bands[0] ?? [])]).toEqual([1, 2, 3, 4.5, -9999, 6]);
});

it("refuses bad usage with 2 and a file that is no raster with 1, and touches nothing", async () => {
  const path = folder.path("a.asc");
  writeFileSync(path, GRID);
  const out = folder.path("b.tif");
  const usage = await runTilth(["raster", "convert", path, "--out", out, "--compression", "zip", "--json"]);
  expect(usage).toMatchObject({ code: 2, report: { error: { code: "argument.invalid" } } });
  writeFileSync(path, "nothing of the kind");
  const unknown = await runTilth(["raster", "convert", path, "--out", out, "--json"]);
  expect(unknown).toMatchObject({ code: 1, report: { error: { code: "raster.unknown" } } });
  expect(existsSync(out)).toBe(false);
});

it("warps, clips, calculates, joins and fills", async () => {
  const path = folder.path("a.asc");
  writeFileSync(path, GRID);
  writeFileSync(folder.path("a.prj"), "EPSG:4326");
  const run = async (...words: string[]) => {
    const out = folder.path(`${words[0]}.tif`);
    const { code, report } = await runTilth(["raster", ...words, "--out", out, "--json"]);
    expect({ code, report }).toMatchObject({ code: 0, report: { out } });
    await using raster = await openRaster(out);
    const { width, height } = raster.info;
    const { bands } = await raster.readWindow({ x: 0, y: 0, width, height });
    return { width, height, crs: raster.info.crs?.code, pixels: [...(bands[0] ?? [])] };
  };
  expect(await run("clip", path, "--bbox", "11.2,20.2,12.8,20.9")).toMatchObject({ width: 2, pixels: [-9999, 6] });
  expect(await run("calc", "b1 > 2 ? b1 * 2 : 0", path)).toMatchObject({ pixels: [0, 0, 6, 9, Number.NaN, 12] });
  expect(await run("calc", "a + b.b1", `a=${path}:1`, `b=${path}`, "--type", "int16", "--nodata", "-1")).toMatchObject({
    pixels: [2, 4, 6, 9, -1, 12],
  });
  expect(await run("fill-nodata", path)).toMatchObject({ pixels: [1, 2, 3, 4.5, 4, 6] });
  expect(await run("mosaic", path, path)).toMatchObject({ pixels: [1, 2, 3, 4.5, -9999, 6] });
  expect(await run("warp", path, "--crs", "EPSG:3857", "--resampling", "nearest")).toMatchObject({ crs: "EPSG:3857" });
  expect(await run("warp", path, "--size", "6x4", "--resampling", "nearest")).toMatchObject({ width: 6, height: 4 });
  expect(await run("warp", path, "--like", folder.path("clip.tif"), "--resampling", "nearest")).toMatchObject({
    pixels: [-9999, 6],
  });
});

it.each([
  [["warp", "FILE", "--like", "FILE", "--size", "2x2"], "--like FILE alone"],
  [["clip", "FILE"], "expected one area"],
  [["clip", "FILE", "--bbox", "170,0,-170,10"], "antimeridian"],
  [["calc", "a+b", "a=FILE"], "names 'b'"],
  [["calc", "a+", "a=FILE"], "cannot be read"],
  [["calc", "a", "a=FILE:7"], "band of 1 to 1"],
  [["calc", "b1", "FILE", "FILE"], "each name once"],
  [["mosaic", "FILE", "--top", "middle"], "--top"],
  [["fill-nodata", "FILE", "--distance", "0"], "--distance"],
  [["warp", "FILE", "--crs", "EPSG:1"], "EPSG:1"],
])("refuses %o", async (words, message) => {
  const path = folder.path("a.asc");
  writeFileSync(path, GRID);
  const out = folder.path("b.tif");
  const named = words.map((word) => word.replace("FILE", path));
  const { code, report } = await runTilth(["raster", ...named, "--out", out, "--json"]);
  expect({ code, report }).toMatchObject({ report: { error: { message: expect.stringContaining(message) } } });
  expect([1, 2]).toContain(code);
  expect(existsSync(out)).toBe(false);
});

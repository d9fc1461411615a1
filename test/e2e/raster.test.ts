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

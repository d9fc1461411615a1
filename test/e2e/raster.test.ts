import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { expect, it } from "vitest";
import { openRaster } from "../../src/raster/index.ts";
import { interruptWhen } from "../support/interrupt_when.ts";
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

/** Heights of 10 x 10 cells of 0.1 degree, as a grid and as the tiles of a cache. */
async function makeTiles(): Promise<{ grid: string; tiles: string }> {
  const rows = Array.from({ length: 10 }, (_, y) => Array.from({ length: 10 }, (_, x) => 100 * x + 10 * y).join(" "));
  const grid = folder.path("dem.asc");
  writeFileSync(grid, `ncols 10\nnrows 10\nxllcorner 10\nyllcorner 50\ncellsize 0.1\n${rows.join("\n")}\n`);
  writeFileSync(folder.path("dem.prj"), "EPSG:4326");
  const tiles = folder.path("dem.gpkg");
  const tiled = await runTilth([
    "raster",
    "tile",
    grid,
    "--elevation",
    "terrarium",
    "--zoom",
    "0-6",
    "--out",
    tiles,
    "--json",
  ]);
  expect(tiled).toMatchObject({ code: 0, report: { complete: true, failed: 0, cancelled: 0 } });
  return { grid, tiles };
}

it("makes tiles of a raster, proves them whole, and reads them again as a raster", async () => {
  const { grid, tiles } = await makeTiles();
  expect(await runTilth(["verify", tiles, "--json"])).toMatchObject({ code: 0 });
  const again = await runTilth([
    "raster",
    "tile",
    grid,
    "--elevation",
    "terrarium",
    "--zoom",
    "0-6",
    "--out",
    tiles,
    "--json",
  ]);
  expect(again).toMatchObject({ code: 0, report: { stored: 0, complete: true } });
  const stats = await runTilth(["raster", "stats", `${tiles}?elevation=auto&zoom=6`, "--json"]);
  const [band] = (stats.report as { bands: { least: number; most: number }[] }).bands;
  expect(band?.least).toBeGreaterThanOrEqual(0);
  expect(band?.most).toBeLessThanOrEqual(990);
  expect((band?.most ?? 0) - (band?.least ?? 0)).toBeGreaterThan(800);
  expect(await runTilth(["raster", "info", `${tiles}?zoom=3`, "--json"])).toMatchObject({
    report: { crs: "EPSG:3857", width: 256 },
  });
  expect(await runTilth(["raster", "info", `${tiles}?depth=3`, "--json"])).toMatchObject({ code: 2 });
});

it("shades elevation tiles into tiles", async () => {
  const { tiles } = await makeTiles();
  const out = folder.path("shade.mbtiles");
  const shaded = await runTilth(["terrain", "hillshade", tiles, "--out", out, "--json"]);
  expect(shaded).toMatchObject({ code: 0, report: { analysis: "hillshade", complete: true } });
  expect(await runTilth(["verify", out, "--json"])).toMatchObject({ code: 0 });
  const slope = await runTilth(["terrain", "slope", tiles, "--out", folder.path("slope.gpkg"), "--json"]);
  expect(slope).toMatchObject({ code: 2, report: { error: { message: expect.stringContaining("--stretch") } } });
  const colours = await runTilth(["terrain", "hillshade", out, "--out", folder.path("no.tif"), "--json"]);
  expect(colours).toMatchObject({ code: 1, report: { error: { code: "raster.unsupported" } } });
});

it("reads a GeoTIFF at an address, by ranges", async () => {
  const { grid } = await makeTiles();
  const path = folder.path("cog.tif");
  expect(await runTilth(["raster", "convert", grid, "--cog", "--out", path])).toMatchObject({ code: 0 });
  const bytes = readFileSync(path);
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    asked.push(request.headers.range ?? "all");
    const [from, to] = [Number(match?.[1]), Math.min(Number(match?.[2]), bytes.length - 1)];
    const headers = { "content-range": `bytes ${from}-${to}/${bytes.length}`, etag: '"1"' };
    response.writeHead(206, headers).end(bytes.subarray(from, to + 1));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/cog.tif?token=secretvalue`;
    const stats = await runTilth(["raster", "stats", url, "--json"]);
    expect(stats).toMatchObject({ code: 0, report: { bands: [{ count: 100, least: 0, most: 990 }] } });
    expect(JSON.stringify(stats)).not.toContain("secretvalue");
    expect(asked.length).toBeGreaterThan(0);
    expect(asked).not.toContain("all");
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

it.each([
  ["convert", []],
  ["warp", ["--crs", "EPSG:3857"]],
  ["calc", []],
  ["fill-nodata", ["--distance", "200"]],
])("%s: SIGINT leaves the old file and no other", async (command, more) => {
  const columns = 2_000;
  const line = Array.from({ length: columns }, (_, x) => (x % 7 === 0 ? -9999 : (x * 7919) % 1000)).join(" ");
  const head = `ncols ${columns}\nnrows 1500\nxllcorner 10\nyllcorner 20\ncellsize 0.001\nNODATA_value -9999\n`;
  writeFileSync(folder.path("big.asc"), head + `${line}\n`.repeat(1_500));
  writeFileSync(folder.path("big.prj"), "EPSG:4326");
  const out = folder.path("out.tif");
  writeFileSync(out, "what was there before");
  const inputs = command === "calc" ? ["b1 * 2", folder.path("big.asc")] : [folder.path("big.asc")];
  const slow = ["--compression", "zstd", "--level", "22", "--block-size", "2048"];
  const run = await runTilth(["raster", command, ...inputs, ...more, "--out", out, ...slow, "--json"], {
    onStart: interruptWhen(() => readdirSync(dirname(out)).some((name) => name.includes("partial"))),
  });
  expect({ code: run.code, report: run.report }).toMatchObject({ code: 130, report: { error: { code: "cancelled" } } });
  expect(readdirSync(dirname(out)).toSorted()).toEqual(["big.asc", "big.prj", "out.tif"]);
  expect(readFileSync(out, "utf8")).toBe("what was there before");
});

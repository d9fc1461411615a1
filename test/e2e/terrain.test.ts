import { readdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openRaster, type PixelArray } from "../../src/raster/index.ts";
import { interruptWhen } from "../support/interrupt_when.ts";
import { runTilth, type TilthRun } from "../support/run_tilth.ts";
import { useTempFolder } from "../support/temp_folder.ts";

const folder = useTempFolder();

/** A plane that rises 3 in 10 to the east and 4 in 10 to the north, and a hole. */
function writeDem(columns = 6, rows = 5): string {
  const path = folder.path("dem.asc");
  const lines = Array.from({ length: rows }, (_, y) =>
    Array.from({ length: columns }, (_each, x) => (x === 5 && y === 4 ? -9999 : 100 + 3 * x - 4 * y)).join(" "),
  );
  writeFileSync(
    path,
    `ncols ${columns}\nnrows ${rows}\nxllcorner 0\nyllcorner 0\ncellsize 10\nNODATA_value -9999\n${lines.join("\n")}\n`,
  );
  return path;
}

async function terrain(...args: string[]): Promise<{ run: TilthRun; bands: readonly PixelArray[] }> {
  const out = folder.path("out.tif");
  const run = await runTilth(["terrain", ...args, "--out", out, "--json"]);
  if (run.code !== 0) return { run, bands: [] };
  await using raster = await openRaster(out);
  const { width, height } = raster.info;
  return { run, bands: (await raster.readWindow({ x: 0, y: 0, width, height })).bands };
}

describe("tilth terrain", () => {
  it.each([
    ["slope --percent", 50],
    ["slope --percent --scale 2", 25],
    ["aspect", 216.87],
    ["aspect --trigonometric --alg zevenbergen-thorne", 233.13],
    ["hillshade --azimuth 216.8699 --altitude 63.4349", 255],
    ["tpi", 0],
    ["roughness", 14],
    ["tri --alg wilson", 3.75],
    ["curvature --kind plan", 0],
  ])("%s of a plane", async (words, expected) => {
    const [command = "", ...options] = words.split(" ");
    const { run, bands } = await terrain(command, writeDem(), ...options);
    expect([run.code, run.stderr]).toEqual([0, ""]);
    expect(run.report).toMatchObject({ analysis: command, width: 6, height: 5, bands: 1 });
    // Column 2 of row 2, and the corner, which has no neighbours.
    expect(bands[0]?.[14]).toBeCloseTo(expected, 2);
    expect(bands[0]?.[0]).toBe(command === "hillshade" ? 0 : -9999);
  });

  it("gives edges a value when it is told to, but not holes", async () => {
    const { bands } = await terrain("slope", writeDem(), "--percent", "--compute-edges", "--cog");
    expect([...(bands[0] ?? [])].filter((value) => value === -9999)).toHaveLength(1);
  });

  it("colours heights by a file, a palette or a name", async () => {
    const dem = writeDem();
    writeFileSync(folder.path("a.txt"), "0% black\n100% 200 100 50\nnv 1 2 3\n");
    const byFile = await terrain("color-relief", dem, "--colors", folder.path("a.txt"));
    expect(byFile.bands).toHaveLength(3);
    expect(byFile.bands.map((band) => [band[5], band[24], band[29]])).toEqual([
      [200, 0, 1],
      [100, 0, 2],
      [50, 0, 3],
    ]);
    writeFileSync(folder.path("a.cpt"), "84 0 0 0 115 62 31 31\n");
    const byPalette = await terrain("color-relief", dem, "--colors", folder.path("a.cpt"), "--alpha");
    expect(byPalette.bands.map((band) => band[0])).toEqual([32, 16, 16, 255]);
    const byName = await terrain("color-relief", dem, "--colors", "grey", "--match", "nearest", "--alpha");
    expect(byName.bands.map((band) => [band[24], band[29]])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
      [255, 0],
    ]);
  });

  it.each([
    [["slope"], /missing required argument/],
    [["hillshade", "DEM", "--altitude", "100"], /--altitude as a number from 0 to 90/],
    [["hillshade", "DEM", "--combined", "--multidirectional"], /got both/],
    [["slope", "DEM", "--band", "2"], /--band/],
    [["tri", "DEM", "--alg", "horn"], /riley, wilson/],
    [["slope", "DEM", "--alg", "sobel"], /horn, zevenbergen-thorne/],
    [["slope", "DEM", "--compression", "jpeg"], /none, deflate, lzw, zstd/],
    [["color-relief", "DEM"], /--colors/],
    [["color-relief", "DEM", "--colors", "rainbow"], /grey, land/],
    [["color-relief", "DEM", "--colors", "none.txt"], /a colour file at none.txt/],
  ])("refuses %j and leaves nothing", async (args, message) => {
    const dem = writeDem();
    const { run } = await terrain(...args.map((arg) => (arg === "DEM" ? dem : arg)));
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(message);
    expect(readdirSync(folder.path("."))).toEqual(["dem.asc"]);
  });

  it("writes its file also when nobody reads what it says", async () => {
    const out = folder.path("out.tif");
    const run = await runTilth(["terrain", "slope", writeDem(), "--out", out, "--verbose"], {
      onStart: ({ stdout, stderr }) => {
        stdout?.destroy();
        stderr?.destroy();
      },
    });
    expect(run.code).toBe(0);
    await using raster = await openRaster(out);
    expect(raster.info).toMatchObject({ width: 6, height: 5 });
  });

  it("stopped by a signal leaves nothing behind", async () => {
    const dem = writeDem(4000, 1500);
    const out = folder.path("out.tif");
    const run = await runTilth(["terrain", "curvature", dem, "--out", out, "--compression", "zstd", "--level", "19"], {
      onStart: interruptWhen(() => readdirSync(folder.path(".")).some((name) => name.startsWith("out"))),
    });
    expect(run.code).toBe(130);
    expect(readdirSync(folder.path("."))).toEqual(["dem.asc"]);
  });
});

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openRaster, type PixelArray } from "../../src/raster/index.ts";
import { interruptWhen } from "../support/interrupt_when.ts";
import { runTilth } from "../support/run_tilth.ts";
import { useTempFolder } from "../support/temp_folder.ts";

const folder = useTempFolder();

/** Rises 10 a cell to the east up to a wall of 200, behind which it is level; a hole in the last cell. */
function writeDem(): string {
  const path = folder.path("dem.asc");
  const line = (last: number): string => [0, 10, 20, 30, 200, 40, 40, last].join(" ");
  const head = "ncols 8\nnrows 3\nxllcorner 0\nyllcorner 0\ncellsize 10\nNODATA_value -9999\n";
  writeFileSync(path, `${head}${line(40)}\n${line(40)}\n${line(-9999)}\n`);
  return path;
}

async function firstRow(path: string): Promise<number[]> {
  await using raster = await openRaster(path);
  const { bands } = await raster.readWindow({ x: 0, y: 0, width: raster.info.width, height: 1 });
  return [...(bands[0] as PixelArray)];
}

describe("tilth terrain reclassify", () => {
  const out = (): string => folder.path("out.tif");

  it.each([
    ["--method equal --classes 2", [1, 1, 1, 1, 2, 1, 1, 1]],
    ["--method step --step 20", [1, 1, 2, 2, 11, 3, 3, 3]],
    ["--method target --classes 4", [1, 1, 1, 1, 3, 1, 1, 1]],
    ["--method quantile --classes 2", [1, 1, 1, 1, 2, 2, 2, 2]],
    ["--method natural --classes 2", [1, 1, 1, 1, 2, 1, 1, 1]],
    ["--method breaks --breaks 15,100", [1, 1, 2, 2, 3, 2, 2, 2]],
  ])("%s", async (words, expected) => {
    const run = await runTilth(["terrain", "reclassify", writeDem(), ...words.split(" "), "--out", out(), "--json"]);
    expect([run.code, run.stderr]).toEqual([0, ""]);
    expect(run.report).toMatchObject({ analysis: "reclassify", width: 8, height: 3, missing: 1, type: "uint8" });
    expect(await firstRow(out())).toEqual(expected);
  });

  it("by sectors, with their names", async () => {
    const words = ["--method", "sectors", "--sectors", "4", "--out", out(), "--json"];
    const run = await runTilth(["terrain", "reclassify", writeDem(), ...words]);
    expect(run.report).toMatchObject({
      classes: [{ name: "N" }, { name: "E" }, { name: "S" }, { name: "W", cells: 4 }],
    });
  });

  it.each([
    [["--method", "jenks"], /--method equal, step/],
    [["--method", "step"], /--step N/],
    [["--method", "step", "--step", "0"], /--step as a number/],
    [["--method", "breaks"], /--breaks A,B,C/],
    [["--classes", "nan"], /--classes/],
    [["--method", "natural", "--classes", "300"], /--classes/],
    [["--method", "sectors", "--sectors", "6"], /--sectors 4, 8, 16/],
  ])("refuses %j and leaves nothing", async (args, message) => {
    const run = await runTilth(["terrain", "reclassify", writeDem(), ...args, "--out", out()]);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(message);
    expect(readdirSync(folder.path("."))).toEqual(["dem.asc"]);
  });
});

describe("tilth terrain viewshed", () => {
  const viewshed = (...args: string[]) =>
    runTilth(["terrain", "viewshed", writeDem(), ...args, "--out", folder.path("out.tif"), "--json"]);

  it("shows what lies before a wall", async () => {
    const run = await viewshed("--observer", "5,25", "--observer-height", "30");
    expect([run.code, run.stderr]).toEqual([0, ""]);
    expect(run.report).toMatchObject({ analysis: "viewshed", width: 8, height: 3, observer: [5, 25] });
    expect(await firstRow(folder.path("out.tif"))).toEqual([255, 255, 255, 255, 255, 0, 0, 0]);
  });

  it("reaches as far as it is told to, with other values", async () => {
    const run = await viewshed("--observer", "5,25", "--max-distance", "20", "--visible", "1", "--out-of-range", "9");
    expect(run.report).toMatchObject({ width: 3, height: 3 });
    expect(await firstRow(folder.path("out.tif"))).toEqual([1, 1, 1]);
  });

  it.each([
    [[], /--observer X,Y/],
    [["--observer", "5,25", "--observer-lonlat", "5,25"], /either --observer/],
    [["--observer", "5"], /two numbers/],
    [["--observer", "5,100"], /within the DEM/],
    [["--observer", "75,5"], /has a height/],
    [["--observer-lonlat", "5,25"], /a DEM with a CRS/],
    [["--observer", "5,25", "--max-distance", "-1"], /--max-distance/],
    [["--observer", "5,25", "--visible", "256"], /--visible/],
  ])("refuses %j and leaves nothing", async (args, message) => {
    const run = await viewshed(...args);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(message);
    expect(readdirSync(folder.path("."))).toEqual(["dem.asc"]);
  });
});

describe("tilth terrain profile", () => {
  /** In degrees, at the equator. */
  function writeDegrees(): string {
    const path = folder.path("dem.asc");
    writeFileSync(path, "ncols 4\nnrows 2\nxllcorner 10\nyllcorner -0.01\ncellsize 0.01\n0 10 20 30\n0 10 20 30\n");
    writeFileSync(
      folder.path("dem.prj"),
      'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]',
    );
    return path;
  }

  it("prints a table, metres along the ellipsoid", async () => {
    const run = await runTilth(["terrain", "profile", writeDegrees(), "--line", "10.005,0;10.025,0", "--step", "1000"]);
    expect([run.code, run.stderr]).toEqual([0, ""]);
    const rows = run.stdout.trimEnd().split("\n");
    expect(rows[0]).toBe("line,distance,x,y,height");
    expect(rows.map((row) => row.split(",")[1])).toEqual(["distance", "0", "1000", "2000", "2226.389816"]);
    expect(Number(rows.at(-1)?.split(",").at(-1))).toBeCloseTo(20, 6);
  });

  it("writes points of the lines of a GeoJSON file", async () => {
    const lines = {
      type: "LineString",
      coordinates: [
        [10.005, 0],
        [10.035, 0],
      ],
    };
    writeFileSync(folder.path("line.geojson"), JSON.stringify({ type: "Feature", properties: {}, geometry: lines }));
    const out = folder.path("out.geojson");
    const words = ["--lines", folder.path("line.geojson"), "--sampling", "nearest", "--out", out, "--json"];
    const run = await runTilth(["terrain", "profile", writeDegrees(), ...words]);
    expect(run.report).toMatchObject({ analysis: "profile", gaps: 0, least: 0, most: 30, climb: 30, descent: 0 });
    const { features } = JSON.parse(readFileSync(out, "utf8")) as { features: unknown[] };
    expect(features).toHaveLength(run.report?.["places"] as number);
  });

  it.each([
    [[], /either --line/],
    [["--line", "10,0"], /lines of 2 positions/],
    [["--line", "10,0;a,0"], /--line as numbers/],
    [["--line", "10,0;10,0,0"], /--line LON,LAT/],
    [["--line", "10,0;10.01,0", "--step", "0"], /--step/],
    [["--line", "10,0;10.01,0", "--sampling", "cubic"], /bilinear, nearest/],
    [["--lines", "none.geojson"], /GeoJSON lines in none.geojson/],
    [["--line", "10,0;10.01,0", "--out", "a.shp"], /\.gpkg/],
  ])("refuses %j", async (args, message) => {
    const run = await runTilth(["terrain", "profile", writeDegrees(), ...args]);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(message);
  });
});

describe("SIGINT", () => {
  /** A saw: 1,500 rows of 2,000 columns. */
  function writeLarge(): string {
    const path = folder.path("dem.asc");
    const line = Array.from({ length: 2_000 }, (_, x) => (x * 7919) % 1000).join(" ");
    writeFileSync(path, `ncols 2000\nnrows 1500\nxllcorner 0\nyllcorner 0\ncellsize 10\n${`${line}\n`.repeat(1_500)}`);
    return path;
  }

  const SLOW = ["--compression", "zstd", "--level", "22"];

  it.each([
    ["reclassify", "out.tif", ["--classes", "9", ...SLOW]],
    ["viewshed", "out.tif", ["--observer", "9000,9000", ...SLOW]],
    ["profile", "out.geojson", ["--line", "0,0;19999,14999", "--line-crs", "EPSG:32632", "--step", "0.05"]],
  ])("%s leaves the old file and no other", async (command, name, words) => {
    const out = folder.path(name);
    const dem = writeLarge();
    writeFileSync(folder.path("dem.prj"), "EPSG:32632");
    writeFileSync(out, "what was there before");
    const run = await runTilth(["terrain", command, dem, ...words, "--out", out, "--json"], {
      onStart: interruptWhen(() => readdirSync(folder.path(".")).length > 3),
    });
    expect(run).toMatchObject({ code: 130, report: { error: { code: "cancelled" } } });
    expect(readdirSync(folder.path(".")).toSorted()).toEqual(["dem.asc", "dem.prj", name]);
    expect(readFileSync(out, "utf8")).toBe("what was there before");
  });
});

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { interruptWhen } from "../support/interrupt_when.ts";
import { runTilth } from "../support/run_tilth.ts";
import { useTempFolder } from "../support/temp_folder.ts";

const folder = useTempFolder();

/** A plane that rises 3 a cell to the east, in degrees. */
function writeDem(columns = 20, rows = 10): string {
  const path = folder.path("dem.asc");
  const line = Array.from({ length: columns }, (_, x) => 100 + 3 * x).join(" ");
  const head = `ncols ${columns}\nnrows ${rows}\nxllcorner 7\nyllcorner 46\ncellsize 0.01\n`;
  writeFileSync(path, `${head}${`${line}\n`.repeat(rows)}`);
  return path;
}

const contours = (...args: string[]) =>
  runTilth(["terrain", "contours", writeDem(), "--json", "--input-crs", "EPSG:4326", ...args]);

interface Collection {
  features: { properties: Record<string, unknown>; geometry: { type: string } }[];
}

describe("tilth terrain contours", () => {
  it("writes lines of an interval and a base", async () => {
    const out = folder.path("out.geojson");
    const run = await contours("--interval", "20", "--base", "5", "--out", out);
    expect([run.code, run.stderr]).toEqual([0, ""]);
    expect(run.report).toMatchObject({ analysis: "contours", width: 20, height: 10, features: 3, cuts: 0, out });
    const { features } = JSON.parse(readFileSync(out, "utf8")) as Collection;
    expect(new Set(features.map(({ properties }) => properties["elev"]))).toEqual(new Set([105, 125, 145]));
    expect(features.every(({ geometry }) => geometry.type === "LineString")).toBe(true);
  });

  it("writes areas between the levels of a list", async () => {
    const out = folder.path("out.geojsonl");
    const run = await contours("--levels", "110,130", "--polygons", "--out", out);
    expect(run.code).toBe(0);
    const features = readFileSync(out, "utf8").trimEnd().split("\n");
    const all = features.map((line) => JSON.parse(line) as Collection["features"][number]);
    expect(all.map(({ properties: { elevMin, elevMax } }) => [elevMin, elevMax])).toEqual(
      expect.arrayContaining([
        [undefined, 110],
        [110, 130],
        [130, undefined],
      ]),
    );
  });

  it("writes a GeoPackage in another system", async () => {
    const out = folder.path("out.gpkg");
    const run = await contours("--interval", "10", "--smooth", "2", "--crs", "EPSG:2056", "--out", out);
    expect(run.report).toMatchObject({ features: 5 });
  });

  it.each([
    [["--out", "OUT"], /either --interval N or --levels/],
    [["--interval", "1", "--levels", "3", "--out", "OUT"], /either --interval N or --levels/],
    [["--interval", "0", "--out", "OUT"], /--interval as a number/],
    [["--interval", "nan", "--out", "OUT"], /--interval as a number/],
    [["--interval", "0.0000001", "--out", "OUT"], /at most 100000 levels/],
    [["--levels", "1,,3", "--out", "OUT"], /--levels as numbers/],
    [["--interval", "5", "--smooth", "1", "--polygons", "--out", "OUT"], /no smoothing of areas/],
    [["--interval", "5", "--band", "2", "--out", "OUT"], /--band/],
    [["--interval", "5", "--crs", "EPSG:1", "--out", "OUT"], /EPSG/],
    [["--interval", "5"], /--out FILE/],
    [["--interval", "5", "--out", "out.shp"], /\.gpkg/],
  ])("refuses %j and leaves nothing", async (args, message) => {
    const run = await contours(...args.map((arg) => (arg === "OUT" ? folder.path("out.gpkg") : arg)));
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(message);
    expect(readdirSync(folder.path("."))).toEqual(["dem.asc"]);
  });

  it("asks for the system of a DEM that names none", async () => {
    const run = await runTilth(["terrain", "contours", writeDem(), "--interval", "5", "--out", folder.path("a.gpkg")]);
    expect([run.code, readdirSync(folder.path("."))]).toEqual([2, ["dem.asc"]]);
    expect(run.stderr).toMatch(/--input-crs/);
  });

  it.each([[[]], [["--polygons"]]])("stopped by a signal leaves nothing behind %j", async (words) => {
    const out = folder.path("out.gpkg");
    const args = ["--interval", "0.01", "--input-crs", "EPSG:4326", "--out", out, ...words];
    const run = await runTilth(["terrain", "contours", writeDem(1000, 3000), ...args], {
      onStart: interruptWhen(() => readdirSync(folder.path(".")).some((name) => name.startsWith("out"))),
    });
    expect(run.code).toBe(130);
    expect(readdirSync(folder.path("."))).toEqual(["dem.asc"]);
  });
});

import { writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { runTilth } from "../../test/support/run_tilth.ts";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { getGrid, listGrids, readTileMatrixSet, sameGrid } from "../grid/index.ts";

describe("tilth grids", () => {
  test("lists every grid with its CRS, levels and tile size, and those that cannot be used with the reason", async () => {
    const { code, report } = await runTilth(["grids", "--json"]);
    const grids = report?.["grids"] as {
      id: string;
      crs: string;
      usable: boolean;
      zooms: number;
      problem: string | null;
    }[];
    expect(code).toBe(0);
    expect(grids.filter(({ usable }) => usable).map(({ id }) => id)).toEqual(listGrids());
    expect(grids.find(({ id }) => id === "EuropeanETRS89_LAEAQuad")).toMatchObject({ crs: "EPSG:3035", zooms: 16 });
    expect(grids.find(({ id }) => id === "GNOSISGlobalGrid")?.problem).toBe("grid.variableWidths");
  });

  test("list reads well for people", async () => {
    const { code, stdout } = await runTilth(["grids", "list"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^UPSArcticWGS84Quad +EPSG:5041 +25 levels, 256 px/m);
    expect(stdout).toMatch(/^CDB1GlobalGrid +EPSG:4326 +not usable \(grid\.variableWidths\)/m);
  });
});

describe("tilth grids show", () => {
  test.each(["EuropeanETRS89_LAEAQuad", "EPSG:2056"])("%s --json is one line: its 2D TMS document", async (name) => {
    const { code, stdout } = await runTilth(["grids", "show", name, "--json"]);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(sameGrid(readTileMatrixSet(stdout), getGrid(name))).toBe(true);
  });

  test("tells people of each level its cell size, scale and size", async () => {
    const { code, stdout } = await runTilth(["grids", "show", "UTM31WGS84Quad", "--tile-size", "512"]);
    expect(code).toBe(0);
    expect(stdout).toContain("zoom 0: 39070.17863012");
    expect(stdout).toContain("1 x 2 tiles of 512 x 512 px, called 1");
  });

  const folder = useTempFolder();

  test("reads parts of a grid from a file, and the document that it writes", async () => {
    await writeFile(folder.path("parts.json"), '{"id":"mine","crs":"EPSG:2154","resolutions":[100,10]}');
    const shown = await runTilth(["grids", "show", folder.path("parts.json"), "--json"]);
    expect(shown.report).toMatchObject({ id: "mine", crs: "http://www.opengis.net/def/crs/EPSG/0/2154" });
    await writeFile(folder.path("document.json"), shown.stdout);
    expect((await runTilth(["grids", "show", folder.path("document.json"), "--json"])).stdout).toBe(shown.stdout);
  });

  test.each([
    [["show"], /NAME\|EPSG:n\|FILE/],
    [["draw", "x"], /draw/],
    [["show", "nothing.json"], /nothing\.json/],
    [["show", "GNOSISGlobalGrid"], /GNOSISGlobalGrid/],
    [["show", "WebMercatorQuad", "--tile-size", "1"], /--tile-size/],
  ])("%j exits with 2 and says why in one line", async (words, message) => {
    const { code, stdout, stderr } = await runTilth(["grids", ...words]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(message);
  });
});

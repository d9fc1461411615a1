import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findGrid, getGrid, listGrids, listKnownGrids } from "./known_grids.ts";
import { readTileMatrixSet } from "./read_tile_matrix_set.ts";
import { matchLevels, sameGrid } from "./same_grid.ts";
import { MAX_MATRIX_SIZE } from "./make_grid.ts";

describe("names of grids", () => {
  test.each([
    ["WebMercatorQuad", "WebMercatorQuad"],
    ["webmercatorquad", "WebMercatorQuad"],
    ["GoogleMapsCompatible", "WebMercatorQuad"],
    ["GLOBAL_MERCATOR", "WebMercatorQuad"],
    ["GLOBAL_WEBMERCATOR", "WebMercatorQuad"],
    ["WM", "WebMercatorQuad"],
    ["WM_SW", "WebMercatorQuad"],
    ["EPSG:3857", "WebMercatorQuad"],
    ["urn:ogc:def:crs:EPSG::900913", "WebMercatorQuad"],
    ["EPSG:4326", "WorldCRS84Quad"],
    ["CRS:84", "WorldCRS84Quad"],
    ["wgs1984quad", "WGS1984Quad"],
    ["EPSG:3395", "WorldMercatorWGS84Quad"],
    ["EPSG:5041", "UPSArcticWGS84Quad"],
    ["EPSG:3035", "EuropeanETRS89_LAEAQuad"],
    ["EPSG:3978", "CanadianNAD83_LCC"],
    ["EPSG:32631", "UTM31WGS84Quad"],
    ["EPSG:32607", "UTM07WGS84Quad"],
    ["UTM7WGS84Quad", "UTM07WGS84Quad"],
    ["global_geodetic", "GLOBAL_GEODETIC"],
    ["lb93_craig", "LB93_CRAIG"],
    ["EPSG:2056", "EPSG:2056"],
    ["http://www.opengis.net/def/crs/EPSG/0/2154", "EPSG:2154"],
  ])("%s is %s", (name, id) => {
    expect(getGrid(name).id).toBe(id);
    const [plain, fine] = [getGrid(name), getGrid(name, 512)];
    expect(fine.matrices.every(({ tileWidth, tileHeight }) => tileWidth === 512 && tileHeight === 512)).toBe(true);
    const [bbox, fineBbox] = [plain, fine].map((grid) => grid.tileToBbox({ z: 3, x: 1, y: 2 }));
    bbox?.forEach((value, index) => expect(fineBbox?.[index]).toBeCloseTo(value, 6));
  });

  test("that nobody knows are refused, also those that every object has", () => {
    for (const name of ["", "constructor", "__proto__", "toString", "WebMercator", "EPSG:1", "EPSG:99999"]) {
      expect(findGrid(name)).toBeNull();
      expect(() => getGrid(name)).toThrowError(expect.objectContaining({ code: "grid.unknown" }));
    }
  });

  test.each(["GNOSISGlobalGrid", "cdb1globalgrid"])(
    "%s is known and refused, because its rows differ in width",
    (name) => {
      expect(findGrid(name)).toBeNull();
      expect(() => getGrid(name)).toThrowError(expect.objectContaining({ code: "grid.variableWidths" }));
      expect(listKnownGrids().find(({ id }) => id.toLowerCase() === name.toLowerCase())?.usable).toBe(false);
    },
  );

  test("of a CRS without a known way to WGS 84 are found by nobody, and the reason is told", () => {
    expect(findGrid("EPSG:2327")).toBeNull();
    expect(() => getGrid("EPSG:2327")).toThrowError(expect.objectContaining({ code: "crs.unsupported" }));
    expect(findGrid("+proj=nonsense")).toBeNull();
    expect(() => getGrid("+proj=nonsense")).toThrowError(
      expect.objectContaining({ code: expect.stringMatching(/^crs/) }),
    );
  });

  test("are listed in the order of the registry, each of them can be made and is called by its name", () => {
    expect(listGrids().slice(0, 3)).toEqual(["WebMercatorQuad", "WorldCRS84Quad", "WGS1984Quad"]);
    for (const id of listGrids()) {
      const grid = getGrid(id);
      expect(grid.id).toBe(id);
      for (const { matrixWidth, matrixHeight } of grid.matrices)
        expect(Math.max(matrixWidth, matrixHeight)).toBeLessThanOrEqual(MAX_MATRIX_SIZE);
    }
  });
});

describe("grids of other tools", () => {
  test("WGS84 of BlenderGIS has the levels of WorldCRS84Quad one deeper, below a tile of the whole circle", () => {
    const grid = getGrid("WGS84");
    expect(grid.tileToBbox({ z: 0, x: 0, y: 0 })).toEqual([-180, -270, 180, 90]);
    expect(matchLevels(grid, getGrid("WorldCRS84Quad")).slice(0, 3)).toEqual([
      { a: 1, b: 0 },
      { a: 2, b: 1 },
      { a: 3, b: 2 },
    ]);
  });

  test("GLOBAL_GEODETIC of MapProxy counts from the south: its first tile reaches beyond the north pole", () => {
    const grid = getGrid("GLOBAL_GEODETIC");
    expect(grid.matrices).toHaveLength(20);
    expect(grid.tileToBbox({ z: 0, x: 0, y: 0 })).toEqual([-180, -90, 180, 270]);
    expect(grid.tileToBbox({ z: 1, x: 1, y: 0 })).toEqual([0, -90, 180, 90]);
  });

  test("the three of Lambert 93 begin at the box of France", () => {
    expect(getGrid("LB93").tileToBbox({ z: 0, x: 0, y: 0 })).toEqual([
      99_200,
      7_110_500 - 1_143_300,
      1_242_500,
      7_110_500,
    ]);
    expect(getGrid("LB93").matrices).toHaveLength(24);
    const listed = getGrid("LB93_2");
    expect(listed.matrices).toHaveLength(15);
    expect(listed.getMatrix(5)).toMatchObject({
      cellSize: 100,
      matrixWidth: 45,
      matrixHeight: 42,
      cornerOfOrigin: "bottomLeft",
    });
    expect(listed.tileToBbox({ z: 5, x: 0, y: 41 })).toEqual([99_200, 6_049_600, 124_800, 6_075_200]);
    expect(getGrid("LB93_CRAIG").getMatrix(0)).toMatchObject({ cellSize: 1354.666, matrixWidth: 5, matrixHeight: 4 });
  });
});

/** Half of the last place that a number of a document is written in, as a share of it; at least 1e-9. */
function roundingOf(value: number): number {
  const digits = value.toExponential().replace(/e.*|\D/g, "").length;
  return Math.max(1e-9, 0.5 * 10 ** (1 - digits));
}

interface OgcDocument {
  crs: string;
  tileMatrices: (Record<"cellSize" | "matrixWidth" | "matrixHeight" | "tileWidth" | "tileHeight", number> & {
    id: string;
    pointOfOrigin: [number, number];
  })[];
}

const folder = join(process.env["TILTH_REAL_DATA"] ?? "", "tile_matrix_sets");
if (process.env["TILTH_REAL_DATA"] !== undefined && existsSync(folder)) {
  const read = (id: string): string => readFileSync(join(folder, `${id}.json`), "utf8");
  const registry = listKnownGrids().filter(({ id }) => existsSync(join(folder, `${id}.json`)));

  describe("the documents of the OGC", () => {
    test("are there for eleven grids", () => {
      expect(registry).toHaveLength(11);
    });

    test.each(registry.filter(({ usable }) => usable).map(({ id }) => id))("have the numbers of our %s", (id) => {
      const document = JSON.parse(read(id)) as OgcDocument;
      const grid = getGrid(id);
      expect(document.crs.replace(/\W+/g, ":")).toContain(grid.crs.code.replace("OGC:", "").replace("EPSG:", ":"));
      expect(grid.matrices.length).toBeGreaterThanOrEqual(document.tileMatrices.length);
      for (const [z, wanted] of document.tileMatrices.entries()) {
        const matrix = grid.getMatrix(z);
        const { cellSize, pointOfOrigin, ...whole } = wanted;
        const { id: name, matrixWidth, matrixHeight, tileWidth, tileHeight } = whole;
        expect(matrix).toMatchObject({ id: name, matrixWidth, matrixHeight, tileWidth, tileHeight });
        expect(Math.abs(matrix.cellSize / cellSize - 1)).toBeLessThan(roundingOf(cellSize));
        const origin = grid.crs.axisOrder === "yx" ? pointOfOrigin.toReversed() : pointOfOrigin;
        matrix.pointOfOrigin.forEach((value, axis) =>
          expect(Math.abs(value / (origin[axis] ?? 0) - 1)).toBeLessThan(1e-9),
        );
      }
    });

    test.each(registry.filter(({ usable }) => usable).map(({ id }) => id))("are read as our %s", (id) => {
      expect(sameGrid(readTileMatrixSet(read(id)), getGrid(id))).toBe(true);
    });

    test.each(registry.filter(({ usable }) => !usable).map(({ id }) => id))("are refused for %s", (id) => {
      expect(() => readTileMatrixSet(read(id))).toThrowError(expect.objectContaining({ code: "grid.variableWidths" }));
    });
  });
}

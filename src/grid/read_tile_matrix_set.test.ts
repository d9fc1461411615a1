import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isTilthError } from "../core/index.ts";
import { getCrs } from "../crs/index.ts";
import { getGrid, listGrids } from "./known_grids.ts";
import { makeGrid } from "./make_grid.ts";
import { readGrid } from "./read_grid.ts";
import { readTileMatrixSet } from "./read_tile_matrix_set.ts";
import { sameGrid } from "./same_grid.ts";
import { writeTileMatrixSet } from "./write_tile_matrix_set.ts";

const level = {
  id: "a",
  scaleDenominator: 1000 / 0.28,
  cellSize: 1,
  pointOfOrigin: [100_000, 7_000_000],
  tileWidth: 256,
  tileHeight: 128,
  matrixWidth: 10,
  matrixHeight: 20,
};
const half = { ...level, id: "b", cellSize: 0.5, scaleDenominator: 500 / 0.28, matrixWidth: 20, matrixHeight: 40 };
const document = { id: "mine", title: "Mine", crs: "EPSG:2154", orderedAxes: ["E", "N"], tileMatrices: [half, level] };
const read = (changes: object, levelChanges: object = {}) =>
  readTileMatrixSet(JSON.stringify({ ...document, tileMatrices: [half, { ...level, ...levelChanges }], ...changes }));
const withoutScale = { scaleDenominator: undefined };
const withoutCell = { cellSize: undefined };

describe("a document of version 2", () => {
  test("is read with its levels from the coarsest, whatever their order and names", () => {
    const grid = read({});
    expect([grid.id, grid.title, grid.crs.code]).toEqual(["mine", "Mine", "EPSG:2154"]);
    expect(grid.matrices.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(grid.getMatrix(0)).toEqual(level);
    expect(grid.tileToBbox({ z: 0, x: 0, y: 0 })).toEqual([100_000, 6_999_872, 100_256, 7_000_000]);
  });

  test("may say its CRS in many ways", () => {
    const id = { authority: "EPSG", code: 2154 };
    for (const crs of [
      "http://www.opengis.net/def/crs/EPSG/0/2154",
      "urn:ogc:def:crs:EPSG::2154",
      { uri: "https://www.opengis.net/def/crs/EPSG/0/2154" },
      { wkt: { type: "ProjectedCRS", name: "RGF93 v1 / Lambert-93", id } },
      { wkt: "EPSG:2154" },
      { referenceSystem: { id: { codeSpace: "EPSG", code: "2154" } } },
      { type: "ProjectedCRS", name: "RGF93 v1 / Lambert-93", id },
      { type: "ProjectedCRS", ids: [id] },
    ])
      expect(read({ crs }).crs.code).toBe("EPSG:2154");
    for (const crs of [
      undefined,
      null,
      2154,
      {},
      { uri: 3 },
      { wkt: { name: "x" } },
      { id: { code: 1 } },
      "EPSG:9",
      [],
    ])
      expect(() => read({ crs })).toThrowError(expect.objectContaining({ code: "grid.invalid" }));
  });

  test.each([
    [["N", "E"], true],
    [["Northing", "Easting"], true],
    [["Y", "X"], true],
    [["Lat", "Lon"], true],
    [["E", "N"], false],
    [["X", "Y"], false],
    [["Lon", "Lat"], false],
  ])("with axes %j has its corner in that order", (orderedAxes, yFirst) => {
    const pointOfOrigin = yFirst ? [7_000_000, 100_000] : [100_000, 7_000_000];
    expect(read({ orderedAxes }, { pointOfOrigin }).getMatrix(0).pointOfOrigin).toEqual([100_000, 7_000_000]);
  });

  test("without axes follows the authority: northing first in EPSG:3035, easting first in EPSG:2154", () => {
    const pointOfOrigin = [1, 2];
    expect(read({ orderedAxes: undefined }, { pointOfOrigin }).getMatrix(0).pointOfOrigin).toEqual([1, 2]);
    const european = read({ orderedAxes: undefined, crs: "EPSG:3035" }, { pointOfOrigin });
    expect(european.getMatrix(0).pointOfOrigin).toEqual([2, 1]);
  });

  test("whose corner is the lower left has its upper left here, and keeps the word", () => {
    const { pointOfOrigin, cornerOfOrigin } = read({}, { cornerOfOrigin: "bottomLeft" }).getMatrix(0);
    expect(pointOfOrigin).toEqual([100_000, 7_000_000 + 20 * 128]);
    expect(cornerOfOrigin).toBe("bottomLeft");
  });

  test("may lack the cell size or the scale denominator", () => {
    expect(read({}, withoutCell).getMatrix(0).cellSize).toBeCloseTo(1, 12);
    expect(read({}, withoutScale).getMatrix(0).scaleDenominator).toBeCloseTo(1000 / 0.28, 9);
    const byScale = (crs: string, scaleDenominator: number): number | undefined =>
      read({ crs, tileMatrices: [{ ...level, ...withoutCell, scaleDenominator }] }).getMatrix(0).cellSize;
    // Degrees by the WGS 84 equator, 111,319.49 m: level 0 of the OGC's WorldCRS84Quad.
    expect(byScale("OGC:CRS84", 279_541_132.014358)).toBeCloseTo(0.703125, 12);
    // US survey feet: 12/39.37 m.
    expect(byScale("EPSG:2264", 1000)).toBeCloseTo((0.28 * 39.37) / 12, 9);
  });

  test("with a rounded cell size gets the digits from the scale denominator", () => {
    const exact = 0.0076558251644;
    expect(read({}, { cellSize: 0.007655825, scaleDenominator: exact / 0.00028 }).getMatrix(1).cellSize).toBeCloseTo(
      exact,
      15,
    );
  });

  test("that counts pixels of 96 dots an inch is read by its cell size", () => {
    expect(read({}, { scaleDenominator: 96 / 0.0254 }).getMatrix(0).cellSize).toBe(1);
  });

  test.each([
    ["contradicting sizes", { cellSize: 1.02 }, /0\.99|1\.0/],
    ["sizes twice as large", { cellSize: 2 }, /2/],
    ["no sizes", { ...withoutCell, ...withoutScale }, /cellSize/],
    ["a negative size", { ...withoutScale, cellSize: -1 }, /-1/],
    ["a scale of 0", { ...withoutCell, scaleDenominator: 0 }, /scaleDenominator/],
    ["a size as text", { cellSize: "1" }, /cellSize/],
    ["no corner", { pointOfOrigin: undefined }, /pointOfOrigin/],
    ["a corner of three", { pointOfOrigin: [1, 2, 3] }, /pointOfOrigin/],
    ["a corner of text", { pointOfOrigin: ["1", "2"] }, /pointOfOrigin/],
    ["half a tile", { matrixWidth: 1.5 }, /matrixWidth/],
    ["no rows", { matrixHeight: 0 }, /matrixHeight/],
    ["too many columns", { matrixWidth: 2 ** 40 }, /matrixWidth/],
    ["tiles without pixels", { tileWidth: 0 }, /tileWidth/],
    ["tiles of a gigapixel", { tileHeight: 1e6 }, /tileHeight/],
    ["an unknown corner", { cornerOfOrigin: "topRight" }, /cornerOfOrigin/],
    ["no id", { id: undefined }, /'id'/],
    ["the id of another level", { id: "b" }, /different ids/],
    ["an id with a line break", { id: "a\nb" }, /'id'/],
  ])("with %s is refused", (_what, changes, message) => {
    const reading = (): unknown => read({}, changes);
    expect(reading).toThrowError(expect.objectContaining({ code: "grid.invalid" }));
    expect(reading).toThrowError(message);
  });

  test("with rows of different width is refused as such", () => {
    const variableMatrixWidths = [{ coalesce: 2, minTileRow: 0, maxTileRow: 0 }];
    expect(() => read({}, { variableMatrixWidths })).toThrowError(
      expect.objectContaining({ code: "grid.variableWidths" }),
    );
    expect(read({}, { variableMatrixWidths: [] }).matrices).toHaveLength(2);
  });

  test("of another shape or too large is refused", () => {
    const levels = Array.from({ length: 101 }, (_, index) => ({ ...level, id: String(index) }));
    for (const text of [
      "",
      "{",
      "[]",
      "null",
      '"x"',
      JSON.stringify({ ...document, tileMatrices: [] }),
      JSON.stringify({ ...document, tileMatrices: {} }),
      JSON.stringify({ ...document, tileMatrices: [null] }),
      JSON.stringify({ ...document, tileMatrices: levels }),
      JSON.stringify({ ...document, orderedAxes: ["E", "E"] }),
      JSON.stringify({ ...document, orderedAxes: "EN" }),
      JSON.stringify({ ...document, orderedAxes: ["Up", "Down"] }),
      JSON.stringify({ ...document, note: "x".repeat(4 * 1024 * 1024) }),
    ])
      expect(() => readTileMatrixSet(text)).toThrowError(expect.objectContaining({ code: "grid.invalid" }));
  });
});

test("a document of version 1 is read, its corners in the order of the authority", () => {
  // Keys as in OGC 17-083r2, annex C (JSON encoding).
  const grid = readTileMatrixSet(
    JSON.stringify({
      type: "TileMatrixSetType",
      identifier: "old",
      supportedCRS: "http://www.opengis.net/def/crs/EPSG/0/4326",
      tileMatrix: [
        {
          type: "TileMatrixType",
          identifier: "0",
          scaleDenominator: 279541132.014358,
          topLeftCorner: [90, -180],
          tileWidth: 256,
          tileHeight: 256,
          matrixWidth: 2,
          matrixHeight: 1,
        },
      ],
    }),
  );
  expect(grid.id).toBe("old");
  expect(sameGrid(grid, getGrid("WGS1984Quad"))).toBe(true);
});

test("a CRS that has no code is read from its definition", () => {
  const projected = getCrs("+proj=laea +lat_0=10 +lon_0=20 +ellps=WGS84 +units=m");
  const grid = makeGrid({ crs: projected, bbox: [0, 0, 1e6, 1e6], levels: 3 });
  const back = readTileMatrixSet(writeTileMatrixSet(grid));
  expect(back.crs.fromLonLat(21, 11)).toEqual(projected.fromLonLat(21, 11));
  expect(sameGrid(back, grid)).toBe(true);
});

describe("a written document", () => {
  test.each([...listGrids(), "EPSG:2056", "EPSG:3031", "EPSG:2264", "UTM01WGS84Quad"])(
    "of %s is read as the same grid",
    (name) => {
      const grid = getGrid(name);
      const back = readTileMatrixSet(writeTileMatrixSet(grid));
      expect(back.crs.code).toBe(grid.crs.code);
      expect(back.matrices).toHaveLength(grid.matrices.length);
      expect(sameGrid(back, grid)).toBe(true);
      expect(back.matrices.map(({ cornerOfOrigin }) => cornerOfOrigin)).toEqual(
        grid.matrices.map(({ cornerOfOrigin }) => cornerOfOrigin),
      );
    },
  );

  test("says its axes and puts the corner in their order", () => {
    const written = JSON.parse(writeTileMatrixSet(getGrid("EuropeanETRS89_LAEAQuad"))) as Record<string, unknown>;
    expect(written).toMatchObject({
      crs: "http://www.opengis.net/def/crs/EPSG/0/3035",
      orderedAxes: ["N", "E"],
      tileMatrices: expect.arrayContaining([expect.objectContaining({ pointOfOrigin: [5_500_000, 2_000_000] })]),
    });
  });
});

describe("hostile documents", () => {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(Number.MAX_VALUE, -0, 1e-300, "EPSG:4326", [], [1e308, -1e308], "bottomLeft"),
  );
  const fields = (names: readonly string[]) =>
    fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });

  test("are read or refused with a code, and what is read has whole levels", () => {
    const top = fields([
      "id",
      "title",
      "crs",
      "orderedAxes",
      "tileMatrices",
      "bbox",
      "resolutions",
      "levels",
      "origin",
    ]);
    fc.assert(
      fc.property(top, fields(Object.keys(level)), fc.boolean(), (changes, levelChanges, parts) => {
        const one = parts ? { crs: "EPSG:2154", ...changes } : { ...document, ...changes };
        const levels = parts ? {} : { tileMatrices: [{ ...level, ...levelChanges }] };
        try {
          const grid = readGrid(JSON.stringify({ ...levels, ...one }));
          for (const matrix of grid.matrices) {
            expect(matrix.cellSize).toBeGreaterThan(0);
            expect(Number.isInteger(matrix.matrixWidth * matrix.tileHeight)).toBe(true);
          }
        } catch (error) {
          if (!isTilthError(error)) throw error;
          expect(error.code).toMatch(/^(grid|crs)\./);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

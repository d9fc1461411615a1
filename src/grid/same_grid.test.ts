import { describe, expect, test } from "vitest";
import { getCrs } from "../crs/index.ts";
import { getGrid } from "./known_grids.ts";
import { makeGrid } from "./make_grid.ts";
import { matchLevels, sameGrid } from "./same_grid.ts";
import { TileMatrixSet, type TileMatrix } from "./tile_matrix_set.ts";

const web = getGrid("WebMercatorQuad");
const change = (changes: (matrix: TileMatrix, z: number) => Partial<TileMatrix>, crs = web.crs) =>
  new TileMatrixSet({ id: "changed", crs, matrices: web.matrices.map((one, z) => ({ ...one, ...changes(one, z) })) });

describe("two grids are the same", () => {
  test("when only names, digits beyond the twelfth, or the number of levels differ", () => {
    const rounded = change(({ cellSize }) => ({ id: "x", cellSize: Number(cellSize.toPrecision(12)) }));
    const fewer = new TileMatrixSet({ id: "fewer", crs: web.crs, matrices: web.matrices.slice(0, 10) });
    for (const other of [rounded, fewer]) {
      expect(sameGrid(web, other)).toBe(true);
      expect(sameGrid(other, web)).toBe(true);
    }
    expect(matchLevels(fewer, web)).toHaveLength(10);
  });

  test("when one says CRS84 and the other EPSG:4326", () => {
    expect(sameGrid(getGrid("WGS1984Quad"), getGrid("WorldCRS84Quad"))).toBe(true);
  });

  test("when one has more columns or rows to the right and below", () => {
    const wider = change(({ matrixWidth, matrixHeight }) => ({
      matrixWidth: matrixWidth * 2,
      matrixHeight: matrixHeight + 1,
    }));
    expect(sameGrid(web, wider)).toBe(true);
  });
});

describe("two grids are not the same", () => {
  test.each<[string, TileMatrixSet]>([
    ["another CRS", change(() => ({}), getCrs("EPSG:3395"))],
    ["other pixels", getGrid("WebMercatorQuad", 512)],
    ["an origin 1 m off", change(({ pointOfOrigin: [x, y] }) => ({ pointOfOrigin: [x + 1, y] }))],
    ["cells of another size", change(({ cellSize }) => ({ cellSize: cellSize * 1.000_001 }))],
    ["a last level of its own", change(({ cellSize }, z) => ({ cellSize: z === 30 ? cellSize * 2 : cellSize }))],
  ])("with %s", (_what, other) => {
    expect(sameGrid(web, other)).toBe(false);
    expect(sameGrid(other, web)).toBe(false);
  });

  test("with levels that are shifted, but the levels find each other", () => {
    const shifted = new TileMatrixSet({ id: "shifted", crs: web.crs, matrices: web.matrices.slice(3, 6) });
    expect(sameGrid(shifted, web)).toBe(false);
    expect(matchLevels(shifted, web)).toEqual([
      { a: 0, b: 3 },
      { a: 1, b: 4 },
      { a: 2, b: 5 },
    ]);
    expect(matchLevels(web, getGrid("WorldMercatorWGS84Quad"))).toEqual([]);
  });

  test("from another corner: rows from the bottom agree only where the box is a whole number of tiles", () => {
    const parts = { crs: "EPSG:2154", bbox: [0, 0, 1000, 1000] as const, resolutions: [1, 0.5], tileSize: 250 };
    expect(sameGrid(makeGrid(parts), makeGrid({ ...parts, origin: "sw" }))).toBe(true);
    const odd = { ...parts, tileSize: 256 };
    expect(matchLevels(makeGrid(odd), makeGrid({ ...odd, origin: "sw" }))).toEqual([]);
  });
});

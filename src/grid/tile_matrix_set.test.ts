import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalizeCrsCode } from "../crs/index.ts";
import { findGrid, getGrid, listGrids, webMercatorQuad, worldCrs84Quad } from "./known_grids.ts";
import { rangeContains, rangeCount, rangeIndex, type TileCoord } from "./tile.ts";
import type { TileMatrixSet } from "./tile_matrix_set.ts";

const grids = [webMercatorQuad(), worldCrs84Quad(), webMercatorQuad(512), worldCrs84Quad(512)];
const gridAndTile = fc
  .tuple(fc.constantFrom(...grids), fc.integer({ min: 0, max: 30 }))
  .chain(([grid, z]) => {
    const { matrixWidth, matrixHeight } = grid.getMatrix(z);
    return fc.tuple(fc.constant(grid), fc.constant(z), fc.nat(matrixWidth - 1), fc.nat(matrixHeight - 1));
  })
  .map(([grid, z, x, y]) => ({ grid, tile: { z, x, y } }));

function rangeOf({ z, x, y }: TileCoord) {
  return { z, minX: x, minY: y, maxX: x, maxY: y };
}

describe("a grid", () => {
  test("gives for the box of a tile that tile and no neighbour, on every level", () => {
    fc.assert(
      fc.property(gridAndTile, ({ grid, tile }) => {
        expect(grid.bboxToRange(grid.tileToBbox(tile), tile.z)).toEqual(rangeOf(tile));
      }),
      { numRuns: 2000 },
    );
  });

  test("gives for the middle and the upper left corner of a tile that tile, and for the lower right the next", () => {
    fc.assert(
      fc.property(gridAndTile, ({ grid, tile }) => {
        const [minX, minY, maxX, maxY] = grid.tileToBbox(tile);
        expect(grid.pointToTile((minX + maxX) / 2, (minY + maxY) / 2, tile.z)).toEqual(tile);
        expect(grid.pointToTile(minX, maxY, tile.z)).toEqual(tile);
        const next = { ...tile, x: tile.x + 1, y: tile.y + 1 };
        expect(grid.pointToTile(maxX, minY, tile.z)).toEqual(grid.hasTile(next) ? next : null);
      }),
      { numRuns: 2000 },
    );
  });

  test("gives for the middle of a tile in lon/lat that tile", () => {
    fc.assert(
      fc.property(gridAndTile, ({ grid, tile }) => {
        const [minX, minY, maxX, maxY] = grid.tileToBbox(tile);
        const [lon, lat] = grid.crs.toLonLat((minX + maxX) / 2, (minY + maxY) / 2);
        expect(grid.lonLatToTile(lon, lat, tile.z)).toEqual(tile);
      }),
      { numRuns: 2000 },
    );
  });

  test("gives for a tile the four tiles of the next level that lie in it", () => {
    fc.assert(
      fc.property(
        gridAndTile.filter(({ tile }) => tile.z < 30),
        ({ grid, tile: { z, x, y } }) => {
          const inside = { z: z + 1, minX: 2 * x, minY: 2 * y, maxX: 2 * x + 1, maxY: 2 * y + 1 };
          expect(grid.bboxToRange(grid.tileToBbox({ z, x, y }), z + 1)).toEqual(inside);
        },
      ),
    );
  });

  test("cuts a box at its edges and has nothing for one outside, for NaN or for one without area", () => {
    for (const grid of grids) {
      const [minX, minY, maxX, maxY] = grid.bbox;
      const all = grid.levelRange(3);
      expect(grid.bboxToRange([-1e9, -1e9, 1e9, 1e9], 3)).toEqual(all);
      expect(grid.bboxToRange([-Infinity, -Infinity, Infinity, Infinity], 3)).toEqual(all);
      expect(grid.bboxToRange([maxX, minY, maxX + 10, maxY], 3)).toBeNull();
      expect(grid.bboxToRange([minX, maxY, maxX, maxY + 10], 3)).toBeNull();
      expect(grid.bboxToRange([Number.NaN, minY, maxX, maxY], 3)).toBeNull();
      expect(grid.bboxToRange([minX, minY, maxX, Number.NaN], 3)).toBeNull();
      expect(grid.bboxToRange([0, 0, 0, 0], 3)).toBeNull();
    }
  });

  test("refuses levels that it does not have", () => {
    for (const z of [-1, 31, 1.5, Number.NaN])
      expect(() => grids[0]?.getMatrix(z)).toThrowError(expect.objectContaining({ code: "grid.level" }));
    expect(grids[0]?.hasTile({ z: 31, x: 0, y: 0 })).toBe(false);
    for (const [x, y] of [
      [-1, 0],
      [0, 2],
      [2, 0],
      [0.5, 0],
      [Number.NaN, 0],
    ] as const)
      expect(grids[0]?.hasTile({ z: 1, x, y })).toBe(false);
  });
});

describe("known places", () => {
  // Worked out in Python with the formula of the OSM wiki, "Slippy map tilenames".
  test.each([
    [-122.4194, 37.7749, 12, 655, 1583],
    [8.5417, 47.3769, 10, 536, 358],
    [151.2093, -33.8688, 15, 30147, 19663],
    [0, 0, 1, 1, 1],
    [-180, 85.0511, 4, 0, 0],
    [179.9999, -85.051, 4, 15, 15],
  ])("%f, %f on zoom %i is tile %i/%i of web mercator", (lon, lat, z, x, y) => {
    expect(webMercatorQuad().lonLatToTile(lon, lat, z)).toEqual({ z, x, y });
  });

  test("the poles and the date line: the north edge is the first row, the south and east edges are beyond the last", () => {
    for (const grid of grids) {
      for (let z = 0; z <= 30; z++) {
        const { matrixWidth } = grid.getMatrix(z);
        expect(grid.lonLatToTile(0, 90, z)).toEqual({ z, x: Math.floor(matrixWidth / 2), y: 0 });
        expect(grid.lonLatToTile(-180, 10, z)?.x).toBe(0);
        expect(grid.lonLatToTile(0, -90, z)).toBeNull();
        expect(grid.lonLatToTile(180, 10, z)).toBeNull();
      }
    }
  });

  test("the box of tile 1/1/0 is the quarter of the north east", () => {
    const half = 20037508.342789244;
    const [minX, minY, maxX, maxY] = webMercatorQuad().tileToBbox({ z: 1, x: 1, y: 0 });
    expect([minX, minY, maxX, maxY].map((value) => Math.round(value * 1e6))).toEqual(
      [0, 0, half * 1e6, half * 1e6].map(Math.round),
    );
    expect(worldCrs84Quad().tileToBbox({ z: 1, x: 2, y: 0 })).toEqual([0, 0, 90, 90]);
  });
});

describe("tile ranges", () => {
  test("number their tiles row by row", () => {
    const range = { z: 4, minX: 3, minY: 5, maxX: 6, maxY: 7 };
    const indexes = [5, 6, 7].flatMap((y) => [3, 4, 5, 6].map((x) => rangeIndex(range, x, y)));
    expect(indexes).toEqual([...Array(rangeCount(range)).keys()]);
    expect(rangeContains(range, { z: 4, x: 6, y: 7 })).toBe(true);
    for (const tile of [
      { z: 5, x: 6, y: 7 },
      { z: 4, x: 7, y: 7 },
      { z: 4, x: 6, y: 8 },
      { z: 4, x: 2, y: 5 },
    ])
      expect(rangeContains(range, tile)).toBe(false);
  });
});

describe("names of grids", () => {
  test.each([
    ["WebMercatorQuad", "WebMercatorQuad"],
    ["webmercatorquad", "WebMercatorQuad"],
    ["GoogleMapsCompatible", "WebMercatorQuad"],
    ["EPSG:3857", "WebMercatorQuad"],
    ["urn:ogc:def:crs:EPSG::900913", "WebMercatorQuad"],
    ["EPSG:4326", "WorldCRS84Quad"],
    ["CRS:84", "WorldCRS84Quad"],
  ])("%s is %s", (name, id) => {
    expect(getGrid(name).id).toBe(id);
    expect(getGrid(name, 512).getMatrix(0).tileWidth).toBe(512);
  });

  test("that nobody knows are refused, also those that every object has", () => {
    for (const name of ["", "constructor", "__proto__", "toString", "WebMercator", "EPSG:2056"]) {
      expect(findGrid(name)).toBeNull();
      expect(() => getGrid(name)).toThrowError(expect.objectContaining({ code: "grid.unknown" }));
    }
    expect(listGrids()).toEqual(["WebMercatorQuad", "WorldCRS84Quad"]);
  });
});

interface OgcDocument {
  crs: string;
  tileMatrices: (Record<
    "scaleDenominator" | "cellSize" | "tileWidth" | "tileHeight" | "matrixWidth" | "matrixHeight",
    number
  > & {
    id: string;
    pointOfOrigin: [number, number];
  })[];
}

function expectSameNumbers(grid: TileMatrixSet, document: OgcDocument): void {
  expect(grid.crs.code).toBe(normalizeCrsCode(document.crs));
  expect(document.tileMatrices.length).toBeGreaterThan(15);
  for (const [z, wanted] of document.tileMatrices.entries()) {
    const { pointOfOrigin, scaleDenominator, cellSize, ...whole } = grid.getMatrix(z);
    const { pointOfOrigin: origin, scaleDenominator: scale, cellSize: cell, ...rest } = wanted;
    expect(whole).toEqual(rest);
    // The documents have 13 to 15 digits.
    expect(Math.abs(scaleDenominator / scale - 1)).toBeLessThan(1e-11);
    expect(Math.abs(cellSize / cell - 1)).toBeLessThan(1e-11);
    for (const axis of [0, 1] as const) expect(Math.abs(pointOfOrigin[axis] / origin[axis] - 1)).toBeLessThan(1e-13);
  }
}

const folder = join(process.env["TILTH_REAL_DATA"] ?? "", "tile_matrix_sets");
if (process.env["TILTH_REAL_DATA"] !== undefined && existsSync(folder)) {
  describe("the documents of the OGC", () => {
    test.each(["WebMercatorQuad", "WorldCRS84Quad"])("have the same numbers as our %s", (id) => {
      const document = JSON.parse(readFileSync(join(folder, `${id}.json`), "utf8")) as OgcDocument;
      expectSameNumbers(getGrid(id), document);
    });
  });
}

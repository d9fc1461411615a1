import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Bbox } from "../geo/index.ts";
import { getGrid, listGrids, webMercatorQuad, worldCrs84Quad } from "./known_grids.ts";
import { rangeContains, rangeCount, rangeIndex, type TileCoord } from "./tile.ts";
import type { TileMatrixSet } from "./tile_matrix_set.ts";

const grids = [webMercatorQuad(), worldCrs84Quad(), webMercatorQuad(512), worldCrs84Quad(512)];
const others = ["EPSG:2056", "EPSG:2154", "EPSG:3031", "EPSG:3832", "EPSG:2193", "EPSG:2264", "EPSG:4258"];
const allGrids = [...grids, ...[...listGrids(), ...others].map((name) => getGrid(name))];
const tilesOf = (choice: readonly TileMatrixSet[]) =>
  fc
    .constantFrom(...choice)
    .chain((grid) => fc.tuple(fc.constant(grid), fc.nat(grid.maxZ)))
    .chain(([grid, z]) => {
      const { matrixWidth, matrixHeight } = grid.getMatrix(z);
      return fc.tuple(fc.constant(grid), fc.constant(z), fc.nat(matrixWidth - 1), fc.nat(matrixHeight - 1));
    })
    .map(([grid, z, x, y]) => ({ grid, tile: { z, x, y } }));
const gridAndTile = tilesOf(grids);
const anyGridAndTile = tilesOf(allGrids);

function isWithin([west, south, east, north]: Bbox, lon: number, lat: number): boolean {
  if (!(lat >= south && lat <= north)) return false;
  return west <= east ? lon >= west && lon <= east : lon >= west || lon <= east;
}

function rangeOf({ z, x, y }: TileCoord) {
  return { z, minX: x, minY: y, maxX: x, maxY: y };
}

describe("a grid", () => {
  test("gives for the box of a tile that tile and no neighbour, on every level", () => {
    fc.assert(
      fc.property(anyGridAndTile, ({ grid, tile }) => {
        expect(grid.bboxToRange(grid.tileToBbox(tile), tile.z)).toEqual(rangeOf(tile));
      }),
      { numRuns: 2000 },
    );
  });

  test("gives for the middle and the upper left corner of a tile that tile, and for the lower right the next", () => {
    fc.assert(
      fc.property(anyGridAndTile, ({ grid, tile }) => {
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

  test("gives for the middle of a tile within the area of use that tile, whatever the CRS", () => {
    let inside = 0;
    fc.assert(
      fc.property(anyGridAndTile, ({ grid, tile }) => {
        const [minX, minY, maxX, maxY] = grid.tileToBbox(tile);
        const [lon, lat] = grid.crs.toLonLat((minX + maxX) / 2, (minY + maxY) / 2);
        if (!isWithin(grid.crs.areaOfUse, lon, lat)) return;
        inside += 1;
        expect(grid.lonLatToTile(lon, lat, tile.z)).toEqual(tile);
      }),
      { numRuns: 3000 },
    );
    expect(inside).toBeGreaterThan(1000);
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

import { describe, expect, test } from "vitest";
import { getGrid } from "../../grid/index.ts";
import { openMemoryStore, type TileStore } from "../../store/index.ts";
import { dataBounds, tilesLonLatBounds } from "./data_bounds.ts";

const range = (z: number, minX: number, minY: number, maxX = minX, maxY = minY) => ({ z, minX, minY, maxX, maxY });

describe("the lon/lat box of tiles", () => {
  test("on Web Mercator is that of their outer corners", () => {
    const grid = getGrid("WebMercatorQuad");
    // gdaltransform of (0, 10018754.17) and (10018754.17, 0) from EPSG:3857: 66.513 is where a quarter of the square ends.
    const [west, south, east, north] = tilesLonLatBounds(grid, range(2, 2, 1)) ?? [];
    expect([west, south, east]).toEqual([expect.closeTo(0, 9), expect.closeTo(0, 9), expect.closeTo(90, 9)]);
    expect(north).toBeCloseTo(66.513_260_44, 6);
    expect(tilesLonLatBounds(grid, range(1, 0, 0, 1, 1))?.map(Math.round)).toEqual([-180, -85, 180, 85]);
  });

  test("on a national grid holds all four corners, whose meridians converge", () => {
    const grid = getGrid("EPSG:2056");
    const z = 5;
    const { matrixWidth, matrixHeight } = grid.getMatrix(z);
    const tile = { z, x: matrixWidth >> 1, y: matrixHeight >> 1 };
    const [west = 0, south = 0, east = 0, north = 0] = tilesLonLatBounds(grid, range(z, tile.x, tile.y)) ?? [];
    const [minX, minY, maxX, maxY] = grid.tileToBbox(tile);
    for (const [x, y] of [
      [minX, minY],
      [minX, maxY],
      [maxX, minY],
      [maxX, maxY],
    ] as const) {
      const [lon, lat] = grid.crs.toLonLat(x, y);
      expect([lon >= west, lon <= east, lat >= south, lat <= north]).toEqual([true, true, true, true]);
    }
    expect([west > 5, south > 45, east < 11, north < 48]).toEqual([true, true, true, true]);
    expect((east - west) * (north - south)).toBeLessThan(1);
  });

  test("around a pole and across the antimeridian is not told by its sides", () => {
    const polar = getGrid("EPSG:3413");
    expect(tilesLonLatBounds(polar, polar.levelRange(0))).toBe(null);
    const z = 4;
    const [x, y] = polar.crs.fromLonLat(-45, 70);
    const near = polar.bboxToRange([x - 1000, y - 1000, x + 1000, y + 1000], z);
    if (near === null) throw new Error("expected a tile in Greenland");
    const [west = 0, south = 0, east = 0, north = 0] = tilesLonLatBounds(polar, near) ?? [];
    expect([west < -45, east > -45, south < 70, north > 70, north - south < 30]).toEqual([
      true,
      true,
      true,
      true,
      true,
    ]);
    const pacific = getGrid("EPSG:3832");
    expect(pacific.crs.toLonLat(4_000_000, 0)[0]).toBeLessThan(0);
    const across = pacific.bboxToRange([2_000_000, -1_000_000, 5_000_000, 1_000_000], 3);
    if (across === null) throw new Error("expected tiles");
    expect(tilesLonLatBounds(pacific, across)).toBe(null);
  });
});

test("a seed's areas count more than tiles; without either nothing is known", async () => {
  const store: TileStore = openMemoryStore({ grid: getGrid("WebMercatorQuad") });
  const read = async () => dataBounds(store, await store.readExtents());
  expect(await read()).toBe(null);
  await store.putMany([{ kind: "tile", tile: { z: 1, x: 1, y: 0 }, data: Buffer.from("tile"), fetchedAtMs: 1 }]);
  expect((await read())?.map(Math.round)).toEqual([0, 0, 180, 85]);
  const definition = JSON.stringify({ version: 1, coverage: { bbox: [5, 45, 6, 46] }, zooms: [1], sourceId: null });
  await store.putTask({ id: "a", definition, report: null, updatedAtMs: 1 });
  expect(await read()).toEqual([5, 45, 6, 46]);
  await store.close();
});

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { getGrid } from "../../src/grid/index.ts";

interface GoldenTile {
  grid: string;
  crs: string;
  tile: string;
  bbox: [minX: number, minY: number, maxX: number, maxY: number];
  corners: [lon: number, lat: number][];
}

const goldenTiles = JSON.parse(readFileSync(new URL("grid_tiles.json", import.meta.url), "utf8")) as GoldenTile[];

/** 0.01 m; EPSG:2056 is 1 m from WGS 84 by its best-known shift, of which programs choose one of several. */
const toleranceDeg = (crs: string): number => (crs === "EPSG:2056" ? 1e-5 : 1e-7);

const aroundCircle = (degrees: number): number => Math.abs((((degrees % 360) + 540) % 360) - 180);

describe("golden tiles", () => {
  test.each(goldenTiles)(
    "$grid $tile lies where its definition and PROJ say",
    ({ grid: name, tile, crs, bbox, corners }) => {
      const grid = getGrid(name);
      const [z = 0, x = 0, y = 0] = tile.split("/").map(Number);
      const made = grid.tileToBbox({ z, x, y });
      const slack = (grid.bbox[2] - grid.bbox[0]) * 1e-12;
      made.forEach((value, index) => expect(Math.abs(value - (bbox[index] ?? Number.NaN))).toBeLessThan(slack));
      const [minX, minY, maxX, maxY] = made;
      [grid.crs.toLonLat(minX, minY), grid.crs.toLonLat(maxX, maxY)].forEach(([lon, lat], index) => {
        const [wantedLon, wantedLat] = corners[index] ?? [Number.NaN, Number.NaN];
        expect(Math.abs(lat - wantedLat)).toBeLessThan(toleranceDeg(crs));
        expect(aroundCircle(lon - wantedLon)).toBeLessThan(toleranceDeg(crs));
      });
      expect(grid.lonLatToTile(...grid.crs.toLonLat((minX + maxX) / 2, (minY + maxY) / 2), z)).toEqual({ z, x, y });
    },
  );
});

import { describe, expect, test } from "vitest";
import { tileToText, type TileCoord, type TileMatrixSet } from "../grid/index.ts";
import { gridOf, lonLat, makePlanner, mercator, tileAt } from "./fixtures/planners.ts";
import { offsetOf } from "./fixtures/plan_judge.ts";
import { MOSAIC_PIXELS, type WarpPlanner } from "./warp_plan.ts";
import type { TileWarp, WarpPlan } from "./plan_builder.ts";

/** All tiles of the metatile that a tile belongs to. */
function metatileAround(planner: WarpPlanner, tile: TileCoord): TileCoord[] {
  const size = planner.metatileSize;
  const { x, y } = planner.metatileOf(tile);
  return Array.from({ length: size * size }, (_, i) => ({
    z: tile.z,
    x: x * size + (i % size),
    y: y * size + Math.floor(i / size),
  }));
}

const levelOf = (plans: readonly WarpPlan[]): number | undefined => plans[0]?.sources[0]?.z;

describe("the level of the source", () => {
  // 8 m in UTM: 8 m of mercator on the equator, 8 / cos 70 = 23.4 m at 70 degrees. Levels 13, 14 and 15 have 19.1, 9.6 and 4.8 m; a
  // pixel may be 1.15 times as large as wanted.
  const utm = gridOf(32632);
  const z = utm.matrices.findIndex(({ cellSize }) => cellSize === 8);

  test.each([
    [0.5, 15],
    [45, 14],
    [70, 13],
  ])("is chosen by the resolution at the place: latitude %d takes %d", (lat, expected) => {
    expect(levelOf(makePlanner(utm, mercator).plan([tileAt(utm, 9, lat, z)]))).toBe(expected);
  });

  test.each([
    [16, 18, 16],
    [0, 11, 11],
  ])("stays within %d to %d that the source serves", (minZoom, maxZoom, expected) => {
    expect(levelOf(makePlanner(utm, mercator, { minZoom, maxZoom }).plan([tileAt(utm, 9, 45, z)]))).toBe(expected);
  });

  test("of the same grid is the same level", () => {
    for (const level of [0, 1, 7, 18]) {
      const plans = makePlanner(mercator, mercator).plan([tileAt(mercator, 8, 47, level)]);
      expect(levelOf(plans)).toBe(level);
    }
  });

  test("that begins at zoom 12 cannot make a tile of the whole world: the error says so", () => {
    const planner = makePlanner(lonLat, mercator, { minZoom: 12 });
    expect(() => planner.plan([{ z: 0, x: 0, y: 0 }])).toThrowError(
      expect.objectContaining({
        code: "grid.level",
        message: expect.stringMatching(
          /^the tile 0\/0\/0 of WorldCRS84Quad needs .* WebMercatorQuad, which begins at zoom 12/,
        ),
        fields: { tile: { z: 0, x: 0, y: 0 }, minZoom: 12 },
      }),
    );
  });

  test("that begins a little too deep makes mosaics of many tiles", () => {
    const [plan] = makePlanner(lonLat, mercator, { minZoom: 8 }).plan([tileAt(lonLat, 8, 20, 4)]);
    // 11.25 degrees of 1.40625 each, and what the edges touch.
    expect(plan?.sources.length).toBeGreaterThanOrEqual(64);
    expect(plan?.sources.length).toBeLessThanOrEqual(110);
    expect(plan?.sources.every(({ z: level }) => level === 8)).toBe(true);
  });
});

describe("tiles that lie outside of the source", () => {
  test("have no sources and no mosaic", () => {
    // Australia is no part of the Swiss grid.
    const planner = makePlanner(mercator, gridOf(2056));
    const [plan, ...more] = planner.plan([tileAt(mercator, 120, -30, 8)]);
    expect(more).toEqual([]);
    expect(plan).toMatchObject({ sources: [], placements: [], mosaicWidth: 0, mosaicHeight: 0 });
    expect(plan?.tiles[0]).toMatchObject({ sources: [] });
  });

  test("and tiles within it are planned side by side", () => {
    const planner = makePlanner(gridOf(3031), mercator);
    // The mercator square ends at 85.05 degrees: 540 km from the pole.
    const z = 5;
    const tiles = metatileAround(planner, tileAt(gridOf(3031), 0, -89.99, z));
    const warps = planner.plan(tiles).flatMap(({ tiles: made }) => made);
    expect(warps).toHaveLength(tiles.length);
    const empty = warps.filter(({ sources }) => sources.length === 0);
    expect(empty.length).toBeGreaterThan(0);
    expect(empty.length).toBeLessThan(tiles.length);
  });

  test("no tiles make no plan", () => {
    expect(makePlanner(mercator, lonLat).plan([])).toEqual([]);
  });
});

/** Source tiles of a tile, and its positions in pixels of the source's level, whatever mosaic they were made for. */
function describeWarp(plan: WarpPlan, warp: TileWarp, source: TileMatrixSet): { sources: string[]; places: number[] } {
  const { tileOf } = offsetOf(plan, source);
  const { x, y } = tileOf(0, 0);
  const turn = source.getMatrix(plan.sources[0]?.z ?? 0).matrixWidth * plan.cellWidth;
  const places = warp.blocks.flatMap(({ positions }) =>
    [...positions].map((value, i) => (i % 2 === 0 ? (value + x * plan.cellWidth) % turn : value + y * plan.cellHeight)),
  );
  return { sources: warp.sources.map((index) => tileToText(plan.sources[index] as TileCoord)).sort(), places };
}

describe("a tile beside its neighbours", () => {
  test.each([
    ["Switzerland", gridOf(2056), mercator, 8.2, 46.8, 7],
    ["across 180 degrees", gridOf(3832), lonLat, 179.9, 5, 5],
    ["around the pole", gridOf(3413), lonLat, 10, 89.9, 6],
  ] as const)("is planned as it is alone: %s", (_name, destination, source, lon, lat, z) => {
    const planner = makePlanner(destination, source);
    const tiles = metatileAround(planner, tileAt(destination, lon, lat, z)).filter((tile) => destination.hasTile(tile));
    expect(tiles.length).toBeGreaterThan(4);
    for (const together of planner.plan(tiles)) {
      for (const warp of together.tiles) {
        const [alone] = planner.plan([warp.tile]) as [WarpPlan];
        const [single] = alone.tiles as [TileWarp];
        const [left, right] = [describeWarp(together, warp, source), describeWarp(alone, single, source)];
        expect(left.sources).toEqual(right.sources);
        expect(left.places.length).toBe(right.places.length);
        // Whole tiles are added and taken away again: what rounding leaves.
        const off = left.places.filter((place, i) => Math.abs(place - (right.places[i] as number)) > 1e-6);
        expect(off).toEqual([]);
      }
    }
  });

  test("across 180 degrees stands beside it: the mosaic is as narrow as elsewhere", () => {
    const pacific = gridOf(3832);
    for (const source of [lonLat, mercator]) {
      const planner = makePlanner(pacific, source);
      const widths = [150, 180, -150].map((lon) => {
        const plans = planner.plan(metatileAround(planner, tileAt(pacific, lon, 5, 5)));
        expect(plans).toHaveLength(1);
        return (plans[0]?.mosaicWidth ?? 0) / 256;
      });
      expect(Math.max(...widths) - Math.min(...widths)).toBeLessThanOrEqual(1);
    }
  });

  test("shares source tiles with it", () => {
    const planner = makePlanner(gridOf(2056), mercator);
    const [plan, ...more] = planner.plan(metatileAround(planner, tileAt(gridOf(2056), 8.2, 46.8, 7))) as [WarpPlan];
    expect(more).toEqual([]);
    expect(plan.tiles).toHaveLength(16);
    const asked = plan.tiles.reduce((sum, { sources }) => sum + sources.length, 0);
    expect(plan.sources.length).toBeLessThan(asked / 2);
  });
});

describe("a metatile whose mosaic would be too large", () => {
  test("becomes several plans, each tile in one of them", () => {
    const planner = makePlanner(lonLat, mercator, { minZoom: 8 });
    const tiles = metatileAround(planner, tileAt(lonLat, 8, 20, 6));
    const plans = planner.plan(tiles);
    expect(plans.length).toBeGreaterThan(1);
    const planned = plans.flatMap((plan) => plan.tiles.map(({ tile }) => tileToText(tile)));
    expect(planned.sort()).toEqual(tiles.map(tileToText).sort());
    for (const plan of plans) expect(plan.mosaicWidth * plan.mosaicHeight).toBeLessThanOrEqual(MOSAIC_PIXELS);
  });
});

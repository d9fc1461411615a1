import { describe, expect, test } from "vitest";
import { tileToText, type TileCoord, type TileMatrixSet } from "../grid/index.ts";
import { gridOf, lonLat, makePlanner, mercator, tileAt } from "./fixtures/planners.ts";
import { listCellsRead, listTilesUnder, offsetOf } from "./fixtures/plan_judge.ts";
import { RESAMPLINGS } from "./resampling.ts";
import type { WarpPlanner } from "./warp_plan.ts";
import type { TileWarp, WarpPlan } from "./plan_builder.ts";

/** The plan of one tile, and the tile in it. */
function planOne(planner: WarpPlanner, tile: TileCoord): { plan: WarpPlan; warp: TileWarp } {
  const [plan, ...more] = planner.plan([tile]);
  const [warp] = plan?.tiles ?? [];
  if (plan === undefined || warp === undefined || more.length > 0) throw new Error("expected one plan of one tile");
  return { plan, warp };
}

const sourcesOf = (plan: WarpPlan, warp: TileWarp): string[] =>
  warp.sources.map((index) => tileToText(plan.sources[index] as TileCoord)).sort();

/** Places where something may go wrong, by name: destination, source, lon, lat, zoom of the destination. */
const PLACES: readonly (readonly [string, TileMatrixSet, TileMatrixSet, number, number, number])[] = [
  ["Switzerland", gridOf(2056), mercator, 8.2, 46.8, 6],
  ["Europe, coarse", gridOf(3035), mercator, 10, 52, 1],
  ["across 180 degrees, on geodetic tiles", gridOf(3832), lonLat, 180, 20, 4],
  ["across 180 degrees, on mercator tiles", gridOf(3832), mercator, 180, -40, 4],
  ["the western edge of the world", mercator, lonLat, -179.99, 30, 4],
  ["the eastern edge of the world", lonLat, mercator, 179.99, -30, 4],
  ["the whole world", mercator, lonLat, 0, 0, 0],
  ["the south pole, on geodetic tiles", gridOf(3031), lonLat, 0, -90, 3],
  ["the south pole, on mercator tiles", gridOf(3031), mercator, 0, -90, 1],
  ["the north pole, 3413, on geodetic tiles", gridOf(3413), lonLat, -45, 90, 4],
  ["the north pole, 3413, on mercator tiles", gridOf(3413), mercator, -45, 90, 0],
  ["the north pole, 3995, on geodetic tiles", gridOf(3995), lonLat, 0, 90, 2],
  ["the north pole, 3995, on mercator tiles", gridOf(3995), mercator, 0, 90, 2],
  ["beside the pole", gridOf(3413), mercator, 170, 80, 4],
  ["the edge of a national grid", mercator, gridOf(2056), 6, 45.83, 9],
];

describe.each(PLACES)("%s", (_name, destination, source, lon, lat, z) => {
  const tile = tileAt(destination, lon, lat, z);

  test.each(RESAMPLINGS)("every pixel that %s reads lies in a tile of the plan", (resampling) => {
    const { plan, warp } = planOne(makePlanner(destination, source, { resampling }), tile);
    const known = new Set(warp.sources);
    const cells = new Map(plan.placements.map(({ column, row, source: index }) => [`${column} ${row}`, index]));
    const { isInSource } = offsetOf(plan, source);
    for (const [column, row] of listCellsRead(plan, warp, resampling)) {
      if (!isInSource(column, row)) continue;
      expect(known.has(cells.get(`${column} ${row}`) ?? -1)).toBe(true);
    }
  });

  test("every pixel's exact place lies in a tile of the plan", () => {
    const { plan, warp } = planOne(makePlanner(destination, source, { resampling: "nearest" }), tile);
    const level = plan.sources[0]?.z ?? 0;
    const planned = new Set(sourcesOf(plan, warp));
    const under = listTilesUnder(destination, tile, source, level);
    expect(under.size).toBeGreaterThan(0);
    expect([...under].filter((text) => !planned.has(text))).toEqual([]);
    // Nearest needs little more than what lies under its pixels: whole rows of tiles may lie around them.
    expect(planned.size).toBeLessThanOrEqual(under.size + 2 * Math.ceil(4 * Math.sqrt(under.size)) + 4);
  });

  test("each source tile is listed once, is a tile of its grid, and stands at its place", () => {
    const { plan, warp } = planOne(makePlanner(destination, source), tile);
    expect(new Set(plan.sources.map(tileToText)).size).toBe(plan.sources.length);
    expect(plan.sources.every((one) => source.hasTile(one))).toBe(true);
    expect(new Set(warp.sources).size).toBe(warp.sources.length);
    const { tileOf } = offsetOf(plan, source);
    for (const { source: index, column, row } of plan.placements) {
      expect(tileOf(column, row)).toEqual(plan.sources[index]);
      expect(column).toBeLessThan(plan.mosaicWidth / plan.cellWidth);
      expect(row).toBeLessThan(plan.mosaicHeight / plan.cellHeight);
    }
  });
});

import { describe, expect, test } from "vitest";
import { bboxCoverage, geoJsonCoverage, listBlockTiles, planTiles, webMercatorQuad } from "../../grid/index.ts";
import { blockTilesFor } from "./block_size.ts";
import { PLAN_START, PlanCutter, type PlanCursor } from "./plan_cutter.ts";

const grid = webMercatorQuad();
const ring = [
  [-20, -10],
  [25, -12],
  [30, 40],
  [5, 5],
  [-18, 35],
  [-20, -10],
];
const polygon = geoJsonCoverage(JSON.stringify({ type: "Polygon", coordinates: [ring] }));

describe("a plan that is cut", () => {
  test.each([
    ["a box over the antimeridian", bboxCoverage([170, -30, -160, 40]), [0, 5, 9], 700],
    ["a polygon", polygon, [3, 8, 10], 300],
    ["pieces of a row", bboxCoverage([0, 0, 40, 40]), [9], 5],
    ["pieces larger than any block", bboxCoverage([0, 0, 80, 40]), [10], 1e6],
  ])("%s holds each tile once, whoever cuts the next piece", (_name, coverage, zooms, target) => {
    const plan = planTiles(grid, coverage, zooms);
    const tiles = new Set<string>();
    let pieces = 0;
    // Each piece by a cutter of its own, as another machine would do it.
    for (let cursor: PlanCursor | null = PLAN_START; cursor !== null;) {
      const cutter: PlanCutter = new PlanCutter(plan, JSON.parse(JSON.stringify(cursor)) as PlanCursor);
      const piece = cutter.next(target);
      if (piece === null) break;
      pieces += 1;
      expect(plan.clip(piece.range)).toEqual(piece);
      for (const { z, x, y } of listBlockTiles(piece)) {
        const name = `${z}/${x}/${y}`;
        expect(tiles.has(name)).toBe(false);
        tiles.add(name);
      }
      cursor = cutter.cursor;
    }
    expect(tiles.size).toBe(plan.count);
    expect(pieces).toBeGreaterThan(2);
  });

  test("pieces are about as large as asked", () => {
    const plan = planTiles(grid, bboxCoverage([-180, -85, 180, 85]), [9]);
    const cutter = new PlanCutter(plan, PLAN_START);
    const counts: number[] = [];
    for (let piece = cutter.next(1000); piece !== null; piece = cutter.next(1000)) counts.push(piece.count);
    expect(counts.length).toBeGreaterThan(200);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(960);
    expect(Math.max(...counts)).toBeLessThanOrEqual(1088);
    expect(cutter.cursor).toBeNull();
    expect(cutter.next(1000)).toBeNull();
  });

  test("the end of 10^10 tiles is as near as the beginning", () => {
    const plan = planTiles(grid, bboxCoverage([-180, -85, 180, 85]), [17]);
    const last = { z: 17, minX: 131_008, minY: 130_816, maxX: 131_071, maxY: 130_945 };
    const before = { ...last, minX: last.minX - 64, maxX: last.maxX - 64 };
    const cutter = new PlanCutter(plan, { after: before, rows: 0 });
    expect(cutter.next(1e5)?.range).toMatchObject({ z: 17, minX: last.minX, maxX: last.maxX });
    expect(cutter.cursor).toBeNull();
  });
});

test.each([
  [{ tilesPerSecond: null, workers: 1, remainingTiles: 1e9 }, 1024],
  [{ tilesPerSecond: 100, workers: 8, remainingTiles: 1e9 }, 4000],
  [{ tilesPerSecond: 0.5, workers: 8, remainingTiles: 1e9 }, 64],
  [{ tilesPerSecond: 100, workers: 8, remainingTiles: 32_000 }, 1000],
  [{ tilesPerSecond: 100, workers: 0, remainingTiles: 10 }, 64],
])("speed %j makes blocks of %i tiles", (speed, tiles) => {
  expect(blockTilesFor(speed)).toBe(tiles);
});

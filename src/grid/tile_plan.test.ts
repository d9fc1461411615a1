import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bboxCoverage, geoJsonCoverage, type Coverage } from "./coverage.ts";
import { webMercatorQuad, worldCrs84Quad } from "./known_grids.ts";
import type { TileCoord } from "./tile.ts";
import { listBlockTiles, planTiles, sliceBlock, type TilePlan } from "./tile_plan.ts";
import { tileToText } from "./tile.ts";

const mercator = webMercatorQuad();
const geodetic = worldCrs84Quad();

function listTiles(plan: TilePlan): TileCoord[] {
  return [...plan.listBlocks()].flatMap((block) => [...listBlockTiles(block)]);
}

function names(plan: TilePlan): string[] {
  return listTiles(plan).map(tileToText).toSorted();
}

describe("a plan of a box", () => {
  test("z0-6 of the world has 5,461 tiles, each listed once, coarse levels first", () => {
    const plan = planTiles(mercator, bboxCoverage([-180, -90, 180, 90]), [0, 1, 2, 3, 4, 5, 6]);
    const tiles = listTiles(plan);
    expect(plan.count).toBe(5461);
    expect(tiles).toHaveLength(5461);
    expect(new Set(tiles.map(tileToText)).size).toBe(5461);
    expect(tiles.map((tile) => tile.z)).toEqual(tiles.map((tile) => tile.z).toSorted((a, b) => a - b));
  });

  test("the count of 1.1 x 10^10 tiles is known and the first block is there without listing the rest", () => {
    const plan = planTiles(
      mercator,
      bboxCoverage([-180, -90, 180, 90]),
      [...Array(17).keys()].map((z) => z + 1),
    );
    expect(plan.count).toBe((4 ** 18 - 4) / 3);
    const [first] = plan.listBlocks();
    expect(first?.count).toBe(4);
  });

  test("a box made of tile borders gives just those tiles", () => {
    const plan = planTiles(geodetic, bboxCoverage([0, 0, 90, 90]), [1]);
    expect(names(plan)).toEqual(["1/2/0"]);
  });

  test("across the antimeridian both sides are covered and no tile twice", () => {
    const plan = planTiles(mercator, bboxCoverage([170, -10, -170, 10]), [0, 1, 4]);
    expect(names(plan)).toEqual(
      ["0/0/0", "1/0/0", "1/0/1", "1/1/0", "1/1/1", "4/0/7", "4/0/8", "4/15/7", "4/15/8"].toSorted(),
    );
    expect(plan.count).toBe(9);
    expect(names(planTiles(mercator, bboxCoverage([170, -10, 190, 10]), [0, 1, 4]))).toEqual(names(plan));
  });

  test("poles are clamped to the square of web mercator", () => {
    expect(planTiles(mercator, bboxCoverage([0, 80, 10, 90]), [3]).count).toBe(1);
  });

  test.each([
    [[Number.NaN, 0, 1, 1], "bbox.invalid"],
    [[0, 0, 0, 1], "bbox.invalid"],
    [[0, 5, 1, 4], "bbox.invalid"],
    [[0, -91, 1, 1], "bbox.invalid"],
    [[0, 0, 700, 1], "bbox.invalid"],
    [[0, 0, 1], "bbox.invalid"],
  ])("box %j is refused with %s", (bbox, code) => {
    expect(() => bboxCoverage(bbox)).toThrowError(expect.objectContaining({ code }));
  });

  test("a zoom that the grid does not have is refused", () => {
    expect(() => planTiles(mercator, bboxCoverage([0, 0, 1, 1]), [31])).toThrowError(
      expect.objectContaining({ code: "grid.level" }),
    );
  });
});

const polygon = (...rings: number[][][]): Coverage =>
  geoJsonCoverage(JSON.stringify({ type: "Polygon", coordinates: rings }));

/** Slow and simple judge: a tile is covered when any point of a fine lattice inside of it is in the polygon. */
function coversByLattice(rings: readonly (readonly (readonly number[])[])[], box: readonly number[]): boolean {
  const steps = 24;
  for (let i = 0; i < steps; i++) {
    for (let j = 0; j < steps; j++) {
      const x = (box[0] ?? 0) + (((box[2] ?? 0) - (box[0] ?? 0)) * (i + 0.5)) / steps;
      const y = (box[1] ?? 0) + (((box[3] ?? 0) - (box[1] ?? 0)) * (j + 0.5)) / steps;
      if (rings.filter((ring) => insideRing(ring, x, y)).length % 2 === 1) return true;
    }
  }
  return false;
}

function insideRing(ring: readonly (readonly number[])[], x: number, y: number): boolean {
  let inside = false;
  ring.forEach(([x0 = 0, y0 = 0], index) => {
    const [x1 = 0, y1 = 0] = ring[(index + 1) % ring.length] ?? [];
    if (y0 <= y !== y1 <= y && x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)) inside = !inside;
  });
  return inside;
}

describe("a plan of polygons", () => {
  const outer = [
    [-20, -10],
    [25, -12],
    [30, 20],
    [5, 35],
    [-18, 15],
  ];
  const hole = [
    [-5, 0],
    [10, 0],
    [10, 12],
    [-5, 12],
  ];

  test("equals a lattice test of every tile, hole included", () => {
    const plan = planTiles(geodetic, polygon(outer, hole), [6]);
    const covered = new Set(names(plan));
    const { matrixWidth, matrixHeight } = geodetic.getMatrix(6);
    let extra = 0;
    for (let x = 0; x < matrixWidth; x++) {
      for (let y = 0; y < matrixHeight; y++) {
        const tile = { z: 6, x, y };
        const expected = coversByLattice([outer, hole], geodetic.tileToBbox(tile));
        // The lattice can miss a sliver, never the other way round.
        if (expected) expect(covered).toContain(tileToText(tile));
        else if (covered.has(tileToText(tile))) extra += 1;
      }
    }
    expect(plan.count).toBe(covered.size);
    expect(extra).toBeLessThan(covered.size * 0.02);
  });

  test("a box drawn as a polygon gives the tiles of the box, on both grids", () => {
    const box = fc.tuple(
      fc.integer({ min: -179, max: 170 }),
      fc.integer({ min: -80, max: 70 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
    );
    fc.assert(
      fc.property(
        box,
        fc.constantFrom(mercator, geodetic),
        fc.integer({ min: 0, max: 9 }),
        ([west, south, width, height], grid, zoom) => {
          const [east, north] = [west + width, south + height];
          const ring = [
            [west, south],
            [east, south],
            [east, north],
            [west, north],
            [west, south],
          ];
          const fromPolygon = planTiles(grid, polygon(ring), [zoom]);
          const fromBox = planTiles(grid, bboxCoverage([west, south, east, north]), [zoom]);
          expect(names(fromPolygon)).toEqual(names(fromBox));
          expect(fromPolygon.count).toBe(fromBox.count);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("a polygon beyond 180 degrees comes in again on the other side", () => {
    const plan = planTiles(
      geodetic,
      polygon([
        [175, 0],
        [185, 0],
        [185, 5],
        [175, 5],
      ]),
      [4],
    );
    expect(names(plan)).toEqual(["4/0/7", "4/31/7"]);
  });

  test("a sliver thinner than a tile keeps every tile that it passes", () => {
    const plan = planTiles(
      geodetic,
      polygon([
        [0.1, 0.1],
        [40, 0.1],
        [40, 0.100001],
        [0.1, 0.100001],
      ]),
      [5],
    );
    expect(plan.count).toBe(8);
  });

  test("polygons that are no area, and other geometries, are refused", () => {
    expect(() =>
      planTiles(
        geodetic,
        polygon([
          [0, 0],
          [1, 0],
          [0, 0],
        ]),
        [3],
      ),
    ).toThrowError(expect.objectContaining({ code: "coverage.invalid" }));
    for (const text of [
      "{",
      "[]",
      '{"type":"Point","coordinates":[0,0]}',
      '{"type":"FeatureCollection","features":[]}',
      '{"type":"Polygon","coordinates":[[[0,95],[1,1],[2,2]]]}',
    ]) {
      expect(() => geoJsonCoverage(text)).toThrowError(expect.objectContaining({ code: "coverage.invalid" }));
    }
  });
});

describe("parts of a plan", () => {
  const zigzag = polygon([
    [-30, -20],
    [40, -25],
    [35, 30],
    [10, -5],
    [-10, 32],
  ]);
  const plans = [
    planTiles(mercator, bboxCoverage([170, -40, -150, 60]), [0, 3, 8, 10]),
    planTiles(mercator, zigzag, [2, 9, 11]),
    planTiles(geodetic, zigzag, [5, 10]),
  ];

  test.each(plans)("what is listed after a block is what was listed after it before (plan of $count)", (plan) => {
    const all = [...plan.listBlocks()];
    expect(all.length).toBeGreaterThan(10);
    all.forEach((block, index) => {
      if (index % 7 !== 0 && index < all.length - 3) return;
      expect([...plan.listBlocks(block.range)]).toEqual(all.slice(index + 1));
    });
  });

  test.each(plans)("the part of a plan in the range of a block is the block (plan of $count)", (plan) => {
    for (const block of plan.listBlocks()) expect(plan.clip(block.range)).toEqual(block);
  });

  test.each(plans)(
    "slices of a block hold its tiles once, and are what the plan has there (plan of $count)",
    (plan) => {
      for (const block of plan.listBlocks()) {
        const height = block.range.maxY - block.range.minY + 1;
        const cut = Math.floor(height / 3);
        const slices = cut === 0 ? [block] : [sliceBlock(block, 0, cut - 1), sliceBlock(block, cut, height - 1)];
        const count = slices.reduce((sum, slice) => sum + slice.count, 0);
        expect(count).toBe(block.count);
        expect(slices.flatMap((slice) => [...listBlockTiles(slice)])).toEqual([...listBlockTiles(block)]);
        for (const slice of slices) expect(plan.clip(slice.range)).toEqual(slice);
      }
    },
  );
});

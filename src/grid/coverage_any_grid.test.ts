import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bboxCoverage, coverGrid, type Coverage, geoJsonCoverage } from "./coverage.ts";
import { getGrid, listGrids } from "./known_grids.ts";
import type { TileCoord } from "./tile.ts";
import { tileToText } from "./tile.ts";
import type { TileMatrixSet } from "./tile_matrix_set.ts";
import { listBlockTiles, planTiles } from "./tile_plan.ts";

/** A coverage as the judge sees it: is a place in it, and which places lie on its border. */
interface Area {
  readonly coverage: Coverage;
  readonly has: (lon: number, lat: number) => boolean;
  readonly border: readonly (readonly [lon: number, lat: number])[];
}

type Corner = readonly [lon: number, lat: number];

function boxArea(west: number, south: number, width: number, height: number): Area {
  const [east, north] = [west + width, south + height];
  const has = (lon: number, lat: number): boolean =>
    lat >= south && lat <= north && [lon - 360, lon, lon + 360].some((one) => one >= west && one <= east);
  const corners: Corner[] = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
  ];
  return { coverage: bboxCoverage([west, south, east, north]), has, border: walk(corners) };
}

function polygonArea(corners: readonly Corner[]): Area {
  const text = JSON.stringify({ type: "Polygon", coordinates: [corners] });
  return { coverage: geoJsonCoverage(text), has: (lon, lat) => isInside(corners, lon, lat), border: walk(corners) };
}

function isInside(ring: readonly Corner[], lon: number, lat: number): boolean {
  let inside = false;
  ring.forEach(([x0, y0], index) => {
    const [x1, y1] = ring[(index + 1) % ring.length] ?? [x0, y0];
    if (y0 <= lat !== y1 <= lat && lon < x0 + ((lat - y0) / (y1 - y0)) * (x1 - x0)) inside = !inside;
  });
  return inside;
}

/** 8,000 places on each side. */
function walk(corners: readonly Corner[]): Corner[] {
  return corners.flatMap(([x0, y0], index) => {
    const [x1, y1] = corners[(index + 1) % corners.length] ?? [x0, y0];
    return Array.from({ length: 8000 }, (_, step): Corner => [
      x0 + ((x1 - x0) * step) / 8000,
      y0 + ((y1 - y0) * step) / 8000,
    ]);
  });
}

/** True when one of `lattice` x `lattice` places of the tile lies in the area; places that the CRS does not lead back to are no places. */
function holdsPlace(grid: TileMatrixSet, tile: TileCoord, area: Area, lattice = 8): boolean {
  const [minX, minY, maxX, maxY] = grid.tileToBbox(tile);
  for (let index = 0; index < lattice * lattice; index++) {
    const x = minX + ((maxX - minX) * ((index % lattice) + 0.5)) / lattice;
    const y = minY + ((maxY - minY) * (Math.floor(index / lattice) + 0.5)) / lattice;
    const [lon, lat] = grid.crs.toLonLat(x, y);
    const [backX, backY] = grid.crs.fromLonLat(lon, lat);
    const back = Math.hypot(backX - x, backY - y) < (maxX - minX) * 1e-3;
    if (back && area.has(lon, lat)) return true;
  }
  return false;
}

/** Tiles of a level that a border passes, each place of it seen as a disc of 1/25 of a tile. */
function tilesOfBorder(grid: TileMatrixSet, area: Area, z: number): Set<string> {
  const { cellSize, tileWidth } = grid.getMatrix(z);
  const reach = (cellSize * tileWidth) / 25;
  const tiles = new Set<string>();
  for (const [lon, lat] of area.border) {
    const [x, y] = grid.crs.fromLonLat(lon > 180 ? lon - 360 : lon, lat);
    for (const [dx, dy] of [
      [-1, -1],
      [1, -1],
      [-1, 1],
      [1, 1],
    ] as const) {
      const tile = Number.isFinite(x + y) ? grid.pointToTile(x + dx * reach, y + dy * reach, z) : null;
      if (tile !== null) tiles.add(tileToText(tile));
    }
  }
  return tiles;
}

function coveredTiles(grid: TileMatrixSet, area: Area, z: number): Set<string> {
  if (coverGrid(grid, area.coverage, z).count(z) === 0) return new Set();
  const plan = planTiles(grid, area.coverage, [z]);
  return new Set([...plan.listBlocks()].flatMap((block) => [...listBlockTiles(block)].map(tileToText)));
}

interface Verdict {
  covered: number;
  missing: string[];
  needless: string[];
}

/** Compares every tile of a level with the judge. */
function judge(grid: TileMatrixSet, area: Area, z: number): Verdict {
  const covered = coveredTiles(grid, area, z);
  const border = tilesOfBorder(grid, area, z);
  const verdict: Verdict = { covered: covered.size, missing: [], needless: [] };
  const { matrixWidth, matrixHeight } = grid.getMatrix(z);
  for (let x = 0; x < matrixWidth; x++) {
    for (let y = 0; y < matrixHeight; y++) {
      const name = tileToText({ z, x, y });
      const wanted = holdsPlace(grid, { z, x, y }, area);
      if (wanted && !covered.has(name)) verdict.missing.push(name);
      const needless = !wanted && covered.has(name) && !border.has(name) && !holdsPlace(grid, { z, x, y }, area, 96);
      if (needless) verdict.needless.push(name);
    }
  }
  return verdict;
}

/** Deepest level of at most 400 tiles. */
function levelOf(grid: TileMatrixSet): number {
  return grid.matrices.findLastIndex(({ matrixWidth, matrixHeight }) => matrixWidth * matrixHeight <= 400);
}

const grids = [
  ...listGrids(),
  ...[2056, 2154, 3031, 3413, 3995, 3832, 2193, 32760, 3575, 5514, 27700, 8857, 4167, 3857].map(
    (code) => `EPSG:${code}`,
  ),
];

/** Shares within 0..1, from which an area is made. */
const share = fc.oneof(fc.noBias(fc.integer({ min: 0, max: 100_000 })), fc.integer({ min: 0, max: 100_000 }));
const shares = fc.array(
  share.map((one) => one / 100_000),
  { minLength: 6, maxLength: 6 },
);
type Shares = readonly number[];

function anyBox([x = 0, y = 0, w = 0, h = 0]: Shares): Area {
  const south = -90 + y * 179;
  return boxArea(-180 + x * 360, south, 0.5 + w * 358.5, (0.05 + 0.94 * h) * (90 - south));
}

/** Near the area of use, where small ones are likely to be met. */
function nearBox({ crs }: TileMatrixSet, [x = 0, y = 0, w = 0, h = 0]: Shares): Area {
  const [west, south, east, north] = crs.areaOfUse;
  const width = east > west ? east - west : east - west + 360;
  const low = Math.max(-90, Math.min(89, south + (y * 1.3 - 0.3) * (north - south)));
  const left = Math.max(-180, west + (x * 1.3 - 0.3) * width);
  const size = Math.min((0.05 + 0.95 * h) * (north - south), (90 - low) * 0.999_999);
  return boxArea(left > 180 ? left - 360 : left, low, Math.min((0.05 + w) * width, 359), size);
}

function triangle([a = 0, b = 0, c = 0, d = 0, e = 0, f = 0]: Shares): Area {
  const corner = (x: number, y: number): Corner => [x * 360 - 180, y * 180 - 90];
  return polygonArea([corner(a, b), corner(c, d + 0.01 > 1 ? 0.5 : d + 0.01), corner(e, f)]);
}

describe("a coverage on any grid has the tiles that a judge finds who asks 64 places of every tile", () => {
  test.each(grids)("%s", (name) => {
    const grid = getGrid(name);
    const z = levelOf(grid);
    const makers = { anyBox, triangle, nearBox: (numbers: Shares) => nearBox(grid, numbers) };
    const kind = fc.constantFrom("anyBox" as const, "triangle" as const, "nearBox" as const, "nearBox" as const);
    let covered = 0;
    fc.assert(
      fc.property(kind, shares, (which, numbers) => {
        const [a = 0, , c = 0] = numbers;
        fc.pre(which !== "triangle" || Math.abs(a - c) > 0.001);
        const verdict = judge(grid, makers[which](numbers), z);
        covered += verdict.covered;
        expect(verdict).toMatchObject({ missing: [], needless: [] });
      }),
      { numRuns: 10, seed: 1, endOnFailure: true },
    );
    expect(covered).toBeGreaterThan(0);
  });
});

/** Tiles that share area with a disc around the pole, by the distance of the nearest point of each. */
function tilesOfDisc(grid: TileMatrixSet, radius: number, z: number): string[] {
  const { matrixWidth, matrixHeight } = grid.getMatrix(z);
  const names: string[] = [];
  const nearest = (low: number, high: number): number => Math.max(low, Math.min(0, high));
  for (let x = 0; x < matrixWidth; x++) {
    for (let y = 0; y < matrixHeight; y++) {
      const [minX, minY, maxX, maxY] = grid.tileToBbox({ z, x, y });
      if (Math.hypot(nearest(minX, maxX), nearest(minY, maxY)) < radius) names.push(tileToText({ z, x, y }));
    }
  }
  return names.toSorted();
}

describe("on deep levels", () => {
  test.each(["EPSG:2154", "EPSG:2056", "EPSG:3413", "EuropeanETRS89_LAEAQuad", "EPSG:2193", "CanadianNAD83_LCC"])(
    "%s: tiles at a border of the box are covered, and those a tile outside of it are not",
    (name) => {
      const grid = getGrid(name);
      const [west, south, east, north] = grid.crs.areaOfUse;
      const width = east > west ? east - west : east - west + 360;
      const [left, low] = [west + width * 0.3, south + (north - south) * 0.3];
      const [w, h] = [Math.min(60, width * 0.4), (north - south) * 0.4];
      const z = Math.min(grid.maxZ, 14);
      const covered = coverGrid(grid, bboxCoverage([left, low, left + w, low + h]), z);
      const { cellSize, tileWidth } = grid.getMatrix(z);
      const tileDeg = (cellSize * tileWidth * grid.crs.metresPerUnit) / 111_319;
      const has = (lon: number, lat: number): boolean => {
        const { x, y } = grid.lonLatToTile(lon > 180 ? lon - 360 : lon, lat, z) ?? { x: -1, y: -1 };
        return (covered.listSpans(z, y, x, x) ?? []).length > 0;
      };
      for (let index = 1; index < 400; index++) {
        const share = index / 400;
        // 1/500 of a tile to the inside; 3 tiles to the outside, which is more than the diagonal even where the map stretches.
        for (const [inward, wanted] of [
          [tileDeg / 500, true],
          [-3 * tileDeg, false],
        ] as const) {
          expect(has(left + w * share, low + h - inward)).toBe(wanted);
          expect(has(left + w * share, low + inward)).toBe(wanted);
          const stretched = inward / Math.cos(((low + h * share) * Math.PI) / 180);
          expect(has(left + stretched, low + h * share)).toBe(wanted);
          expect(has(left + w - stretched, low + h * share)).toBe(wanted);
        }
      }
    },
  );
});

describe("around a pole", () => {
  // Distance of the parallel of 60 degrees from the pole, by PROJ 9.1.1's cs2cs.
  test.each([
    ["EPSG:3031", [-180, -90, 180, -60], 3_333_134.02763],
    ["EPSG:3995", [-180, 60, 180, 90], 3_333_134.02763],
    ["EPSG:3413", [-180, 60, 180, 90], 3_323_160.27064],
  ])("%s: the box %j is a disc of tiles with the pole in it", (name, bbox, radius) => {
    const grid = getGrid(name);
    for (const z of [0, 1, 2, 3, 4, 5, 6]) {
      const plan = planTiles(grid, bboxCoverage(bbox), [z]);
      const tiles = [...plan.listBlocks()].flatMap((block) => [...listBlockTiles(block)].map(tileToText));
      expect(tiles.toSorted()).toEqual(tilesOfDisc(grid, radius, z));
      expect(tiles).toContain(tileToText(grid.pointToTile(0, 0, z) ?? { z, x: -1, y: -1 }));
    }
  });

  test("the whole Earth is the whole of a polar grid, and so are its four quarters together", () => {
    const grid = getGrid("EPSG:3031");
    const listTiles = (bbox: readonly number[]): string[] =>
      [...planTiles(grid, bboxCoverage(bbox), [5]).listBlocks()].flatMap((block) =>
        [...listBlockTiles(block)].map(tileToText),
      );
    expect(listTiles([-180, -90, 180, 90])).toHaveLength(32 * 32);
    const quarters = [-180, -90, 0, 90].map((west) => listTiles([west, -90, west + 90, 90]));
    expect(new Set(quarters.flat()).size).toBe(32 * 32);
    // Only tiles on the axes belong to more than one.
    expect(quarters.flat().length).toBeLessThanOrEqual(32 * 32 + 2 * 32 + 2);
  });
});

describe("beside the grid", () => {
  test.each([
    ["EPSG:2056", [-60, -40, -50, -30]],
    ["EPSG:2154", [170, -80, -170, -70]],
    ["EPSG:3031", [0, 60, 90, 90]],
    ["EuropeanETRS89_LAEAQuad", [150, -45, 179, -10]],
    ["EPSG:2193", [0, 40, 10, 50]],
  ])("%s has no tile of %j and says so", (name, bbox) => {
    const plan = (): unknown => planTiles(getGrid(name), bboxCoverage(bbox), [0, 3, 6]);
    expect(plan).toThrowError(expect.objectContaining({ code: "coverage.invalid" }));
  });

  test.each(["EPSG:2056", "EPSG:2154", "EuropeanETRS89_LAEAQuad", "EPSG:3832", "EPSG:2193", "UPSArcticWGS84Quad"])(
    "%s is covered by the whole Earth, tile for tile",
    (name) => {
      const grid = getGrid(name);
      const { matrixWidth, matrixHeight } = grid.getMatrix(4);
      const count = planTiles(grid, bboxCoverage([-180, -90, 180, 90]), [4]).count;
      // EPSG:3832 and 2193 have tiles beyond the poles or beyond the end of the map, which no place of the Earth lies in.
      expect(count).toBeLessThanOrEqual(matrixWidth * matrixHeight);
      expect(judge(grid, boxArea(-180, -90, 359.999, 179.999), 4).missing).toEqual([]);
    },
  );

  test.each(["EPSG:4721", "EPSG:4748", "EPSG:8998", "EPSG:9014", "EPSG:9475", "EPSG:4807"])(
    "%s, of another datum or meridian, is covered by the whole Earth and by its area of use",
    (name) => {
      const grid = getGrid(name);
      const { matrixWidth, matrixHeight } = grid.getMatrix(4);
      const world = planTiles(grid, bboxCoverage([-180, -90, 180, 90]), [4]);
      expect(world.count).toBeGreaterThanOrEqual(name === "EPSG:4807" ? 1 : matrixWidth * matrixHeight);
      const [west, south, east, north] = grid.crs.areaOfUse;
      const width = east > west ? east - west : east - west + 360;
      const area = boxArea(west, south, width * 0.9999, (north - south) * 0.9999);
      expect(judge(grid, area, 4)).toMatchObject({ missing: [], needless: [] });
    },
  );

  test("a box over 180 degrees has its tiles on both sides in New Zealand and in the Pacific", () => {
    for (const name of ["EPSG:2193", "EPSG:3832"]) {
      const grid = getGrid(name);
      for (const lon of [176, -177]) {
        const tile = grid.lonLatToTile(lon, -42, 8);
        const plan = planTiles(grid, bboxCoverage([175, -45, -176, -40]), [8]);
        const tiles = [...plan.listBlocks()].flatMap((block) => [...listBlockTiles(block)].map(tileToText));
        expect(tiles).toContain(tileToText(tile ?? { z: 8, x: -1, y: -1 }));
      }
    }
  });
});

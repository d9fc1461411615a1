import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bboxIntersection, type Bbox } from "../geo/index.ts";
import { getGrid } from "./known_grids.ts";
import { makeGrid, type GridParts } from "./make_grid.ts";
import { readGrid } from "./read_grid.ts";
import { sameGrid } from "./same_grid.ts";

const box: Bbox = [100_000, 6_000_000, 1_200_000, 7_100_000];
const lambert = (parts: Omit<GridParts, "crs">) => makeGrid({ crs: "EPSG:2154", bbox: box, ...parts });

describe("a grid of parts", () => {
  test("has levels as listed, coarsest first, and as many tiles as the box needs", () => {
    const grid = lambert({ resolutions: [10, 1000, 100], tileSize: [256, 512] });
    expect(grid.matrices.map(({ cellSize }) => cellSize)).toEqual([1000, 100, 10]);
    expect(grid.getMatrix(1)).toMatchObject({ tileWidth: 256, tileHeight: 512, matrixWidth: 43, matrixHeight: 22 });
  });

  test("of scales uses the pixel of 0.28 mm", () => {
    expect(lambert({ scales: [25_000] }).getMatrix(0).cellSize).toBeCloseTo(7, 12);
    expect(lambert({ scales: [25_000] }).getMatrix(0).scaleDenominator).toBeCloseTo(25_000, 9);
  });

  test("begins with one tile around the box and steps by its factor down to 0.05 m", () => {
    const grid = lambert({});
    expect(grid.tileToBbox({ z: 0, x: 0, y: 0 })).toEqual(box);
    expect(grid.getMatrix(0)).toMatchObject({ matrixWidth: 1, matrixHeight: 1 });
    expect(grid.matrices.at(-1)?.cellSize).toBeLessThanOrEqual(0.05);
    expect(grid.matrices.at(-2)?.cellSize).toBeGreaterThan(0.05);
    const fine = lambert({ factor: Math.SQRT2, levels: 5, maxResolution: 64 });
    fine.matrices.forEach(({ cellSize }, z) => expect(cellSize).toBeCloseTo(64 / Math.SQRT2 ** z, 9));
    expect(fine.matrices).toHaveLength(5);
  });

  test("may begin at the south west: the lower border stays where it is on every level", () => {
    const grid = lambert({ origin: "sw", resolutions: [1000, 300, 70] });
    for (const [z, matrix] of grid.matrices.entries()) {
      expect(grid.rangeToBbox(grid.levelRange(z))[1]).toBeCloseTo(6_000_000, 6);
      expect(matrix.cornerOfOrigin).toBe("bottomLeft");
    }
  });

  test("may begin at a point beyond the box, which its tiles reach from there", () => {
    const grid = lambert({ origin: [0, 12_000_000], resolutions: [1000] });
    expect(grid.getMatrix(0)).toMatchObject({ pointOfOrigin: [0, 12_000_000], matrixWidth: 5, matrixHeight: 24 });
    const lower = lambert({ origin: [0, 0], cornerOfOrigin: "bottomLeft", resolutions: [1000] });
    expect(lower.rangeToBbox(lower.levelRange(0))[1]).toBeCloseTo(0, 6);
  });

  test("covers its box on every level with no row or column too many", () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const side = fc.double({ min: 1000, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        number,
        number,
        side,
        side,
        fc.constantFrom("nw" as const, "sw" as const),
        (x, y, width, height, origin) => {
          const bbox: Bbox = [x, y, x + width, y + height];
          const grid = makeGrid({ crs: "EPSG:2154", bbox, origin, levels: 6 });
          for (let z = 0; z < 6; z++) {
            const all = grid.levelRange(z);
            const inside = grid.bboxToRange(bbox, z);
            expect(inside).toEqual(all);
            const common = bboxIntersection(grid.rangeToBbox(all), bbox) ?? [0, 0, 0, 0];
            const slack = Math.max(width, height) * 1e-5;
            bbox.forEach((value, index) => expect(Math.abs(value - (common[index] ?? 0))).toBeLessThan(slack));
          }
        },
      ),
    );
  });

  test("without a box has the area of use of its CRS", () => {
    const [minX, minY, maxX, maxY] = makeGrid({ crs: "EPSG:2056", levels: 1, maxResolution: 1000 }).bbox;
    // Bern, the origin of the Swiss grid: 2,600,000 / 1,200,000.
    expect(minX < 2_600_000 && maxX > 2_600_000 && minY < 1_200_000 && maxY > 1_200_000).toBe(true);
    expect(maxX - minX).toBeLessThan(600_000);
    const bounds = makeGrid({ crs: "EPSG:3857", bounds: [0, 0, 90, 66.51326044311186], levels: 1 }).bbox;
    expect(bounds[0]).toBeCloseTo(0, 6);
    expect(bounds[2]).toBeCloseTo(10_018_754.171394622, 5);
  });

  test.each<[string, Omit<GridParts, "crs">]>([
    ["no area", { bbox: [0, 0, 0, 1] }],
    ["corners the wrong way round", { bbox: [1, 1, 0, 0] }],
    ["NaN", { bbox: [Number.NaN, 0, 1, 1] }],
    ["two areas", { bounds: [0, 40, 1, 41] }],
    ["two ways to say levels", { resolutions: [1], levels: 2 }],
    ["two lists", { resolutions: [1], scales: [1] }],
    ["no resolution", { resolutions: [] }],
    ["a resolution of 0", { resolutions: [1, 0] }],
    ["a resolution twice", { resolutions: [1, 2, 1] }],
    ["101 levels", { levels: 101 }],
    ["half a level", { levels: 1.5 }],
    ["a factor of 1", { factor: 1 }],
    ["more columns than can be counted", { resolutions: [1e-9] }],
    ["an origin inside of the area", { origin: [600_000, 7_100_000] }],
    ["an origin below the upper edge", { origin: [100_000, 7_000_000] }],
    ["a corner for a named origin", { origin: "nw", cornerOfOrigin: "topLeft" }],
    ["tiles without pixels", { tileSize: 0 }],
    ["tiles of three sides", { tileSize: [1, 2, 3] as unknown as [number, number] }],
  ])("with %s is refused", (_what, parts) => {
    expect(() => lambert(parts)).toThrowError(expect.objectContaining({ code: "grid.invalid" }));
  });
});

describe("a file of parts", () => {
  test("is read like the options", () => {
    const text = JSON.stringify({ id: "mine", crs: "EPSG:2154", bbox: box, origin: "sw", resolutions: [100, 10] });
    const grid = readGrid(text);
    expect(grid.id).toBe("mine");
    expect(sameGrid(grid, lambert({ origin: "sw", resolutions: [100, 10] }))).toBe(true);
    const sqrt = readGrid(JSON.stringify({ crs: "EPSG:2154", factor: "sqrt2", levels: 3, tileSize: [128, 256] }));
    expect((sqrt.getMatrix(0).cellSize / sqrt.getMatrix(2).cellSize).toFixed(9)).toBe("2.000000000");
  });

  test.each([
    '{"crs":"EPSG:2154","resolution":[1]}',
    '{"bbox":[0,0,1,1]}',
    '{"crs":"EPSG:2154","bbox":[0,0,1]}',
    '{"crs":"EPSG:2154","origin":"ne"}',
    '{"crs":"EPSG:2154","cornerOfOrigin":"centre"}',
    '{"crs":"EPSG:2154","resolutions":[1,"2"]}',
    '{"crs":"EPSG:2154","levels":"3"}',
  ])("%s is refused", (text) => {
    expect(() => readGrid(text)).toThrowError(expect.objectContaining({ code: "grid.invalid" }));
  });

  test("with a CRS that is not known says so", () => {
    expect(() => readGrid('{"crs":"EPSG:1"}')).toThrowError(expect.objectContaining({ code: "crs.unknown" }));
  });
});

describe("the default grid of a CRS", () => {
  test.each(["EPSG:2056", "EPSG:2154", "EPSG:3031", "EPSG:3413", "EPSG:3832", "EPSG:2193", "EPSG:2264", "EPSG:27700"])(
    "%s is a quad tree whose cells are powers of two and whose first tile holds the area of use",
    (name) => {
      const { matrices, crs, bbox } = getGrid(name);
      for (const [z, matrix] of matrices.entries()) {
        expect(Number.isInteger(Math.log2(matrix.cellSize))).toBe(true);
        expect([matrix.matrixWidth, matrix.matrixHeight, matrix.tileWidth]).toEqual([2 ** z, 2 ** z, 256]);
      }
      const finest = (matrices.at(-1)?.cellSize ?? 0) * crs.metresPerUnit;
      expect(finest).toBeGreaterThan(0.05 / Math.SQRT2);
      expect(finest).toBeLessThan(0.05 * Math.SQRT2);
      const [west, south, east, north] = crs.areaOfUse;
      for (const [lon, lat] of [
        [west, south],
        [east, south],
        [west, north],
        [east, north],
      ] as const) {
        const [x, y] = crs.fromLonLat(lon, lat);
        const slack = (bbox[2] - bbox[0]) * 1e-9;
        expect(x >= bbox[0] - slack && x <= bbox[2] + slack && y >= bbox[1] - slack && y <= bbox[3] + slack).toBe(true);
      }
    },
  );

  test("of degrees has the tiles of WorldCRS84Quad on its own datum", () => {
    const [european, world] = [getGrid("EPSG:4258"), getGrid("WorldCRS84Quad")];
    expect(european.crs.code).toBe("EPSG:4258");
    expect(european.matrices).toEqual(world.matrices.slice(0, 22));
  });

  // Areas of use (-9.86,41.15,10.38,51.56 and 5.96,45.82,10.49,47.81) through PROJ 9.1.1's cs2cs: upper left corners -378305.81, 7235612.72 and
  // 2485071.58, 1299941.79, moved out by the rule of default_grid.ts. Other numbers would make other tiles under the same name.
  test.each([
    ["EPSG:2056", [2_484_224, 1_300_480], 2048, 16],
    ["EPSG:2154", [-385_024, 7_241_728], 8192, 18],
  ])("%s begins at %j with cells of %d and has %d levels", (name, origin, cellSize, levels) => {
    const grid = getGrid(name);
    expect(grid.getMatrix(0)).toMatchObject({ pointOfOrigin: origin, cellSize });
    expect(grid.matrices).toHaveLength(levels);
  });
});

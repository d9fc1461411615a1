import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { webMercatorQuad, type TileCoord } from "../grid/index.ts";
import { openMemoryStore } from "../store/index.ts";
import { bytesAnswer, EMPTY_ANSWER, FakeSource } from "../../test/support/fake_source.ts";
import { pngTile } from "../../test/support/png_tile.ts";
import { mosaicTiles } from "./mosaic.ts";
import { TileCache } from "./tile_cache.ts";

// Small tiles, so that a mosaic of many costs nothing.
const SIZE = 16;
const grid = webMercatorQuad(SIZE);
const isMissing = ({ x, y }: TileCoord): boolean => (x + 3 * y) % 7 === 0;
const source = new FakeSource({
  grid,
  answer: async (tile) => (isMissing(tile) ? EMPTY_ANSWER : bytesAnswer(await pngTile(tile, SIZE))),
});
const cache = new TileCache({ store: openMemoryStore({ grid }), source });
const Z = 3;
const { cellSize } = grid.getMatrix(Z);
const [left, , , top] = grid.bbox;

/** Box in CRS units of a rectangle of pixels on level 3. */
const boxOf = (x0: number, y0: number, x1: number, y1: number) =>
  [left + x0 * cellSize, top - y1 * cellSize, left + x1 * cellSize, top - y0 * cellSize] as const;

/** The colour that a global pixel must have. */
function expectedPixel(x: number, y: number): number[] {
  const tile = { z: Z, x: Math.floor(x / SIZE), y: Math.floor(y / SIZE) };
  return isMissing(tile) ? [0, 0, 0, 0] : [x % SIZE, y % SIZE, tile.x * 16 + tile.y, 255];
}

describe("mosaicTiles", () => {
  test("has each pixel at its place, missing tiles transparent, and an affine that says where", async () => {
    const edge = fc.tuple(fc.nat(127), fc.nat(127)).filter(([a, b]) => a !== b);
    await fc.assert(
      fc.asyncProperty(edge, edge, fc.double({ min: 0, max: 0.9, noNaN: true }), async (columns, rows, inset) => {
        const [x0, x1] = [Math.min(...columns), Math.max(...columns)];
        const [y0, y1] = [Math.min(...rows), Math.max(...rows)];
        // A box that ends within a pixel takes the whole pixel.
        const image = await mosaicTiles(cache, boxOf(x0 + inset, y0 + inset, x1, y1), Z);
        expect([image.width, image.height]).toEqual([x1 - x0, y1 - y0]);
        const [a, b, c, d, e, f] = image.affine;
        expect([a, b, d, e]).toEqual([cellSize, 0, 0, -cellSize]);
        expect((c - left) / cellSize).toBeCloseTo(x0, 6);
        expect((top - f) / cellSize).toBeCloseTo(y0, 6);
        expect((image.bbox[2] - image.bbox[0]) / cellSize).toBeCloseTo(image.width, 6);
        expect((image.bbox[3] - image.bbox[1]) / cellSize).toBeCloseTo(image.height, 6);
        const wrong: string[] = [];
        for (let y = 0; y < image.height; y++) {
          for (let x = 0; x < image.width; x++) {
            const offset = (y * image.width + x) * 4;
            const pixel = [...image.data.subarray(offset, offset + 4)];
            if (pixel.join() !== expectedPixel(x0 + x, y0 + y).join()) wrong.push(`${x},${y}`);
          }
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test("of the whole level and beyond is cut at the grid's edge", async () => {
    const image = await mosaicTiles(cache, boxOf(-50, -50, 1000, 1000), Z);
    expect([image.width, image.height]).toEqual([128, 128]);
    const missing = [...Array(64).keys()].filter((index) =>
      isMissing({ z: Z, x: index % 8, y: Math.floor(index / 8) }),
    );
    expect(image.tiles).toEqual({ asked: 64, missing: missing.length });
    expect(image.bbox).toEqual(grid.bbox);
  });

  test("of a box made of tile borders asks for just those tiles", async () => {
    expect((await mosaicTiles(cache, boxOf(16, 16, 48, 32), Z)).tiles.asked).toBe(2);
  });

  test("of a box smaller than a pixel, or than rounding, is one pixel", async () => {
    for (const [x0, x1] of [
      [20.3, 20.4],
      [20.000_000_5, 20.000_000_8],
    ] as const) {
      const image = await mosaicTiles(cache, boxOf(x0, x0, x1, x1), Z);
      expect([image.width, image.height, ...image.data]).toEqual([1, 1, ...expectedPixel(20, 20)]);
    }
  });

  test("outside of the grid, or of no numbers, is refused", async () => {
    for (const box of [boxOf(-20, 0, -10, 10), [Number.NaN, 0, 1, 1] as const, [0, 0, Number.NaN, 1] as const])
      await expect(mosaicTiles(cache, box, Z)).rejects.toMatchObject({ code: "bbox.invalid" });
  });

  test("beyond 100 million pixels is refused before anything is asked for", async () => {
    const asked = source.asked.length;
    await expect(mosaicTiles(cache, grid.bbox, 10)).rejects.toMatchObject({ code: "argument.invalid" });
    expect(source.asked).toHaveLength(asked);
  });

  test("of tiles of another size than the grid's is refused", async () => {
    const answer = async (tile: TileCoord) => bytesAnswer(await pngTile(tile, 8));
    const other = new TileCache({ store: openMemoryStore({ grid }), source: new FakeSource({ grid, answer }) });
    await expect(mosaicTiles(other, boxOf(0, 0, 10, 10), Z)).rejects.toMatchObject({ code: "store.corrupt" });
  });

  test("stops when it is told to", async () => {
    const hanging = new TileCache({
      store: openMemoryStore({ grid }),
      source: new FakeSource({ grid, answer: () => "hang" }),
    });
    const controller = new AbortController();
    const image = mosaicTiles(hanging, boxOf(0, 0, 64, 64), Z, { signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(image).rejects.toMatchObject({ code: "cancelled" });
  });
});

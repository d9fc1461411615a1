import { describe, expect, test } from "vitest";
import { bytesAnswer, FakeSource } from "../../test/support/fake_source.ts";
import { pngTile } from "../../test/support/png_tile.ts";
import { makeGrid, webMercatorQuad, type TileMatrixSet } from "../grid/index.ts";
import { decodeTile } from "../raster/index.ts";
import { openMemoryStore } from "../store/index.ts";
import { getEnlargedTile } from "./enlarged_tile.ts";
import { TileCache } from "./tile_cache.ts";

const grid = webMercatorQuad();
/** Red is the column, green the row of the pixel within the tile. */
const body = await pngTile({ z: 4, x: 5, y: 6 });
const missing = { code: "tile.missing" };

async function openStored(data: Uint8Array = body, on: TileMatrixSet = grid, z = 4) {
  const store = openMemoryStore({ grid: on });
  await store.putMany([{ kind: "tile", tile: { z, x: 5, y: 6 }, data, fetchedAtMs: 1000 }]);
  return { store, cache: new TileCache({ store, source: null }) };
}

describe("getEnlargedTile", () => {
  test("shows the part of the tile above that it covers", async () => {
    const { cache } = await openStored();
    // Two levels below, in the third column and the second row of four.
    const made = await getEnlargedTile(cache, { z: 6, x: 5 * 4 + 2, y: 6 * 4 + 1 });
    expect(made.format).toBe("png");
    const { data, width, height } = await decodeTile(made.data);
    expect([width, height]).toEqual([256, 256]);
    const [red = 0, green = 0] = data.subarray((128 * 256 + 128) * 4);
    expect(Math.abs(red - (2 * 64 + 32))).toBeLessThanOrEqual(1);
    expect(Math.abs(green - (64 + 32))).toBeLessThanOrEqual(1);
  });

  test("is made once however many ask, and again when the tile above has changed", async () => {
    const { cache, store } = await openStored();
    const tile = { z: 5, x: 10, y: 12 };
    const made = await Promise.all(Array.from({ length: 20 }, () => getEnlargedTile(cache, tile)));
    expect(new Set(made).size).toBe(1);
    expect(await getEnlargedTile(cache, tile)).toBe(made[0]);
    const data = await pngTile({ z: 4, x: 9, y: 9 });
    await store.putMany([{ kind: "tile", tile: { z: 4, x: 5, y: 6 }, data, fetchedAtMs: 2000 }]);
    expect((await getEnlargedTile(cache, tile)).data).not.toEqual(made[0]?.data);
  });

  test("asks the source for its deepest level", async () => {
    const source = new FakeSource({ answer: () => bytesAnswer(Uint8Array.from(body)), info: { maxZoom: 3 } });
    const cache = new TileCache({ store: openMemoryStore({ grid }), source });
    await getEnlargedTile(cache, { z: 5, x: 9, y: 7 });
    expect(source.asked).toEqual(["3/2/1"]);
  });

  test.each([
    ["on the deepest level itself", { z: 4, x: 5, y: 6 }],
    ["where no tile is above", { z: 5, x: 0, y: 0 }],
    ["too deep", { z: 13, x: 5 * 512, y: 6 * 512 }],
    ["outside of the grid", { z: 5, x: 10, y: 32 }],
  ])("says missing %s", async (_where, tile) => {
    const { cache } = await openStored();
    await expect(getEnlargedTile(cache, tile)).rejects.toMatchObject(missing);
  });

  test("says missing for vector tiles, for an empty store, and for levels that do not halve", async () => {
    const vector = await openStored(new Uint8Array([0x1a, 0x02, 0x78, 0x02]));
    await expect(getEnlargedTile(vector.cache, { z: 5, x: 10, y: 12 })).rejects.toMatchObject(missing);
    const empty = new TileCache({ store: openMemoryStore({ grid }), source: null });
    await expect(getEnlargedTile(empty, { z: 5, x: 10, y: 12 })).rejects.toMatchObject(missing);
    const bbox: [number, number, number, number] = [2_500_000, 1_500_000, 7_500_000, 5_500_000];
    for (const [second, outcome] of [
      [240, "missing"],
      [300, "made"],
    ] as const) {
      const on = makeGrid({ crs: "EPSG:3035", bbox, resolutions: [600, second] });
      const { cache } = await openStored(body, on, 0);
      const asking = getEnlargedTile(cache, { z: 1, x: 10, y: 12 });
      if (outcome === "made") expect(await asking).toMatchObject({ format: "png" });
      else await expect(asking).rejects.toMatchObject(missing);
    }
  });
});

import { expect, test } from "vitest";
import { bboxCoverage, planTiles, webMercatorQuad } from "../grid/index.ts";
import { openMemoryStore, type TileStore } from "../store/index.ts";
import { copyPlan, copyStore } from "./copy_tiles.ts";

const grid = webMercatorQuad();
const plan = planTiles(grid, bboxCoverage([-180, -85, 180, 85]), [0, 1, 2, 3]);

/** All of the plan but 3/7/7; 2/0/0 is known to be empty. */
async function filledStore(): Promise<TileStore> {
  const store = openMemoryStore({ grid });
  for (let z = 0; z <= 3; z++) {
    const { minX, maxX, minY, maxY } = grid.levelRange(z);
    for (let x = minX; x <= maxX; x++)
      for (let y = minY; y <= maxY; y++) {
        const tile = { z, x, y };
        const name = `${z}/${x}/${y}`;
        if (name === "3/7/7") continue;
        const known = { tile, fetchedAtMs: 1000 + x, sourceId: "origin", attempts: 2 };
        if (name === "2/0/0") await store.putMany([{ kind: "empty", ...known }]);
        else await store.putMany([{ kind: "tile", data: new TextEncoder().encode(name), etag: `"${name}"`, ...known }]);
      }
  }
  return store;
}

test("a plan is copied with all that is known of its tiles; what the store lacks has failed", async () => {
  const from = await filledStore();
  const to = openMemoryStore({ grid });
  const counts = await copyPlan({ from, to, plan });
  expect(counts).toMatchObject({ planned: 85, present: 0, stored: 83, empty: 1, failed: 1, cancelled: 0 });
  const tile = { z: 3, x: 5, y: 2 };
  expect(await to.get(tile)).toEqual(await from.get(tile));
  expect(await to.find({ z: 2, x: 0, y: 0 })).toMatchObject({ status: "empty", fetchedAtMs: 1000, attempts: 2 });
});

test("what is there already is neither read nor written again", async () => {
  const from = await filledStore();
  const to = openMemoryStore({ grid });
  const old = { kind: "tile" as const, tile: { z: 1, x: 1, y: 1 }, data: new Uint8Array([1]), fetchedAtMs: 5 };
  await to.putMany([old]);
  await copyPlan({ from, to, plan });
  expect((await to.get(old.tile)).data).toEqual(old.data);
  const again = await copyPlan({ from, to, plan });
  expect(again).toMatchObject({ present: 83, empty: 1, stored: 0, failed: 1, bytes: 0 });
});

test("a whole store is copied, and what both have is as in the first one", async () => {
  const from = await filledStore();
  const to = openMemoryStore({ grid });
  await to.putMany([{ kind: "empty", tile: { z: 1, x: 1, y: 1 }, fetchedAtMs: 5 }]);
  const counts = await copyStore({ from, to });
  expect(counts).toMatchObject({ planned: 84, stored: 83, empty: 1, failed: 0 });
  expect(await to.count()).toEqual(await from.count());
  expect(new TextDecoder().decode((await to.get({ z: 1, x: 1, y: 1 })).data ?? undefined)).toBe("1/1/1");
});

test("a copy that was broken off goes on where it stood", async () => {
  const from = await filledStore();
  const to = openMemoryStore({ grid });
  const stop = new AbortController();
  const onProgress = (): void => stop.abort();
  const report = await copyPlan({ from, to, plan, signal: stop.signal, onProgress });
  expect(report).toMatchObject({ stopped: "cancelled", planned: 85, stored: 1, cancelled: 84, complete: false });
  expect((await to.count()).present).toBe(1);
  expect(await copyPlan({ from, to, plan })).toMatchObject({ present: 1, stored: 82, empty: 1, failed: 1 });
});

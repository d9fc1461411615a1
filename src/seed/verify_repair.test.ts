import { describe, expect, test } from "vitest";
import { TileCache, type StoredTile, type TileStore } from "../cache/index.ts";
import { bboxCoverage, planTiles, tileToText, webMercatorQuad } from "../grid/index.ts";
import { openMemoryStore } from "../store/index.ts";
import { bytesAnswer, EMPTY_ANSWER, FakeSource } from "../../test/support/fake_source.ts";
import { pngTile } from "../../test/support/png_tile.ts";
import { wrapStore } from "../../test/support/wrap_store.ts";
import { repairStore } from "./repair.ts";
import { runSeed } from "./run_seed.ts";
import { verifyStore, type DamagedTile } from "./verify_store.ts";

const grid = webMercatorQuad();
const task = { coverage: bboxCoverage([-180, -90, 180, 90]), zooms: [0, 1, 2], sourceId: "fake" };
const plan = planTiles(grid, task.coverage, task.zooms);
const png = await pngTile({ z: 0, x: 0, y: 0 }, 16);

const newSource = (): FakeSource =>
  new FakeSource({ answer: ({ z, x, y }) => (z === 2 && x === 3 && y === 3 ? EMPTY_ANSWER : bytesAnswer(png)) });

async function seeded(): Promise<TileStore> {
  const store = openMemoryStore({ grid });
  await runSeed({ cache: new TileCache({ store, source: newSource() }), plan, task });
  return store;
}

/** Puts other bytes in the place of a tile's, as a bad disk would. */
function damaged(
  store: TileStore,
  change: (tile: StoredTile) => Partial<StoredTile>,
  names: readonly string[],
): TileStore {
  const list: TileStore["list"] = async function* (options) {
    for await (const stored of store.list(options))
      yield names.includes(tileToText(stored.tile)) ? { ...stored, ...change(stored) } : stored;
  };
  return wrapStore(store, { list });
}

async function findings(store: TileStore, options: { decode?: boolean } = {}) {
  const found: DamagedTile[] = [];
  const report = await verifyStore(store, { ...options, onDamaged: (one) => found.push(one) });
  return { report, found: found.map(({ tile, reason }) => `${tileToText(tile)}: ${reason}`) };
}

const cut = (stored: StoredTile): Partial<StoredTile> => ({ data: stored.data?.subarray(0, 60) ?? null, sha256: null });

describe("verifyStore", () => {
  test("calls a seeded file whole, known empty tiles included", async () => {
    const { report, found } = await findings(await seeded());
    expect(found).toEqual([]);
    expect(report).toMatchObject({ whole: true, tiles: 20, empty: 1, damaged: 0, missing: 0, integrity: [] });
    expect(report.tasks).toMatchObject([{ zooms: [0, 1, 2], count: { planned: 21, present: 20, empty: 1 } }]);
  });

  test("finds bytes that are not those that were fetched, also without decoding", async () => {
    const other = await pngTile({ z: 0, x: 1, y: 1 }, 16);
    const store = damaged(await seeded(), () => ({ data: other }), ["1/0/1"]);
    const { report, found } = await findings(store, { decode: false });
    expect(found).toEqual(["1/0/1: the bytes are not those that were fetched (SHA-256 differs)"]);
    expect(report).toMatchObject({ whole: false, damaged: 1 });
  });

  test("finds a tile of another program that does not decode, and one without bytes", async () => {
    const flipped = (stored: StoredTile): Partial<StoredTile> => {
      const data = Uint8Array.from(stored.data ?? []);
      data[60] = (data[60] ?? 0) ^ 0xff;
      return { data, sha256: null };
    };
    const store = await seeded();
    expect((await findings(damaged(store, cut, ["1/0/0"]))).found).toEqual([expect.stringContaining("1/0/0: ")]);
    expect((await findings(damaged(store, flipped, ["2/1/1"]))).found).toEqual([expect.stringContaining("2/1/1: ")]);
    expect((await findings(damaged(store, () => ({ data: null }), ["2/1/1"]))).report.damaged).toBe(1);
  });

  test("counts what a task lacks, and passes on what the container says", async () => {
    const store = await seeded();
    await store.delete({ tiles: [{ z: 2, x: 0, y: 0 }] });
    const checkIntegrity = async (): Promise<string[]> => ["page 7 is never used"];
    const { report } = await findings(wrapStore(store, { checkIntegrity }));
    expect(report).toMatchObject({ whole: false, missing: 1, damaged: 0, integrity: ["page 7 is never used"] });
  });

  test("stops when it is told to", async () => {
    const signal = AbortSignal.abort();
    await expect(verifyStore(await seeded(), { signal })).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("repairStore", () => {
  test("fetches exactly the damaged and the missing tiles", async () => {
    const store = await seeded();
    await store.delete({ tiles: [{ z: 2, x: 0, y: 2 }] });
    const source = newSource();
    const damage = damaged(store, cut, ["0/0/0", "2/2/2"]);
    const report = await repairStore(new TileCache({ store: damage, source }));
    expect(report).toMatchObject({
      removed: 2,
      planned: 21,
      present: 17,
      stored: 3,
      empty: 1,
      failed: 0,
      complete: true,
    });
    expect(source.asked.toSorted()).toEqual(["0/0/0", "2/0/2", "2/2/2"]);
    expect((await findings(store)).report.whole).toBe(true);
  });

  test("of a whole file asks for nothing", async () => {
    const source = newSource();
    const report = await repairStore(new TileCache({ store: await seeded(), source }));
    expect(report).toMatchObject({ removed: 0, stored: 0, complete: true });
    expect(source.asked).toEqual([]);
  });

  test("adds up the tasks of a file and is complete only when each is", async () => {
    const store = await seeded();
    const second = { ...task, zooms: [3] };
    await runSeed({
      cache: new TileCache({ store, source: newSource() }),
      plan: planTiles(grid, task.coverage, [3]),
      task: second,
    });
    await store.delete({
      tiles: [
        { z: 3, x: 0, y: 0 },
        { z: 1, x: 0, y: 0 },
      ],
    });
    const source = new FakeSource({ answer: ({ z }) => (z === 1 ? new Error("broken") : bytesAnswer(png)) });
    const report = await repairStore(new TileCache({ store, source }));
    expect(report).toMatchObject({ planned: 85, stored: 1, failed: 1, complete: false, failures: { internal: 1 } });
  });

  test("of a file that nobody seeded is refused", async () => {
    const cache = new TileCache({ store: openMemoryStore({ grid }), source: newSource() });
    await expect(repairStore(cache)).rejects.toMatchObject({ code: "argument.invalid" });
  });

  test("that is cancelled says so and leaves the second task alone", async () => {
    const store = await seeded();
    await runSeed({ cache: new TileCache({ store, source: newSource() }), plan, task: { ...task, zooms: [0, 1] } });
    await store.delete({ range: grid.levelRange(1) });
    const controller = new AbortController();
    const source = new FakeSource({
      answer: () => {
        controller.abort();
        return "hang";
      },
    });
    const report = await repairStore(new TileCache({ store, source }), { signal: controller.signal });
    expect(report).toMatchObject({ stopped: "cancelled", complete: false });
    expect(report).toMatchObject({ planned: 21, present: 1, cancelled: 20 });
  });
});

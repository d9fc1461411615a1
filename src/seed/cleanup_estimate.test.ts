import { describe, expect, test } from "vitest";
import { TilthError } from "../core/index.ts";
import { bboxCoverage, geoJsonCoverage, planTiles, tileToText, webMercatorQuad, type Coverage } from "../grid/index.ts";
import { openMemoryStore, type TileStore } from "../store/index.ts";
import { FakeClock } from "../../test/support/fake_clock.ts";
import { bytesAnswer, EMPTY_ANSWER, FakeSource } from "../../test/support/fake_source.ts";
import { cleanupStore } from "./cleanup.ts";
import { estimateSeed } from "./estimate.ts";

const grid = webMercatorQuad();
const WORLD = bboxCoverage([-180, -90, 180, 90]);

/** Every tile of zooms 0 to `maxZoom`; column x was fetched at time x. */
async function filled(maxZoom: number): Promise<TileStore> {
  const store = openMemoryStore({ grid });
  const data = new Uint8Array([1]);
  const writes = [...Array(maxZoom + 1).keys()].flatMap((z) =>
    [...Array(4 ** z).keys()].map((index) => {
      const tile = { z, x: index % 2 ** z, y: Math.floor(index / 2 ** z) };
      const kind = index % 7 === 3 ? ("empty" as const) : ("tile" as const);
      return kind === "empty" ? { kind, tile, fetchedAtMs: tile.x } : { kind, tile, data, fetchedAtMs: tile.x };
    }),
  );
  await store.putMany(writes);
  return store;
}

async function namesIn(store: TileStore): Promise<string[]> {
  const names: string[] = [];
  for await (const { tile } of store.list({ withData: false })) names.push(tileToText(tile));
  return names.toSorted();
}

function namesOf(coverage: Coverage, zooms: readonly number[]): string[] {
  const blocks = [...planTiles(grid, coverage, zooms).listBlocks()];
  return blocks
    .flatMap(({ range, rows }) =>
      Array.from({ length: range.maxY - range.minY + 1 }, (_, row) =>
        (rows?.[row] ?? [[range.minX, range.maxX] as const]).flatMap(([first, last]) =>
          Array.from({ length: last - first + 1 }, (_each, index) => `${range.z}/${first + index}/${range.minY + row}`),
        ),
      ).flat(),
    )
    .toSorted();
}

const triangle = geoJsonCoverage('{"type":"Polygon","coordinates":[[[0,0],[60,0],[30,50]]]}');

describe("cleanupStore", () => {
  test.each([
    ["a box", bboxCoverage([5, 40, 100, 60])],
    ["a box across the antimeridian", bboxCoverage([150, -20, -150, 20])],
    ["a polygon", triangle],
  ])("keeps just the tiles of %s", async (_name, outside) => {
    const store = await filled(5);
    const kept = namesOf(outside, [0, 1, 2, 3, 4, 5]);
    expect(await cleanupStore(store, { outside })).toBe(1365 - kept.length);
    expect(await namesIn(store)).toEqual(kept);
  });

  test("forgets more than one batch", async () => {
    const store = await filled(7);
    expect(await cleanupStore(store, { outside: bboxCoverage([0.1, 0.1, 0.2, 0.2]) })).toBe(21845 - 8);
    expect(await store.count()).toMatchObject({ present: 8 });
  });

  test("forgets what is older, known empty tiles too, and keeps what was fetched at that very time", async () => {
    const store = await filled(3);
    expect(await cleanupStore(store, { fetchedBeforeMs: 4 })).toBe(1 + 4 + 16 + 32);
    expect((await namesIn(store)).every((name) => Number(name.split("/")[1]) >= 4)).toBe(true);
  });

  test("with both conditions forgets what meets either, and with none forgets nothing", async () => {
    const store = await filled(2);
    expect(await cleanupStore(store, {})).toBe(0);
    const removed = await cleanupStore(store, { fetchedBeforeMs: 1, outside: bboxCoverage([-179, -80, -1, 80]) });
    expect(removed).toBe(21 - 4);
    expect(await namesIn(store)).toEqual(["2/1/0", "2/1/1", "2/1/2", "2/1/3"]);
  });

  test("stops when it is told to", async () => {
    const options = { outside: triangle, signal: AbortSignal.abort() };
    await expect(cleanupStore(await filled(2), options)).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("estimateSeed", () => {
  test("counts exactly and takes bytes from a few tiles", async () => {
    const source = new FakeSource({
      answer: ({ x }) => (x % 2 === 0 ? EMPTY_ANSWER : bytesAnswer(new Uint8Array(1000))),
    });
    const plan = planTiles(grid, WORLD, [...Array(17).keys()]);
    const estimate = await estimateSeed(source, plan);
    expect(estimate.planned).toBe((4 ** 17 - 1) / 3);
    expect(estimate.levels).toHaveLength(17);
    expect(source.asked.length).toBeLessThanOrEqual(12);
    expect(new Set(source.asked).size).toBe(source.asked.length);
    expect(estimate.sampled).toBe(source.asked.length);
    const share = 1 - estimate.sampledEmpty / estimate.sampled;
    expect(estimate.bytes).toBe(Math.round(1000 * share * plan.count));
  });

  test("of a plan smaller than a sample asks for each tile once at the most", async () => {
    const source = new FakeSource();
    const estimate = await estimateSeed(source, planTiles(grid, WORLD, [0, 1]));
    expect(estimate).toMatchObject({ planned: 5, sampled: 5 });
    expect(source.asked.toSorted()).toEqual(["0/0/0", "1/0/0", "1/0/1", "1/1/0", "1/1/1"]);
  });

  test("says 'unknown' when nothing answers, after one attempt for each tile of the sample", async () => {
    const source = new FakeSource({ answer: () => new TilthError("http.reset", "broke") });
    const estimate = await estimateSeed(source, planTiles(grid, WORLD, [5]));
    expect(estimate).toMatchObject({ planned: 1024, sampled: 0, bytes: null, seconds: null, tilesPerSecond: null });
    expect(source.asked).toHaveLength(12);
  });

  test("takes what came within its time from a source that hangs", async () => {
    const source = new FakeSource({
      answer: () => (source.asked.length > 3 ? "hang" : bytesAnswer(new Uint8Array(50))),
    });
    const clock = new FakeClock();
    const estimate = estimateSeed(source, planTiles(grid, WORLD, [5]), { clock });
    await clock.advance(699);
    expect(source.inFlight).toBe(8);
    await clock.advance(1);
    expect(await estimate).toMatchObject({ sampled: 3, bytes: 50 * 1024 });
    expect(clock.pendingTimers).toBe(0);
  });

  test("waits longer for a slow source when it may", async () => {
    const source = new FakeSource({ answer: () => "hang" });
    const clock = new FakeClock();
    const estimate = estimateSeed(source, planTiles(grid, WORLD, [5]), { clock, sampleTimeMs: 10_000 });
    await clock.advance(9_999);
    expect(source.inFlight).toBe(8);
    await clock.advance(1);
    expect(await estimate).toMatchObject({ sampled: 0, bytes: null });
  });

  test("passes a cancel on", async () => {
    const controller = new AbortController();
    const source = new FakeSource({
      answer: () => {
        controller.abort();
        return "hang";
      },
    });
    const estimate = estimateSeed(source, planTiles(grid, WORLD, [5]), { signal: controller.signal });
    await expect(estimate).rejects.toMatchObject({ code: "cancelled" });
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TileCache, type TileStore, type TileWrite } from "../cache/index.ts";
import { TilthError } from "../core/index.ts";
import { bboxCoverage, planTiles, webMercatorQuad, type TilePlan } from "../grid/index.ts";
import { openMemoryStore } from "../store/index.ts";
import { EMPTY_ANSWER, FakeSource, tileAnswer, type FakeAnswer } from "../../test/support/fake_source.ts";
import { wrapStore } from "../../test/support/wrap_store.ts";
import type { SeedReport } from "./progress.ts";
import { runSeed } from "./run_seed.ts";
import { countPlan } from "./verify_plan.ts";

const grid = webMercatorQuad();
const WORLD = bboxCoverage([-180, -90, 180, 90]);
const plan = planTiles(grid, WORLD, [0, 1, 2, 3]);
const tiles = [...Array(4).keys()].flatMap((z) =>
  [...Array(4 ** z).keys()].map((index) => ({ z, x: index % 2 ** z, y: Math.floor(index / 2 ** z) })),
);
const indexOf = ({ z, x, y }: { z: number; x: number; y: number }): number => (4 ** z - 1) / 3 + y * 2 ** z + x;

const FATES = ["tile", "empty", "retried", "failed", "rejected", "present", "knownEmpty"] as const;
type Fate = (typeof FATES)[number];
const fates = fc.array(fc.constantFrom(...FATES), { minLength: plan.count, maxLength: plan.count });

/** Some tiles are there before the seed begins. */
async function storeBefore(wanted: readonly Fate[]): Promise<TileStore> {
  const store = openMemoryStore({ grid });
  const writes = tiles.flatMap((tile, index): TileWrite[] => {
    if (wanted[index] === "present") return [{ kind: "tile", tile, data: new Uint8Array([1]), fetchedAtMs: 1 }];
    return wanted[index] === "knownEmpty" ? [{ kind: "empty", tile, fetchedAtMs: 1 }] : [];
  });
  await store.putMany(writes);
  return store;
}

function answerOf(fate: Fate | undefined, tile: (typeof tiles)[number], attempt: number): FakeAnswer {
  if (fate === "empty") return EMPTY_ANSWER;
  if (fate === "failed") return new TilthError("http.status", "403", { fields: { status: 403 } });
  if (fate === "retried" && attempt < 3) return new TilthError("http.reset", "the connection broke");
  if (fate === "rejected" && attempt < 2) return new TilthError("tile.notImage", "an error page");
  return tileAnswer(tile);
}

const sourceOf = (wanted: readonly Fate[]): FakeSource =>
  new FakeSource({ answer: (tile, attempt) => answerOf(wanted[indexOf(tile)], tile, attempt) });

const seed = (store: TileStore, source: FakeSource, more: { plan?: TilePlan; signal?: AbortSignal } = {}) =>
  runSeed({ cache: new TileCache({ store, source }), plan, task: null, random: () => 0, ...more });

function sumOf({ present, stored, empty, failed, cancelled }: SeedReport): number {
  return present + stored + empty + failed + cancelled;
}

describe("the proof of a seed", () => {
  test("planned = present + stored + empty + failed under any mix of answers, and the store holds just that", async () => {
    await fc.assert(
      fc.asyncProperty(fates, async (wanted) => {
        const count = (...some: Fate[]): number => wanted.filter((fate) => some.includes(fate)).length;
        const store = await storeBefore(wanted);
        const report = await seed(store, sourceOf(wanted));
        expect(report).toMatchObject({
          planned: plan.count,
          present: count("present"),
          stored: count("tile", "retried", "rejected"),
          empty: count("empty", "knownEmpty"),
          failed: count("failed"),
          cancelled: 0,
          rejected: count("rejected"),
          complete: count("failed") === 0,
          stopped: null,
        });
        expect(sumOf(report)).toBe(report.planned);
        const held = await countPlan(store, plan);
        expect(held).toMatchObject({ present: report.present + report.stored, empty: report.empty });
        expect(held.missing).toBe(report.failed);
      }),
      { numRuns: 60 },
    );
  });

  test("what is known is not asked for, and nothing is asked for twice without a reason", async () => {
    await fc.assert(
      fc.asyncProperty(fates, async (wanted) => {
        const source = sourceOf(wanted);
        await seed(await storeBefore(wanted), source);
        const attempts = { tile: 1, empty: 1, failed: 1, retried: 3, rejected: 2, present: 0, knownEmpty: 0 };
        const expected = tiles.flatMap(({ z, x, y }, index) =>
          Array<string>(attempts[wanted[index] ?? "tile"]).fill(`${z}/${x}/${y}`),
        );
        expect(source.asked.toSorted()).toEqual(expected.toSorted());
        expect(source.maxInFlight).toBeLessThanOrEqual(8);
      }),
      { numRuns: 40 },
    );
  });

  test("the store is told how many attempts each tile took", async () => {
    const store = openMemoryStore({ grid });
    await seed(store, sourceOf(["tile", "retried", "rejected", "empty", "failed"]));
    const told = await Promise.all(tiles.slice(0, 5).map((tile) => store.find(tile)));
    expect(told.map((record) => record?.attempts)).toEqual([1, 3, 2, 1, undefined]);
  });

  test("known empty tiles do not count as speed", async () => {
    const store = await storeBefore(tiles.map(() => "knownEmpty"));
    const report = await seed(store, sourceOf([]));
    expect(report).toMatchObject({ empty: plan.count, tilesPerSecond: 0, complete: true });
  });

  test("a store that loses a tile is found out", async () => {
    const store = openMemoryStore({ grid });
    const putMany = (writes: readonly TileWrite[]): Promise<void> => store.putMany(writes.slice(1));
    await expect(seed(wrapStore(store, { putMany }), new FakeSource())).rejects.toMatchObject({
      code: "seed.incomplete",
    });
  });

  test("a cache without a source is refused", async () => {
    const cache = new TileCache({ store: openMemoryStore({ grid }), source: null });
    await expect(runSeed({ cache, plan, task: null })).rejects.toMatchObject({ code: "source.invalid" });
  });
});

describe("a seed that is cancelled", () => {
  /** Aborts at the n-th event of any kind, wherever the seed is just then. */
  function cancellable(store: TileStore, wanted: readonly Fate[], at: number) {
    const controller = new AbortController();
    let events = 0;
    const tick = (): void => {
      if (events++ === at) controller.abort();
    };
    const watched = wrapStore(store, {
      readPresence: async (...args) => {
        tick();
        return store.readPresence(...args).finally(tick);
      },
      putMany: async (writes) => {
        tick();
        await store.putMany(writes).finally(tick);
      },
    });
    const source = new FakeSource({
      answer: async (tile, attempt) => {
        tick();
        await Promise.resolve();
        tick();
        return answerOf(wanted[indexOf(tile)], tile, attempt);
      },
    });
    return { store: watched, source, signal: controller.signal };
  }

  test("at any moment ends with an outcome for every tile, and everything counted as stored is in the store", async () => {
    await fc.assert(
      fc.asyncProperty(fates, fc.nat(250), async (wanted, at) => {
        const store = await storeBefore(wanted);
        const run = cancellable(store, wanted, at);
        const report = await seed(run.store, run.source, { signal: run.signal });
        expect(sumOf(report)).toBe(plan.count);
        if (report.stopped === "cancelled") expect(report.complete).toBe(false);
        const held = await countPlan(store, plan);
        expect(held.present).toBe(wanted.filter((fate) => fate === "present").length + report.stored);
        const again = await seed(store, sourceOf(wanted.map((fate) => (fate === "failed" ? "tile" : fate))));
        expect(again).toMatchObject({ complete: true, failed: 0, cancelled: 0 });
        expect(sumOf(again)).toBe(plan.count);
      }),
      { numRuns: 120 },
    );
  });

  test("before it began asks for nothing", async () => {
    const source = new FakeSource();
    const report = await seed(openMemoryStore({ grid }), source, { signal: AbortSignal.abort() });
    expect(report).toMatchObject({ cancelled: plan.count, stopped: "cancelled", complete: false, requests: 0 });
    expect(source.asked).toEqual([]);
  });

  test("while every answer hangs keeps what came before", async () => {
    const store = openMemoryStore({ grid });
    const controller = new AbortController();
    const source = new FakeSource({
      answer: (tile) => {
        if (tile.z < 2) return tileAnswer(tile);
        if (source.inFlight === 8) setImmediate(() => controller.abort());
        return "hang";
      },
    });
    const report = await seed(store, source, { signal: controller.signal });
    expect(report).toMatchObject({ stored: 5, cancelled: plan.count - 5, stopped: "cancelled" });
    expect(await store.count()).toMatchObject({ present: 5 });
  });

  test("during the count at the end says so", async () => {
    const store = openMemoryStore({ grid });
    const controller = new AbortController();
    let scans = 0;
    const readPresence: TileStore["readPresence"] = (range, options) => {
      scans += 1;
      if (scans > plan.levels.length) controller.abort();
      return store.readPresence(range, options);
    };
    const report = await seed(wrapStore(store, { readPresence }), new FakeSource(), { signal: controller.signal });
    expect(report).toMatchObject({ stored: plan.count, cancelled: 0, stopped: "cancelled", complete: false });
  });
});

test("a zoom that the source does not serve is refused before anything is asked or written", async () => {
  const store = openMemoryStore({ grid });
  const source = new FakeSource({ answer: (tile) => tileAnswer(tile), info: { minZoom: 1, maxZoom: 2 } });
  await expect(seed(store, source)).rejects.toMatchObject({ code: "grid.level", fields: { zoom: 0 } });
  expect(await store.count()).toMatchObject({ present: 0 });
});

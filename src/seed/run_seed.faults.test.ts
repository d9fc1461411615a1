import { describe, expect, test } from "vitest";
import { TileCache, type TileStore, type TileWrite } from "../cache/index.ts";
import { TilthError, type Logger } from "../core/index.ts";
import { bboxCoverage, planTiles, webMercatorQuad } from "../grid/index.ts";
import { HostRegistry } from "../net/index.ts";
import { openMemoryStore } from "../store/index.ts";
import { FakeClock, flush } from "../../test/support/fake_clock.ts";
import { bytesAnswer, EMPTY_ANSWER, FakeSource, tileAnswer } from "../../test/support/fake_source.ts";
import { wrapStore } from "../../test/support/wrap_store.ts";
import type { FailedRun } from "./failed_list.ts";
import type { SeedProgress } from "./progress.ts";
import { runSeed, type SeedOptions } from "./run_seed.ts";

const grid = webMercatorQuad();
const WORLD = bboxCoverage([-180, -90, 180, 90]);
const small = planTiles(grid, WORLD, [0, 1, 2, 3]);
const task = { coverage: WORLD, zooms: [0, 1, 2, 3], sourceId: "fake" };

interface Setup extends Partial<SeedOptions> {
  store: TileStore;
  source?: FakeSource;
}

function start({ store, source = new FakeSource(), ...more }: Setup) {
  const clock = new FakeClock();
  let read: (() => SeedProgress) | null = null;
  const cache = new TileCache({ store, source, now: () => clock.now() });
  const onStart = (reader: () => SeedProgress): void => void (read = reader);
  const done = runSeed({ cache, plan: small, task: null, clock, random: () => 0, onStart, ...more });
  done.catch(() => undefined);
  return { clock, done, source, progress: () => (read as unknown as () => SeedProgress)() };
}

async function flushMany(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await flush();
}

const full = (): TilthError => new TilthError("store.full", "no space is left");

/** A store whose disk is full while `isFull()`. */
function fullStore(isFull: () => boolean): TileStore {
  const store = openMemoryStore({ grid });
  const putMany = async (writes: readonly TileWrite[]): Promise<void> => {
    if (isFull()) throw full();
    await store.putMany(writes);
  };
  return wrapStore(store, { putMany });
}

describe("a full disk", () => {
  test("pauses the seed, which says so and goes on when there is space", async () => {
    let isFull = true;
    const events: string[] = [];
    const warn: Logger["warn"] = (event) => void events.push(event);
    const logger = { debug: warn, info: warn, warn, error: warn };
    const { clock, done, progress } = start({ store: fullStore(() => isFull), logger });
    await clock.advance(5000);
    expect(progress()).toMatchObject({ state: "pausedDiskFull", stored: 0 });
    isFull = false;
    await clock.advance(2000);
    expect(await done).toMatchObject({ stored: small.count, complete: true, stopped: null });
    expect(progress().state).toBe("ended");
    expect(events).toEqual(["Disk:Full", "Disk:Space"]);
    expect(clock.pendingTimers).toBe(0);
  });

  test.each([
    ["while tiles are still fetched", "hang" as const],
    ["while only the writing is left", "done" as const],
  ])("does not hold a cancel back %s", async (_name, how) => {
    const controller = new AbortController();
    const source = new FakeSource({ answer: (tile) => (how === "hang" && tile.z === 3 ? "hang" : tileAnswer(tile)) });
    const { clock, done, progress } = start({ store: fullStore(() => true), source, signal: controller.signal });
    await clock.advance(3000);
    expect(progress().state).toBe("pausedDiskFull");
    controller.abort();
    // The clock stands still: nothing may wait for it.
    expect(await done).toMatchObject({ stored: 0, cancelled: small.count, stopped: "cancelled" });
    expect(clock.pendingTimers).toBe(0);
  });

  test("that shows only after the cancel still ends as a cancel, task included", async () => {
    const controller = new AbortController();
    let isFull = false;
    const store = fullStore(() => {
      controller.abort();
      isFull = true;
      return true;
    });
    const putTask: TileStore["putTask"] = (saved) => (isFull ? Promise.reject(full()) : store.putTask(saved));
    const { done } = start({ store: wrapStore(store, { putTask }), task, signal: controller.signal });
    expect(await done).toMatchObject({ stored: 0, cancelled: small.count, stopped: "cancelled" });
  });
});

describe("an error that ends the seed", () => {
  test("of the store is the one that is told, and nothing is left running", async () => {
    const memory = openMemoryStore({ grid });
    const plan = planTiles(grid, WORLD, [6]);
    let batches = 0;
    const putMany = async (writes: readonly TileWrite[]): Promise<void> => {
      if (batches++ === 1) throw new TilthError("store.io", "the cable was pulled");
      await memory.putMany(writes);
    };
    const { clock, done, source } = start({ store: wrapStore(memory, { putMany }), plan });
    await clock.advance(1000);
    await expect(done).rejects.toMatchObject({ code: "store.io" });
    expect(await memory.count()).toMatchObject({ present: 500 });
    expect(clock.pendingTimers).toBe(0);
    const asked = source.asked.length;
    await clock.advance(60_000);
    expect(source.asked).toHaveLength(asked);
  });

  test("of the store while fetchers wait for room in the queue is told as it is", async () => {
    const gate = Promise.withResolvers<void>();
    const putMany = (): Promise<void> => gate.promise;
    const plan = planTiles(grid, WORLD, [6]);
    const { done, source } = start({ store: wrapStore(openMemoryStore({ grid }), { putMany }), plan });
    await flushMany();
    expect(source.asked.length).toBeGreaterThan(1400);
    gate.reject(new TilthError("store.readOnly", "now it is read only"));
    await expect(done).rejects.toMatchObject({ code: "store.readOnly" });
  });

  test("of a scan or of the list of failed tiles leaves what was fetched in the store", async () => {
    const memory = openMemoryStore({ grid });
    const readPresence: TileStore["readPresence"] = (range, options) =>
      range.z === 3
        ? Promise.reject(new TilthError("store.io", "unreadable"))
        : flushMany().then(() => memory.readPresence(range, options));
    await expect(start({ store: wrapStore(memory, { readPresence }) }).done).rejects.toMatchObject({
      code: "store.io",
    });
    expect(await memory.count()).toMatchObject({ present: 21 });

    const other = openMemoryStore({ grid });
    const answer = (tile: { z: number; x: number; y: number }) =>
      tile.z === 3 && tile.x + tile.y === 14 ? new TilthError("http.status", "403") : tileAnswer(tile);
    const onFailed = (): Promise<void> => Promise.reject(new TilthError("store.io", "the list cannot be written"));
    const failing = start({ store: other, source: new FakeSource({ answer }), onFailed });
    await expect(failing.done).rejects.toMatchObject({ code: "store.io" });
    expect((await other.count()).present).toBeGreaterThan(70);
  });
});

describe("back-pressure", () => {
  test.each([
    ["count", 10, 1000 + 500 + 8],
    // The settings may be tuned; beyond 48 MiB nobody may go.
    ["bytes", 100_000, 48 * 10.48576 + 8],
  ])("of a store that does not come back bounds by %s what is fetched", async (_name, sizeBytes, most) => {
    const gate = Promise.withResolvers<void>();
    const memory = openMemoryStore({ grid });
    const putMany = (): Promise<void> => gate.promise;
    const bytes = new Uint8Array(sizeBytes);
    const source = new FakeSource({ answer: () => bytesAnswer(bytes) });
    const controller = new AbortController();
    const plan = planTiles(grid, WORLD, [6]);
    const store = wrapStore(memory, { putMany });
    const { clock, done } = start({ store, source, plan, signal: controller.signal });
    await flushMany();
    await clock.advance(5000);
    const asked = source.asked.length;
    expect(asked).toBeLessThanOrEqual(most);
    expect(asked).toBeGreaterThan(100);
    await clock.advance(60_000);
    expect(source.asked).toHaveLength(asked);
    expect(source.maxInFlight).toBeLessThanOrEqual(8);
    controller.abort();
    gate.resolve();
    expect((await done).stopped).toBe("cancelled");
  });
});

describe("time", () => {
  test("a fetched tile is committed a second later at the latest", async () => {
    const commits: number[] = [];
    const memory = openMemoryStore({ grid });
    const putMany = (writes: readonly TileWrite[]): Promise<void> => {
      commits.push(writes.length);
      return memory.putMany(writes);
    };
    const controller = new AbortController();
    const source = new FakeSource({ answer: (tile) => (tile.z === 0 ? tileAnswer(tile) : "hang") });
    const { clock, done } = start({ store: wrapStore(memory, { putMany }), source, signal: controller.signal });
    await clock.advance(999);
    expect(commits).toEqual([]);
    await clock.advance(1);
    expect(commits).toEqual([1]);
    controller.abort();
    expect(await done).toMatchObject({ stored: 1, cancelled: small.count - 1 });
  });

  test("a refresh sends validators, renews on 304 without bytes and asks again for what was empty", async () => {
    const store = openMemoryStore({ grid });
    const first = new FakeSource({ answer: (tile) => (tile.z === 3 ? EMPTY_ANSWER : tileAnswer(tile, `"${tile.x}"`)) });
    expect(await start({ store, source: first }).done).toMatchObject({ stored: 21, empty: 64 });
    const sent = new Map<string, string | null | undefined>();
    const second = new FakeSource({
      answer: (tile, _attempt, { etag }) => {
        sent.set(`${tile.z}/${tile.x}/${tile.y}`, etag);
        return tile.z === 3 ? tileAnswer(tile) : { kind: "notModified", etag: null, lastModified: null };
      },
    });
    const clock = new FakeClock(Date.UTC(2026, 0, 11));
    const renewal = start({ store, source: second, clock, refreshAgeMs: 5 * 86_400_000 });
    const bytes = 64 * "3/0/0".length;
    expect(await renewal.done).toMatchObject({ present: 0, stored: 85, empty: 0, bytes, complete: true });
    expect(sent.get("1/1/0")).toBe('"1"');
    expect(sent.get("3/0/0")).toBeUndefined();
    expect(await store.find({ z: 1, x: 1, y: 0 })).toMatchObject({ fetchedAtMs: clock.now(), etag: '"1"' });
    const third = new FakeSource();
    await start({ store, source: third, clock, refreshAgeMs: 5 * 86_400_000 }).done;
    expect(third.asked).toEqual([]);
  });

  test("a dead host costs few requests, and the rest of the plan is listed in runs", async () => {
    const clock = new FakeClock();
    const hosts = [new HostRegistry({ clock }).get("dead.example")];
    const source = new FakeSource({ hosts, answer: () => new TilthError("http.connect", "no connection") });
    const runs: FailedRun[] = [];
    const plan = planTiles(grid, WORLD, [0, 1, 2, 8]);
    const onFailed = (run: FailedRun): void => void runs.push(run);
    const { done } = start({ store: openMemoryStore({ grid }), source, plan, clock, onFailed, random: () => 0.5 });
    await clock.advance(10 * 60_000);
    const report = await done;
    expect(report).toMatchObject({ failed: plan.count, stored: 0, complete: false, stopped: "hostDead" });
    expect(report.requests).toBe(source.asked.length);
    expect(report.requests).toBeLessThan(60);
    expect(runs.reduce((sum, { minX, maxX }) => sum + maxX - minX + 1, 0)).toBe(plan.count);
    expect(runs.length).toBeLessThan(plan.count / 3);
    expect(Object.values(report.failures).reduce((sum, count) => sum + count, 0)).toBe(plan.count);
    expect(clock.pendingTimers).toBe(0);
  });
});

test("who cancels while the store is on a machine that is away does not wait for it", async () => {
  const store = openMemoryStore({ grid });
  const away = async (): Promise<never> => {
    throw new TilthError("postgres.unreachable", "no connection");
  };
  let tasks = 0;
  const putTask: TileStore["putTask"] = (kept) =>
    (tasks += 1) === 1 ? store.putTask(kept) : new Promise(() => undefined);
  const stop = new AbortController();
  const setup = { store: wrapStore(store, { putMany: away, putTask }), task, signal: stop.signal };
  const { clock, done } = start(setup);
  await clock.advance(5000);
  stop.abort();
  await flushMany();
  expect(await done).toMatchObject({ stopped: "cancelled", stored: 0, cancelled: small.count });
  expect(await store.listTasks()).toMatchObject([{ report: null }]);
});

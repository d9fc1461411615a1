import { describe, expect, test } from "vitest";
import { CutProxy } from "../../../test/support/cut_proxy.ts";
import { submitFake } from "../../../test/support/cluster.ts";
import { EMPTY_ANSWER, FakeSource, tileAnswer } from "../../../test/support/fake_source.ts";
import { usePostgres } from "../../../test/support/postgres.ts";
import { workOff } from "../../../test/support/work_off.ts";
import { TilthError } from "../../core/index.ts";
import { webMercatorQuad } from "../../grid/index.ts";
import { countPlan, planTask, verifyStore } from "../../seed/index.ts";
import { openStore } from "../../store/index.ts";
import type { ClusterBook } from "../book/cluster_book.ts";
import { openPostgresBook } from "../book/postgres/postgres_book.ts";
import { clusterReport } from "../seed_report.ts";
import { ClusterWorker } from "./cluster_worker.ts";

const server = usePostgres();

async function openBook(cache: string): Promise<ClusterBook> {
  const store = await openStore(`${server().url}?layer=${cache}`, { mode: "write", grid: webMercatorQuad() });
  await store.close();
  return openPostgresBook(server().url);
}

describe("workers", () => {
  test("two of them fetch each tile of a seed once, and the store proves it", async () => {
    const book = await openBook("world");
    const { id, planned } = await submitFake(book, { cache: "world" });
    const source = new FakeSource();
    await workOff(book, id, source, { names: ["one", "two"] });
    const status = await book.getStatus(id);
    expect(status).toMatchObject({ state: "ended", cursor: null, blocks: { queued: 0, leased: 0, dead: 0 } });
    expect(status.counts).toMatchObject({ present: 0, stored: planned, empty: 0, failed: 0 });
    expect(source.asked).toHaveLength(planned);
    expect(new Set(source.asked).size).toBe(planned);
    const tiles = await book.openTiles("world");
    const plan = planTask(tiles.grid, status.definition.task);
    expect(await countPlan(tiles, plan)).toMatchObject({ planned, present: planned, missing: 0 });
    expect(await tiles.listTasks()).toMatchObject([{ report: expect.stringContaining('"complete":true') }]);
    await tiles.close();
    await book.close();
  });

  test("outcomes are exact: empty, failed and what was there before; failed tiles are sent again alone", async () => {
    const book = await openBook("mixed");
    const tiles = await book.openTiles("mixed");
    const known = [
      { kind: "tile" as const, tile: { z: 3, x: 1, y: 1 }, data: new Uint8Array([1]), fetchedAtMs: 1 },
      { kind: "empty" as const, tile: { z: 3, x: 2, y: 1 }, fetchedAtMs: 1 },
    ];
    await tiles.putMany(known);
    const { id, planned } = await submitFake(book, { cache: "mixed", zooms: [3, 4], blockTiles: 50 });
    let isBroken = true;
    const source = new FakeSource({
      answer: (tile) => {
        if (tile.x === 7) return EMPTY_ANSWER;
        if (isBroken && tile.y === 5) return new TilthError("tile.notImage", "expected an image, got text");
        return tileAnswer(tile);
      },
    });
    await workOff(book, id, source);
    const first = clusterReport(await book.getStatus(id));
    const failed = 8 + 16 - 2;
    const empty = 8 + 16;
    expect(first).toMatchObject({
      planned,
      present: 1,
      empty: empty + 1,
      failed,
      cancelled: 0,
      open: 0,
      complete: false,
    });
    expect(first.stored).toBe(planned - 1 - empty - 1 - failed);
    expect(first.failures).toEqual({ "tile.notImage": failed });
    let listed = 0;
    for await (const { y, minX, maxX } of book.listFailed(id)) {
      expect(y).toBe(5);
      listed += maxX - minX + 1;
    }
    expect(listed).toBe(failed);

    isBroken = false;
    source.asked.length = 0;
    expect(await book.retry(id)).toBeGreaterThan(0);
    await workOff(book, id, source);
    expect(source.asked).toHaveLength(failed);
    expect(clusterReport(await book.getStatus(id))).toMatchObject({
      failed: 0,
      stored: first.stored + failed,
      complete: true,
    });
    expect(await verifyStore(tiles, { decode: false })).toMatchObject({ tiles: planned - empty - 1, missing: 0 });
    await tiles.close();
    await book.close();
  });

  test("a seed that was submitted again after its end finds all present and asks for nothing", async () => {
    const book = await openBook("again");
    const options = { cache: "again", zooms: [4] };
    const { id, planned } = await submitFake(book, options);
    await workOff(book, id, new FakeSource());
    expect(await submitFake(book, options)).toMatchObject({ id, isNew: true });
    const source = new FakeSource();
    await workOff(book, id, source);
    expect(source.asked).toEqual([]);
    expect((await book.getStatus(id)).counts).toMatchObject({ present: planned, stored: 0 });
    await book.close();
  });

  test("a refresh fetches what was there before the seed was submitted, by the clock of the database", async () => {
    const book = await openBook("stale");
    const { id, planned } = await submitFake(book, { cache: "stale", zooms: [3] });
    await workOff(book, id, new FakeSource());
    const again = await submitFake(book, { cache: "stale", zooms: [3], refreshAgeMs: 0 });
    const source = new FakeSource();
    // A clock that is an hour late would make new tiles look old.
    const late = { now: () => Date.now() - 3_600_000, monotonicMs: () => performance.now(), setTimer };
    await workOff(book, again.id, source, { clock: late });
    expect(source.asked).toHaveLength(planned);
    const tiles = await book.openTiles("stale");
    const records = await tiles.readRecords({ z: 3, minX: 0, minY: 0, maxX: 7, maxY: 7 });
    const { staleBeforeMs } = await book.getSeed(again.id);
    expect(records.every(({ fetchedAtMs }) => fetchedAtMs >= (staleBeforeMs ?? Infinity))).toBe(true);
    await tiles.close();
    await book.close();
  });

  test("stopped in the middle it gives its blocks back, and another one fetches only the rest", async () => {
    const book = await openBook("stopped");
    const { id, planned } = await submitFake(book, { cache: "stopped", zooms: [5], blockTiles: 256 });
    const stop = new AbortController();
    const slow = new FakeSource({
      answer: (tile) => {
        if (slow.asked.length === 300) stop.abort();
        return tileAnswer(tile);
      },
    });
    const worker = new ClusterWorker({ book, name: "first", openSource: async () => slow });
    await worker.run(stop.signal);
    const between = await book.getStatus(id);
    expect(between.blocks).toMatchObject({ leased: 0 });
    const rest = new FakeSource();
    await workOff(book, id, rest, { names: ["second"] });
    expect((await book.getStatus(id)).counts).toMatchObject({ stored: planned, present: 0, failed: 0 });
    expect(rest.asked).toHaveLength(planned - between.counts.stored);
    await book.close();
  });

  test("a paused seed is left alone, a cancelled one keeps what was written", async () => {
    const book = await openBook("states");
    const { id, planned } = await submitFake(book, { cache: "states", zooms: [5], blockTiles: 100 });
    let reached = (): void => undefined;
    const source = new FakeSource({
      answer: async (tile) => {
        if (source.asked.length >= 200) reached();
        if (source.asked.length > 250) return "hang";
        return tileAnswer(tile);
      },
    });
    const inTheMiddle = new Promise<void>((resolve) => (reached = resolve));
    const stop = new AbortController();
    const running = new ClusterWorker({ book, name: "steady", openSource: async () => source }).run(stop.signal);
    await inTheMiddle;
    await book.setState(id, "paused");
    while ((await book.getStatus(id)).blocks.leased > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const asked = source.asked.length;
    expect(await book.claim("other")).toBeNull();
    await book.setState(id, "running");
    while (source.asked.length === asked) await new Promise((resolve) => setTimeout(resolve, 20));
    await book.setState(id, "cancelled");
    while ((await book.getStatus(id)).blocks.leased > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    stop.abort();
    await running;
    const report = clusterReport(await book.getStatus(id));
    expect(report).toMatchObject({ state: "cancelled", planned, failed: 0, open: 0, complete: false });
    expect(report.stored + report.cancelled).toBe(planned);
    const tiles = await book.openTiles("states");
    expect((await tiles.count()).present).toBe(report.stored);
    expect(report.stored).toBeGreaterThan(100);
    await expect(book.setState(id, "running")).rejects.toMatchObject({ code: "cluster.state" });
    await tiles.close();
    await book.close();
  });

  test("the database may be away: the worker goes on, and each tile has one outcome", async () => {
    const direct = await openBook("away");
    const { id, planned } = await submitFake(direct, { cache: "away", zooms: [5], blockTiles: 200 });
    const proxy = await CutProxy.start(Number(new URL(server().url).port));
    const book = await openPostgresBook(proxy.urlOf(server().url));
    const source = new FakeSource({
      answer: (tile) => {
        if (source.asked.length === 300) proxy.refuse();
        return tileAnswer(tile);
      },
    });
    const noticed: string[] = [];
    const warn = (event: string): void => {
      noticed.push(event);
      proxy.open();
    };
    const logger = { debug: () => undefined, info: () => undefined, warn, error: warn };
    const stop = new AbortController();
    const running = new ClusterWorker({ book, name: "far", openSource: async () => source, logger }).run(stop.signal);
    await using _listening = await direct.listen((event) => {
      if (event?.kind === "state") stop.abort();
    });
    await running;
    expect(noticed.length).toBeGreaterThan(0);
    expect((await direct.getStatus(id)).counts).toMatchObject({ stored: planned, failed: 0, present: 0 });
    expect(new Set(source.asked).size).toBe(planned);
    await book.close();
    await proxy.close();
    await direct.close();
  });

  test("a source that cannot be opened here leaves the seed to others", async () => {
    const book = await openBook("keys");
    const { id } = await submitFake(book, { cache: "keys", zooms: [2] });
    const refuse = async (): Promise<never> => {
      throw new TilthError("source.invalid", `expected the environment variable KEY`);
    };
    const stop = new AbortController();
    const failed = new Promise<void>((resolve) => {
      const onBlock = (): void => resolve();
      void new ClusterWorker({ book, name: "keyless", openSource: refuse, onBlock, blocks: 1 }).run(stop.signal);
    });
    await failed;
    const source = new FakeSource();
    await workOff(book, id, source, { names: ["keyed"] });
    stop.abort();
    expect((await book.getStatus(id)).state).toBe("ended");
    expect(source.asked).toContain("2/0/0");
    await book.close();
  });
});

function setTimer(fn: () => void, delayMs: number): () => void {
  const handle = setTimeout(fn, delayMs);
  return () => clearTimeout(handle);
}

import { describe, expect, test } from "vitest";
import { FakeClock, flush } from "../../test/support/fake_clock.ts";
import { FakeSource, tileAnswer } from "../../test/support/fake_source.ts";
import { block, grid, sourceGrid, kindsOf, refused, flushMany, startWarp } from "../../test/support/start_warp.ts";
import { TilthError } from "../core/index.ts";
import { HostRegistry } from "../net/index.ts";
import { WarpPlanner } from "../reproject/index.ts";
import { type TileRequest } from "../source/index.ts";

describe("a dead host", () => {
  const answer = (): TilthError => new TilthError("http.connect", "no connection");

  test.each([
    ["tiles of few source tiles", { minZoom: 0, maxZoom: 4 }],
    ["tiles of many", { minZoom: 0, maxZoom: 9 }],
    ["metatiles that fall into several plans", { minZoom: 9, maxZoom: 9 }],
  ])("settles all that was taken, and is told: %s", async (_name, zooms) => {
    const by = new WarpPlanner({ destination: grid, source: sourceGrid, ...zooms });
    const clock = new FakeClock();
    const source = new FakeSource({ answer, hosts: [new HostRegistry({ clock }).get("dead.example")] });
    const run = startWarp([block(20, 20), block(20, 3, 4, 24)], { planner: by, source, clock });
    let how: string | null = null;
    void run.done.then((answered) => (how = answered));
    for (let hours = 0; hours < 24 && how === null; hours++) await clock.advance(3_600_000);
    expect(how).toBe("dead");
    expect(run.taken.length).toBeLessThan(460);
    expect(new Set(run.settled.keys())).toEqual(new Set(run.taken));
    expect(Object.keys(kindsOf(run.settled)).every((code) => ["http.connect", "http.breakerOpen"].includes(code))).toBe(
      true,
    );
    expect(source.asked.length).toBeLessThan(60);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("an error of the caller", () => {
  test("that settle throws, at once or later, stops the run with just that", async () => {
    for (const settle of [
      (): void => {
        throw refused;
      },
      (): Promise<void> => Promise.reject(refused),
    ]) {
      const { done, source, clock, warper } = startWarp([block(20, 20)], { settle });
      await expect(done).rejects.toBe(refused);
      await flushMany();
      const asked = source.asked.length;
      expect([source.inFlight, warper.inFlight, clock.pendingTimers]).toEqual([0, 0, 0]);
      await flushMany();
      expect(source.asked).toHaveLength(asked);
    }
  });

  test("that settle throws for a tile that cannot be planned, or after the host was given up", async () => {
    const settle = (): void => {
      throw refused;
    };
    const by = new WarpPlanner({ destination: grid, source: sourceGrid, minZoom: 12, maxZoom: 12 });
    await expect(startWarp([block(1, 1)], { settle, planner: by }).done).rejects.toBe(refused);
    const clock = new FakeClock();
    const host = new HostRegistry({ clock }).get("dead.example");
    const source = new FakeSource({ hosts: [host], answer: () => new TilthError("http.connect", "no connection") });
    let count = 0;
    // The first metatile is settled by those who waited for it; the last of 400 only when the host is given up.
    const late = (): void => {
      if (++count === 400) throw refused;
    };
    const run = startWarp([block(20, 20)], { settle: late, source, clock });
    await clock.advance(3_600_000);
    await expect(run.done).rejects.toBe(refused);
  });

  test("that the list of tiles throws is told as it is", async () => {
    const batches = (async function* (): AsyncGenerator<TileRequest[]> {
      yield block(4, 4).map((tile) => ({ tile }));
      throw refused;
    })();
    await expect(startWarp([], { batches }).done).rejects.toBe(refused);
  });
});

describe("back-pressure", () => {
  test("of a settle that does not come back bounds what is fetched, and a cancel frees it", async () => {
    const controller = new AbortController();
    const settle = (): Promise<never> => new Promise(() => undefined);
    const { done, source, clock, warper } = startWarp([block(29, 22)], { settle, signal: controller.signal });
    await flushMany(400);
    const asked = source.asked.length;
    // 8 plans of 4 x 4 tiles, 25 source tiles each.
    expect(asked).toBeGreaterThan(20);
    expect(asked).toBeLessThan(8 * 40);
    await flushMany(400);
    expect(source.asked).toHaveLength(asked);
    controller.abort();
    await expect(done).rejects.toMatchObject({ code: "cancelled" });
    await flushMany();
    expect([source.inFlight, warper.inFlight, clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  test("of threads that are busy does the same", async () => {
    const run = startWarp([block(29, 22)]);
    const gate = Promise.withResolvers<void>();
    run.warper.gate = gate.promise;
    await flushMany(400);
    expect(run.warper.maxInFlight).toBe(8);
    expect(run.source.asked.length).toBeLessThan(8 * 40);
    gate.resolve();
    expect(await run.done).toBe("done");
    expect(run.settled.size).toBe(29 * 22);
  });
});

describe("a cancel", () => {
  test.each([0, 1, 2, 3, 5, 8, 13, 21, 34, 55])("after %i turns rejects and leaves nothing running", async (turns) => {
    const controller = new AbortController();
    const run = startWarp([block(20, 20)], {
      signal: controller.signal,
      answer: async (tile) => {
        await flush();
        return tile.x % 3 === 0 ? "hang" : tileAnswer(tile);
      },
    });
    await flushMany(turns);
    controller.abort();
    await expect(run.done).rejects.toMatchObject({ code: "cancelled" });
    const settled = run.settled.size;
    await flushMany();
    expect(run.settled.size).toBe(settled);
    expect(run.settled.size).toBeLessThan(400);
    expect([run.source.inFlight, run.warper.inFlight, run.clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  test.each([0, 100, 1000, 10_000])("after %i ms of retries too", async (delayMs) => {
    const controller = new AbortController();
    const answer = (): TilthError => new TilthError("http.timeout", "no answer");
    const run = startWarp([block(8, 8)], { signal: controller.signal, answer, retry: { maxRetries: 30 } });
    await run.clock.advance(delayMs);
    controller.abort();
    await expect(run.done).rejects.toMatchObject({ code: "cancelled" });
    await flushMany();
    expect([run.source.inFlight, run.clock.pendingTimers]).toEqual([0, 0]);
  });

  test.each(["the threads work", "the last tiles are handed over"])("while only %s rejects at once", async (what) => {
    const controller = new AbortController();
    const settle = what === "the threads work" ? undefined : (): Promise<never> => new Promise(() => undefined);
    const run = startWarp([block(4, 4)], { signal: controller.signal, ...(settle === undefined ? {} : { settle }) });
    if (settle === undefined) run.warper.gate = new Promise(() => undefined);
    await flushMany();
    expect(run.source.inFlight).toBe(0);
    controller.abort();
    await expect(run.done).rejects.toMatchObject({ code: "cancelled" });
    await flushMany();
    expect(run.warper.inFlight).toBe(0);
  });

  test("before the start asks for nothing", async () => {
    const run = startWarp([block(4, 4)], { signal: AbortSignal.abort() });
    await expect(run.done).rejects.toMatchObject({ code: "cancelled" });
    expect(run.source.asked).toEqual([]);
  });
});

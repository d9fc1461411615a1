import { describe, expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake_clock.ts";
import { Fleet, type FleetWorker } from "../../../test/support/fleet.ts";
import { makeRandom } from "../../../test/support/make_random.ts";
import { httpError } from "../../net/index.ts";
import { MemoryBudget } from "./memory_budget.ts";

const HOUR_MS = 3_600_000;

describe("200 workers on one host", () => {
  test.each([1, 2, 3])("never pass the rate, and none starves (seed %i)", async (seed) => {
    const random = makeRandom(seed);
    const clock = new FakeClock();
    const book = new MemoryBudget({ clock, latencyMs: 3 });
    const ratePerSecond = 200;
    let pauses = 0;
    const fleet = new Fleet({
      clock,
      bookOf: () => book,
      policyOf: () => ({ ratePerSecond }),
      skewMsOf: (worker) => (worker % 2 === 0 ? 1 : -1) * worker * HOUR_MS,
      random,
      answer: () => {
        if (random() > 0.0005) return;
        pauses += 1;
        throw httpError("http.throttled", "429", { url: "http://origin/", status: 429, retryAfterMs: 2000 });
      },
    });
    const workers: FleetWorker[] = [];
    for (let id = 0; id < 200; id++) workers.push(await fleet.add(id));
    const abort = new AbortController();
    for (const worker of workers) void worker.run(100_000, abort.signal).catch(() => undefined);
    const killed = new Set<number>();
    for (let second = 0; second < 60; second++) {
      await clock.advance(1000);
      const one = workers[Math.floor(random() * workers.length)] as FleetWorker;
      if (second % 4 === 0 && !killed.has(one.id)) {
        one.kill();
        killed.add(one.id);
      }
    }
    abort.abort();
    expect(pauses).toBeGreaterThan(0);
    for (const spanMs of [1000, 10_000]) {
      // What is due within the span, and what may be late by a quarter of a second.
      expect(fleet.mostWithin(spanMs)).toBeLessThanOrEqual((ratePerSecond * (spanMs + 260)) / 1000);
    }
    // Of the last ten seconds, three pauses or not: all who live had their turn.
    const late = new Set(fleet.arrivals.filter(({ atMs }) => atMs > 50_000).map(({ worker }) => worker));
    expect(workers.filter(({ id }) => !killed.has(id) && !late.has(id)).map(({ id }) => id)).toEqual([]);
  });

  test.each([4, 5, 6])("never hold more places than there are, and none starves (seed %i)", async (seed) => {
    const random = makeRandom(seed);
    const clock = new FakeClock();
    const book = new MemoryBudget({ clock, latencyMs: 3 });
    const fleet = new Fleet({
      clock,
      bookOf: () => book,
      policyOf: () => ({ maxConcurrency: 20 }),
      skewMsOf: (worker) => worker * HOUR_MS,
      random,
      latencyMs: 40,
    });
    const workers: FleetWorker[] = [];
    for (let id = 0; id < 200; id++) workers.push(await fleet.add(id));
    const abort = new AbortController();
    const live = new Set(workers);
    // Short jobs and long ones, one after the other.
    const work = async (worker: FleetWorker): Promise<void> => {
      for (;;) await worker.run(Math.ceil(random() * 40), abort.signal);
    };
    for (const worker of workers) void work(worker).catch(() => undefined);
    for (let second = 0; second < 90; second++) {
      await clock.advance(1000);
      const one = workers[Math.floor(random() * workers.length)] as FleetWorker;
      if (second % 10 === 5 && live.delete(one)) one.kill();
    }
    abort.abort();
    expect(fleet.mostInFlight).toBeLessThanOrEqual(20);
    const late = new Set(fleet.arrivals.filter(({ atMs }) => atMs > 60_000).map(({ worker }) => worker));
    expect([...live].filter(({ id }) => !late.has(id)).map(({ id }) => id)).toEqual([]);
    // 20 places of 40 ms are 500 a second; some are lost while they change hands, and for ten seconds each time that a worker is killed.
    expect(fleet.arrivals.length).toBeGreaterThan(90 * 500 * 0.8);
  });
});

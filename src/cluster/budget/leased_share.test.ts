import { describe, expect, test } from "vitest";
import type { FleetWorker } from "../../../test/support/fleet.ts";
import { makeFleet, type BookLine } from "../../../test/support/shared_fleet.ts";
import { httpError } from "../../net/index.ts";

const throttled = (retryAfterMs: number): Error =>
  httpError("http.throttled", "429", { url: "http://origin/", status: 429, retryAfterMs });

describe("a rate that workers share", () => {
  test("is used in full and evenly, with few questions", async () => {
    const { clock, fleet, lines, start, arrivalsOf } = await makeFleet(8, { ratePerSecond: 100 });
    start([0, 1, 2, 3, 4, 5, 6, 7]);
    await clock.advance(30_000);
    expect(fleet.arrivals.length).toBeGreaterThan(2900);
    expect(fleet.mostWithin(1000)).toBeLessThanOrEqual(101);
    for (let id = 0; id < 8; id++) expect(arrivalsOf(id).length).toBeGreaterThan(300);
    const asks = lines.reduce((sum, line) => sum + line.asks.length, 0);
    expect(asks).toBeLessThan(fleet.arrivals.length / 5);
  });

  test("is one worker's alone while the others want nothing", async () => {
    const { clock, fleet, start } = await makeFleet(4, { ratePerSecond: 50 });
    start([0, 1, 2, 3], 20);
    await clock.advance(5000);
    expect(fleet.arrivals).toHaveLength(80);
    start([2], 1000);
    await clock.advance(10_000);
    expect(fleet.arrivals.length).toBeGreaterThan(80 + 480);
  });

  test("loses what is not used in time: a worker that was held up does not catch up at once", async () => {
    const { clock, workers } = await makeFleet(1, { ratePerSecond: 100 });
    const { host } = workers[0] as FleetWorker;
    const grab = (): number => {
      let got = 0;
      for (; host.delayMs() === 0; got += 1) host.finish(host.begin("first"));
      return got;
    };
    for (let step = 0; step < 200; step++) {
      grab();
      await clock.advance(10);
    }
    // Nobody asks for 200 ms, then for ten seconds.
    await clock.advance(200);
    expect(grab()).toBeLessThanOrEqual(21);
    await clock.advance(10_000);
    expect(grab()).toBeLessThanOrEqual(1);
  });
});

describe("a pause that one worker is asked for", () => {
  test("stops all of them, and afterwards they go on at the rate", async () => {
    let isAsked = false;
    const answer = (): void => {
      if (!isAsked) return;
      isAsked = false;
      throw throttled(5000);
    };
    const { clock, fleet, workers, start } = await makeFleet(8, { ratePerSecond: 100 }, answer);
    start([0, 1, 2, 3, 4, 5, 6, 7]);
    await clock.advance(5000);
    isAsked = true;
    await clock.advance(100);
    const before = fleet.arrivals.length;
    await clock.advance(4800);
    expect(fleet.arrivals.length).toBe(before);
    expect(workers.every(({ host }) => host.status.pausedMs > 0)).toBe(true);
    await clock.advance(10_000);
    expect(fleet.arrivals.length - before).toBeGreaterThan(900);
    expect(fleet.mostWithin(1000)).toBeLessThanOrEqual(101);
  });

  test("is heard of after a gap, too", async () => {
    const { clock, lines, workers, start, fleet } = await makeFleet(2, {});
    start([0, 1]);
    await clock.advance(1000);
    (lines[1] as BookLine).isCut = true;
    const { host } = workers[0] as FleetWorker;
    host.finish(host.begin("first"), throttled(60_000));
    await clock.advance(1000);
    (lines[1] as BookLine).isCut = false;
    lines[1]?.onGap?.();
    await clock.advance(100);
    const before = fleet.arrivals.length;
    await clock.advance(50_000);
    expect(fleet.arrivals.length).toBe(before);
  });
});

describe("places that workers share", () => {
  test("are never more under way than there are, and all are used", async () => {
    const { clock, fleet, start, arrivalsOf } = await makeFleet(3, { concurrency: 6 });
    start([0]);
    await clock.advance(3000);
    expect(fleet.mostInFlight).toBe(6);
    start([1, 2]);
    await clock.advance(20_000);
    expect(fleet.mostInFlight).toBe(6);
    // 6 places, 20 ms each.
    expect(fleet.arrivals.length).toBeGreaterThan(23 * 300 * 0.93);
    for (const id of [1, 2]) expect(arrivalsOf(id).length).toBeGreaterThan(1800);
  });

  test("go round when there are fewer than workers", async () => {
    const { clock, fleet, start, arrivalsOf } = await makeFleet(7, { concurrency: 2 });
    start([0, 1, 2, 3, 4, 5, 6]);
    await clock.advance(60_000);
    expect(fleet.mostInFlight).toBe(2);
    for (let id = 0; id < 7; id++) {
      const arrivals = arrivalsOf(id);
      const gaps = arrivals.map((atMs, i) => atMs - (arrivals[i - 1] ?? 0));
      expect(Math.max(...gaps)).toBeLessThan(12_000);
    }
    expect(fleet.arrivals.length).toBeGreaterThan(60 * 100 * 0.9);
  });

  test("come free ten seconds after their worker was killed", async () => {
    const { clock, workers, start, arrivalsOf } = await makeFleet(2, { concurrency: 1 });
    start([0]);
    await clock.advance(500);
    workers[0]?.kill();
    start([1]);
    await clock.advance(8500);
    expect(arrivalsOf(1)).toEqual([]);
    await clock.advance(3500);
    expect(arrivalsOf(1).length).toBeGreaterThan(0);
  });

  test("are given back at once by who closes, and who closes starts nothing more", async () => {
    const { clock, workers, start, arrivalsOf, lines } = await makeFleet(2, { concurrency: 1 });
    start([0, 1]);
    await clock.advance(100);
    const closed = workers[0]?.hosts.close();
    await clock.advance(100);
    await closed;
    const before = arrivalsOf(0).length;
    await clock.advance(2000);
    expect(arrivalsOf(0)).toHaveLength(before);
    expect(arrivalsOf(1).length).toBeGreaterThan(80);
    expect(lines[0]?.left).toEqual(["origin:80"]);
  });
});

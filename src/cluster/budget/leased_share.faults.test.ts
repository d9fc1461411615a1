import { describe, expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake_clock.ts";
import { makeFleet, type BookLine } from "../../../test/support/shared_fleet.ts";
import { httpError } from "../../net/index.ts";
import { acquirePlace } from "./acquire_place.ts";
import { ClusterHosts } from "./cluster_hosts.ts";
import { MemoryBudget } from "./memory_budget.ts";

describe("a breaker that workers share", () => {
  test("opens for all, is probed by one, and closes for all", async () => {
    let isDown = false;
    const answer = (): void => {
      if (isDown) throw httpError("http.connect", "down", { url: "http://origin/" });
    };
    const { clock, fleet, workers, start } = await makeFleet(6, { concurrency: 12 }, answer);
    start([0, 1, 2, 3, 4, 5]);
    await clock.advance(2000);
    isDown = true;
    await clock.advance(1000);
    expect(workers.map(({ host }) => host.status.breaker)).toEqual(Array(6).fill("open"));
    const before = fleet.arrivals.length;
    await clock.advance(1900);
    // Open for 1 s, then for 2 s more.
    expect(fleet.arrivals.length - before).toBe(1);
    isDown = false;
    await clock.advance(3000);
    expect(workers.map(({ host }) => host.status.breaker)).toEqual(Array(6).fill("closed"));
    expect(fleet.arrivals.length - before).toBeGreaterThan(500);
  });

  test("is dead for all when its probes are used up, and alive again for who comes later", async () => {
    let isDown = true;
    const answer = (): void => {
      if (isDown) throw httpError("http.connect", "down", { url: "http://origin/" });
    };
    const breaker = { maxProbes: 2, maxOpenMs: 4000 };
    const { clock, workers, fleet } = await makeFleet(4, { concurrency: 8, breaker }, answer);
    const ended = workers.map((worker) => worker.run(10_000));
    await clock.advance(60_000);
    expect(await Promise.all(ended)).toEqual(Array(4).fill("dead"));
    isDown = false;
    const before = fleet.arrivals.length;
    const later = workers[3]?.run(50);
    await clock.advance(10_000);
    expect([await later, fleet.arrivals.length - before]).toEqual(["done", 50]);
  });

  test("gives the probe to another when its worker is killed", async () => {
    let isDown = true;
    const answer = (): void => {
      if (isDown) throw httpError("http.connect", "down", { url: "http://origin/" });
    };
    const { clock, fleet, workers, start } = await makeFleet(3, { concurrency: 6 }, answer);
    start([0, 1, 2]);
    await clock.advance(500);
    const before = fleet.arrivals.length;
    while (fleet.arrivals.length === before) await clock.advance(1);
    workers[fleet.arrivals.at(-1)?.worker ?? -1]?.kill();
    isDown = false;
    await clock.advance(15_000);
    expect(fleet.arrivals.length - before).toBeGreaterThan(100);
  });
});

describe("a worker without its book", () => {
  test("uses up what it has, then asks nothing of the host, and goes on when the book is back", async () => {
    const { clock, lines, start, arrivalsOf } = await makeFleet(2, { ratePerSecond: 100 });
    start([0, 1]);
    await clock.advance(3000);
    const [line] = lines as [BookLine];
    line.isCut = true;
    const cutMs = clock.monotonicMs();
    await clock.advance(60_000);
    const late = arrivalsOf(0).filter((atMs) => atMs > cutMs);
    expect(late.length).toBeGreaterThan(0);
    expect(late.length).toBeLessThanOrEqual(20);
    // Asked again every two seconds at most.
    expect(line.asks.length).toBeLessThan(100);
    line.isCut = false;
    await clock.advance(10_000);
    expect(arrivalsOf(0).filter((atMs) => atMs > cutMs + 60_000).length).toBeGreaterThan(300);
  });

  test("does not begin anything with places that others may have by then", async () => {
    const { clock, lines, start, arrivalsOf, fleet } = await makeFleet(2, { concurrency: 4 });
    start([0]);
    await clock.advance(1000);
    (lines[0] as BookLine).isCut = true;
    await clock.advance(20_000);
    expect(Math.max(...arrivalsOf(0))).toBeLessThanOrEqual(9000);
    start([1]);
    await clock.advance(1000);
    (lines[0] as BookLine).isCut = false;
    await clock.advance(5000);
    expect(fleet.mostInFlight).toBe(4);
  });

  test("closes all the same", async () => {
    const { clock, lines, start, workers } = await makeFleet(1, { concurrency: 4 });
    start([0]);
    await clock.advance(1000);
    (lines[0] as BookLine).isCut = true;
    const closed = workers[0]?.hosts.close();
    await clock.advance(100);
    await closed;
  });
});

describe("a share that rests", () => {
  test("leaves the book after a minute, and comes back when it is wanted", async () => {
    const { clock, lines, workers } = await makeFleet(1, { concurrency: 2 });
    const first = workers[0]?.run(5);
    await clock.advance(1000);
    await first;
    await clock.advance(70_000);
    const asks = lines[0]?.asks.length ?? 0;
    expect([lines[0]?.left, clock.pendingTimers]).toEqual([["origin:80"], 0]);
    await clock.advance(600_000);
    expect(lines[0]?.asks).toHaveLength(asks);
    const again = workers[0]?.run(5);
    await clock.advance(1000);
    expect(await again).toBe("done");
  });
});

describe("a single place", () => {
  test("is had by one at a time, for as long as he needs it", async () => {
    const clock = new FakeClock();
    const book = new MemoryBudget({ clock, latencyMs: 2 });
    const open = (): Promise<ClusterHosts> => ClusterHosts.open({ book, clock, random: () => 0.5 });
    const [a, b] = [await open(), await open()];
    const shares = [a, b].map((hosts) => hosts.shareHost("operator:example.org", { concurrency: 1 }));
    const had: string[] = [];
    const use = async (share: (typeof shares)[number] | undefined, name: string): Promise<() => void> => {
      const release = share === undefined ? () => undefined : await acquirePlace(share, { clock });
      had.push(name);
      return release;
    };
    const first = use(shares[0], "a");
    await clock.advance(100);
    const second = use(shares[1], "b");
    await clock.advance(120_000);
    expect(had).toEqual(["a"]);
    (await first)();
    await clock.advance(100);
    expect(had).toEqual(["a", "b"]);
    (await second)();
    const aborted = acquirePlace(shares[0] as (typeof shares)[number], { clock, signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ code: "cancelled" });
    await Promise.all([a.close(), b.close(), clock.advance(100)]);
  });
});

import { describe, expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake_clock.ts";
import { Fleet, type FleetWorker } from "../../../test/support/fleet.ts";
import { TilthError } from "../../core/index.ts";
import { httpError, type HostPolicy } from "../../net/index.ts";
import type { BudgetAsk, BudgetBook } from "./budget_book.ts";
import { acquirePlace, ClusterHosts } from "./cluster_hosts.ts";
import { MemoryBudget } from "./memory_budget.ts";

/** A line to the book that can be cut, and whose questions are counted. */
class BookLine implements BudgetBook {
  readonly #book: BudgetBook;
  isCut = false;
  readonly asks: BudgetAsk[] = [];
  readonly left: string[] = [];
  onGap: (() => void) | undefined;

  constructor(book: BudgetBook) {
    this.#book = book;
  }

  async ask(...args: Parameters<BudgetBook["ask"]>): ReturnType<BudgetBook["ask"]> {
    this.asks.push(args[0]);
    this.#check();
    return this.#book.ask(...args);
  }

  async leave(...args: Parameters<BudgetBook["leave"]>): Promise<void> {
    this.#check();
    this.left.push(args[0]);
    return this.#book.leave(...args);
  }

  watch(...[onNews, options]: Parameters<BudgetBook["watch"]>): Promise<AsyncDisposable> {
    this.onGap = options?.onGap;
    return this.#book.watch((news) => (this.isCut ? undefined : onNews(news)), options);
  }

  #check(): void {
    if (this.isCut) throw new TilthError("postgres.unreachable", "cut");
  }
}

interface Setup {
  clock: FakeClock;
  fleet: Fleet;
  lines: BookLine[];
  workers: FleetWorker[];
  /** Workers that fetch without an end. */
  start(ids: readonly number[], count?: number): void;
  arrivalsOf(id: number): number[];
}

async function makeFleet(count: number, policy: HostPolicy, answer?: () => void): Promise<Setup> {
  const clock = new FakeClock();
  const book = new MemoryBudget({ clock, latencyMs: 2 });
  const lines = Array.from({ length: count }, () => new BookLine(book));
  const fleet = new Fleet({
    clock,
    bookOf: (id) => lines[id] as BookLine,
    policyOf: () => policy,
    random: () => 0.5,
    answer,
  });
  const workers: FleetWorker[] = [];
  for (let id = 0; id < count; id++) workers.push(await fleet.add(id));
  const start = (ids: readonly number[], items = 100_000): void => {
    for (const id of ids) void workers[id]?.run(items).catch(() => undefined);
  };
  const arrivalsOf = (id: number): number[] =>
    fleet.arrivals.filter(({ worker }) => worker === id).map(({ atMs }) => atMs);
  return { clock, fleet, lines, workers, start, arrivalsOf };
}

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

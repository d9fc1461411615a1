import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FakeClock, flush } from "../../test/support/fake_clock.ts";
import { FetchPump } from "./fetch_pump.ts";
import { HostState, type HostPolicy } from "./host_state.ts";
import { httpError } from "./http_errors.ts";
import { BATCH_TURN_MS, LIVE_IN_A_ROW, LIVE_QUIET_MS, LiveFirst, type Priority } from "./live_first.ts";
import { withRetry } from "./retry_loop.ts";

const LATENCY_MS = 100;

/** One host; a seed without an end can be let loose on it, and single live requests. Each attempt takes `LATENCY_MS`. */
function makeHost(policy: HostPolicy) {
  const clock = new FakeClock();
  const host = new HostState("h", policy, clock);
  const starts: { priority: Priority; atMs: number }[] = [];
  const stop = new AbortController();
  const attempt = async (priority: Priority): Promise<void> => {
    starts.push({ priority, atMs: clock.monotonicMs() });
    await new Promise<void>((resolve) => clock.setTimer(resolve, LATENCY_MS));
  };
  const seed = (priority?: Priority, items = 1_000_000) => {
    async function* batches() {
      yield Array.from({ length: items }, (_, index) => index).values();
    }
    const { signal } = stop;
    const work = () => attempt(priority ?? "batch");
    const pump = new FetchPump<number, void>({
      batches: batches(),
      hosts: [host],
      attempt: work,
      settle: () => undefined,
      signal,
      clock,
      ...(priority === undefined ? {} : { priority }),
    });
    return pump.run().catch(() => undefined);
  };
  /** How long it waited for its start, ms. */
  const ask = async (signal?: AbortSignal): Promise<number> => {
    const askedMs = clock.monotonicMs();
    let startedMs = NaN;
    await withRetry(
      host,
      () => {
        startedMs = clock.monotonicMs();
        return attempt("live");
      },
      { clock, priority: "live", signal: signal ?? stop.signal },
    );
    return startedMs - askedMs;
  };
  const countSince = (priority: Priority, sinceMs: number): number =>
    starts.filter((start) => start.priority === priority && start.atMs >= sinceMs).length;
  const end = async (): Promise<void> => {
    stop.abort();
    await clock.advance(LATENCY_MS);
    expect(clock.pendingTimers).toBe(0);
  };
  return { clock, host, starts, seed, ask, countSince, end };
}

/** Asks for a live tile again whenever it has come, `lines` at a time. */
async function keepAsking(kit: ReturnType<typeof makeHost>, lines: number, forMs: number): Promise<number[]> {
  const waits: number[] = [];
  const untilMs = kit.clock.monotonicMs() + forMs;
  const line = async (): Promise<void> => {
    while (kit.clock.monotonicMs() < untilMs) waits.push(await kit.ask());
  };
  const running = Promise.allSettled(Array.from({ length: lines }, line));
  await kit.clock.advance(forMs + 10 * LATENCY_MS);
  await running;
  return waits;
}

describe("a seed that uses all of a host", () => {
  test("has its whole limit while nobody live is there", async () => {
    const kit = makeHost({ concurrency: 8 });
    void kit.seed();
    await kit.clock.advance(1000 - 1);
    expect(kit.host.status).toMatchObject({ inFlight: 8, inFlightBatch: 8, inFlightLive: 0 });
    expect(kit.starts).toHaveLength(80);
    await kit.end();
  });

  test.each([1, 2, 3, 8, 32])(
    "lets a live request in with the next attempt that ends (limit %i)",
    async (concurrency) => {
      const kit = makeHost({ concurrency });
      void kit.seed();
      await kit.clock.advance(250);
      const first = kit.ask();
      await kit.clock.advance(49);
      expect(kit.host.status).toMatchObject({ inFlightLive: 0, inFlightBatch: concurrency });
      await kit.clock.advance(1);
      expect(kit.host.status.inFlightLive).toBe(1);
      await kit.clock.advance(LATENCY_MS);
      expect(await first).toBe(50);
      await kit.end();
    },
  );

  test.each([
    [2, 1],
    [3, 1],
    [8, 2],
    [32, 8],
  ])(
    "keeps a reserve free afterwards (of %i: %i), so that a screenful starts at once",
    async (concurrency, reserve) => {
      const kit = makeHost({ concurrency });
      void kit.seed();
      await kit.clock.advance(250);
      void kit.ask();
      await kit.clock.advance(500);
      expect(kit.host.status).toMatchObject({ inFlightLive: 0, inFlightBatch: concurrency - reserve });
      const asked = Array.from({ length: reserve }, () => kit.ask());
      await flush();
      expect(kit.host.status).toMatchObject({ inFlightLive: reserve, inFlightBatch: concurrency - reserve });
      await kit.clock.advance(LATENCY_MS);
      expect(await Promise.all(asked)).toEqual(asked.map(() => 0));
      await kit.end();
    },
  );

  test("gets the reserve back once live is quiet, without an end or a request that would wake it", async () => {
    const kit = makeHost({ concurrency: 4 });
    void kit.ask();
    const endless = new FetchPump<number, void>({
      batches: (async function* () {
        yield [1, 2, 3, 4, 5];
      })(),
      hosts: [kit.host],
      attempt: () => new Promise<void>((resolve) => kit.clock.setTimer(resolve, 60_000)),
      settle: () => undefined,
      signal: new AbortController().signal,
      clock: kit.clock,
    });
    const done = endless.run();
    await kit.clock.advance(LIVE_QUIET_MS - 1);
    expect(kit.host.status.inFlightBatch).toBe(3);
    await kit.clock.advance(1);
    expect(kit.host.status.inFlightBatch).toBe(4);
    await kit.clock.advance(130_000);
    expect(await done).toBe("done");
    await kit.end();
  });

  test.each([1, 2, 8])(
    "is not starved by live requests without an end (limit %i), nor they by it",
    async (concurrency) => {
      const kit = makeHost({ concurrency });
      void kit.seed();
      const waits = await keepAsking(kit, 3 * concurrency, 20_000);
      const [live, batch] = [kit.countSince("live", 2000), kit.countSince("batch", 2000)];
      // A turn after eight live ones; when the live ones are done batch has all.
      expect(batch).toBeGreaterThanOrEqual(Math.floor(live / (LIVE_IN_A_ROW + 1)));
      expect(live / (live + batch)).toBeGreaterThan(0.7);
      // Three rounds of the line and one turn of batch.
      expect(Math.max(...waits)).toBeLessThanOrEqual(5 * LATENCY_MS + BATCH_TURN_MS);
      const between = kit.starts.map(({ priority }) => (priority === "live" ? "l" : "b")).join("");
      const row = Math.max(...(between.slice(concurrency).match(/l+/g) ?? [""]).map(({ length }) => length));
      expect(row).toBeLessThanOrEqual(LIVE_IN_A_ROW + concurrency);
      await kit.end();
    },
  );
});

describe("a host with a rate", () => {
  const policy = { concurrency: 50, ratePerSecond: 10 };

  test("gives its next permit to a live request", async () => {
    const kit = makeHost(policy);
    void kit.seed();
    await kit.clock.advance(1050);
    const waits = Array.from({ length: 3 }, () => kit.ask());
    await kit.clock.advance(1000);
    // Each within one interval of the one before.
    expect(await Promise.all(waits)).toEqual([50, 150, 250]);
    await kit.end();
  });

  test("gives batch a turn after eight live ones, and all of it when they are done", async () => {
    const kit = makeHost(policy);
    void kit.seed();
    await keepAsking(kit, 5, 20_000);
    const order = kit.starts.map(({ priority }) => (priority === "live" ? "l" : "b")).join("");
    expect(order).toContain("lllllllblllllll");
    // One may start before batch has asked for its next place.
    expect(order).not.toContain("l".repeat(LIVE_IN_A_ROW + 2));
    const sinceMs = kit.clock.monotonicMs();
    await kit.clock.advance(10_000);
    expect(kit.countSince("batch", sinceMs)).toBeGreaterThanOrEqual(99);
    await kit.end();
  });
});

describe("live items of a pump", () => {
  test("go before those of a seed, and hold it back no longer than they wait", async () => {
    const kit = makeHost({ concurrency: 4 });
    void kit.seed();
    await kit.clock.advance(250);
    const sinceMs = kit.clock.monotonicMs();
    const made = kit.seed("live", 6);
    await kit.clock.advance(250);
    const order = kit.starts.filter(({ atMs }) => atMs > sinceMs).map(({ priority }) => priority);
    expect(order.slice(0, 4)).toEqual(["live", "live", "live", "live"]);
    expect(kit.countSince("live", sinceMs)).toBe(6);
    await kit.clock.advance(500);
    await made;
    expect(kit.host.status).toMatchObject({ inFlightLive: 0, inFlightBatch: 3 });
    await kit.end();
  });
});

test("a live request that is given up gives its place in the line up too", async () => {
  const kit = makeHost({ concurrency: 1 });
  void kit.seed();
  await kit.clock.advance(250);
  const leaving = new AbortController();
  const asked = kit.ask(leaving.signal);
  await flush();
  leaving.abort();
  await expect(asked).rejects.toMatchObject({ code: "cancelled" });
  const sinceMs = kit.clock.monotonicMs();
  await kit.clock.advance(1000);
  expect(kit.countSince("batch", sinceMs)).toBe(10);
  await kit.end();
});

test("a seed that has gone without a word costs live requests one kept place", async () => {
  const kit = makeHost({ concurrency: 1 });
  // Asks once, is held back, and never comes again.
  const busy = kit.ask();
  await flush();
  const rest = Array.from({ length: 29 }, () => kit.ask());
  await flush();
  expect(kit.host.delayMs("batch")).toBeNull();
  await kit.clock.advance(40 * LATENCY_MS);
  const waits = await Promise.all([busy, ...rest]);
  expect(Math.max(...waits)).toBe(29 * LATENCY_MS + BATCH_TURN_MS);
  await kit.end();
});

test("a breaker that opens holds both classes, and its probe is a live one's", async () => {
  const kit = makeHost({ concurrency: 2, breaker: { minAttempts: 1, windowSize: 1, openMs: 1000 } });
  kit.host.finish(kit.host.begin("first"), httpError("http.reset", "broken", { url: "http://h/" }));
  void kit.seed();
  void kit.ask();
  await kit.clock.advance(999);
  expect(kit.starts).toEqual([]);
  await kit.clock.advance(1);
  expect(kit.starts).toEqual([{ priority: "live", atMs: 1000 }]);
  await kit.end();
});

test("whatever starts and ends: batch stays within its share while there is live demand, and someone may always go", () => {
  const step = fc.constantFrom("enter", "leave", "live", "batch", "batch", "end live", "end batch", "wait", "long");
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 9 }), (steps, limit) => {
      const order = new LiveFirst();
      let [now, waiting] = [0, 0];
      for (const one of steps) {
        const running = order.inFlightLive + order.inFlightBatch;
        if (one === "wait") now += 100;
        else if (one === "long") now += LIVE_QUIET_MS;
        else if (one === "enter") {
          waiting += 1;
          order.enter(now);
        } else if (one === "leave" && waiting > 0) {
          waiting -= 1;
          order.leave();
        } else if (one === "end live" && order.inFlightLive > 0) order.end("live");
        else if (one === "end batch" && order.inFlightBatch > 0) order.end("batch");
        else if (one === "live" && running < limit && order.liveDelayMs(now) === 0) order.begin("live", now);
        else if (one === "batch" && running < limit) {
          const hasDemand = order.hasDemand(now);
          const delayMs = hasDemand ? order.batchDelayMs(now, limit, 0) : 0;
          if (delayMs === 0) {
            order.begin("batch", now);
            if (hasDemand && limit > 1) expect(order.inFlightBatch).toBeLessThan(limit);
          } else if (delayMs !== null) expect(delayMs).toBeLessThanOrEqual(LIVE_QUIET_MS);
          else expect(waiting).toBeGreaterThan(0);
        }
        expect(order.liveDelayMs(now)).toBeLessThanOrEqual(BATCH_TURN_MS);
      }
    }),
    { numRuns: 500 },
  );
});

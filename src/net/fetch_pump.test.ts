import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TilthError, type Clock } from "../core/index.ts";
import { FakeClock } from "../../test/support/fake_clock.ts";
import { FetchPump, type SettledItem } from "./fetch_pump.ts";
import { HostState, type HostPolicy } from "./host_state.ts";
import { httpError } from "./http_errors.ts";
import type { Priority } from "./live_first.ts";

/** Virtual time that jumps to the next timer when nothing else is to be done, and that moves on a little with every look at it. */
class RestlessClock implements Clock {
  #nowMs = 0;
  #timers: { at: number; fn: () => void }[] = [];
  readonly driftMs: number;

  constructor(driftMs: number) {
    this.driftMs = driftMs;
  }

  now(): number {
    return this.monotonicMs();
  }

  monotonicMs(): number {
    this.#nowMs += this.driftMs;
    return this.#nowMs;
  }

  setTimer(fn: () => void, delayMs: number): () => void {
    const timer = { at: this.#nowMs + delayMs, fn };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** False when no timer is left. */
  tick(): boolean {
    const [next] = this.#timers.toSorted((a, b) => a.at - b.at);
    if (next === undefined) return false;
    this.#timers = this.#timers.filter((other) => other !== next);
    this.#nowMs = Math.max(this.#nowMs, next.at);
    next.fn();
    return true;
  }
}

async function* inBatches(count: number, size: number): AsyncGenerator<number[]> {
  for (let first = 0; first < count; first += size)
    yield Array.from({ length: Math.min(size, count - first) }, (_, index) => first + index);
}

const unavailable = (): TilthError =>
  httpError("http.status", "expected status 200, got 500", { url: "http://h/", status: 500 });
const throttled = (): TilthError =>
  httpError("http.throttled", "slow down", { url: "http://h/", status: 429, retryAfterMs: 200 });

interface RunResult {
  how: "done" | "dead";
  settled: Map<number, SettledItem<number>[]>;
  attempts: number;
  maxInFlight: number;
}

/** Runs a pump in virtual time to its end; fails when it would sleep for ever. */
async function runPump(options: {
  count: number;
  policy: HostPolicy;
  hosts?: number;
  clock: RestlessClock;
  outcome: (item: number, attempt: number) => TilthError | null;
  latencyMs?: number;
  maxWaiting?: number;
  priority?: Priority;
}): Promise<RunResult> {
  const { count, policy, clock, outcome, latencyMs = 20, maxWaiting, priority } = options;
  const hosts = Array.from({ length: options.hosts ?? 1 }, (_, index) => new HostState(`host${index}`, policy, clock));
  const settled = new Map<number, SettledItem<number>[]>();
  const tries = new Map<number, number>();
  const result: RunResult = { how: "done", settled, attempts: 0, maxInFlight: 0 };
  let inFlight = 0;
  const pump = new FetchPump<number, number>({
    batches: inBatches(count, 7),
    hosts,
    clock,
    maxWaiting,
    priority,
    random: () => 0.5,
    signal: new AbortController().signal,
    settle: (item, value) => void settled.set(item, [...(settled.get(item) ?? []), value]),
    attempt: async (item) => {
      result.attempts += 1;
      result.maxInFlight = Math.max(result.maxInFlight, ++inFlight);
      const attempt = (tries.get(item) ?? 0) + 1;
      tries.set(item, attempt);
      await new Promise<void>((resolve) => clock.setTimer(resolve, latencyMs));
      inFlight -= 1;
      const error = outcome(item, attempt);
      if (error !== null) throw error;
      return item;
    },
  });
  let ended = false;
  const running = pump.run().finally(() => (ended = true));
  running.catch(() => undefined);
  for (let idle = 0; !ended && idle < 50;) {
    await new Promise((resolve) => setImmediate(resolve));
    idle = clock.tick() ? 0 : idle + 1;
  }
  if (!ended) throw new Error(`the pump sleeps for ever with ${settled.size} of ${count} settled`);
  result.how = await running;
  return result;
}

describe("FetchPump", () => {
  test("settles every item exactly once, never above the limit, whatever fails and however time moves", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          count: fc.integer({ min: 0, max: 60 }),
          concurrency: fc.integer({ min: 1, max: 8 }),
          hosts: fc.integer({ min: 1, max: 3 }),
          drift: fc.constantFrom(0, 0.01, 0.3, 1),
          maxWaiting: fc.integer({ min: 10, max: 40 }),
          rate: fc.constantFrom(undefined, 50, 1000),
          priority: fc.constantFrom("live", "batch"),
          faults: fc.array(fc.constantFrom("ok", "ok", "ok", "500", "429", "404"), { minLength: 1, maxLength: 97 }),
        }),
        async ({ count, concurrency, hosts, drift, maxWaiting, rate, priority, faults }) => {
          const outcome = (item: number, attempt: number): TilthError | null => {
            const fault = faults[(item * 31 + attempt * 17) % faults.length];
            if (fault === "500") return unavailable();
            if (fault === "429") return throttled();
            return fault === "404" ? new TilthError("source.invalid", "never") : null;
          };
          const policy = { concurrency, ratePerSecond: rate, breaker: { minAttempts: 1000, windowSize: 1000 } };
          const { settled, maxInFlight } = await runPump({
            count,
            policy,
            hosts,
            clock: new RestlessClock(drift),
            outcome,
            maxWaiting,
            priority,
          });
          expect(settled.size).toBe(count);
          for (const [, values] of settled) expect(values).toHaveLength(1);
          expect(maxInFlight).toBeLessThanOrEqual(concurrency * hosts);
        },
      ),
      { numRuns: 150 },
    );
  });

  test("a pause asked by Retry-After is kept by the whole host, and then it goes on", async () => {
    const clock = new RestlessClock(0.05);
    let refusedAt = -1;
    let early = 0;
    const { settled } = await runPump({
      count: 40,
      policy: { concurrency: 4 },
      clock,
      outcome: (item, attempt) => {
        const now = clock.now();
        // Attempts that were under way when the 429 came are no breach; those end within 20 ms.
        if (refusedAt >= 0 && now > refusedAt + 25 && now < refusedAt + 200) early += 1;
        if (item !== 5 || attempt > 1) return null;
        refusedAt = now;
        return throttled();
      },
    });
    expect(settled.size).toBe(40);
    expect(early).toBe(0);
  });

  test.each(["batch", "live"] as const)(
    "a dead host is given up after its probes (%s): few attempts, all taken items settled, the rest left",
    async (priority) => {
      const { how, settled, attempts } = await runPump({
        count: 5000,
        priority,
        policy: { concurrency: 8 },
        clock: new RestlessClock(0.01),
        outcome: unavailable,
      });
      expect(how).toBe("dead");
      expect(attempts).toBeLessThan(60);
      expect(settled.size).toBeLessThan(1100);
      for (const [, values] of settled) expect(values).toHaveLength(1);
    },
  );

  test("one dead mirror of two does not keep anything from ending well", async () => {
    const clock = new RestlessClock(0.01);
    const hosts = [new HostState("bad", { concurrency: 4 }, clock), new HostState("good", { concurrency: 4 }, clock)];
    const settled: SettledItem<number>[] = [];
    const pump = new FetchPump<number, number>({
      batches: inBatches(300, 50),
      hosts,
      clock,
      random: () => 0.5,
      signal: new AbortController().signal,
      settle: (_item, value) => void settled.push(value),
      attempt: async (item, { host }) => {
        await new Promise<void>((resolve) => clock.setTimer(resolve, 10));
        if (host === 0) throw unavailable();
        return item;
      },
    });
    let ended = false;
    const running = pump.run().finally(() => (ended = true));
    while (!ended) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.tick();
    }
    expect(await running).toBe("done");
    expect(settled.filter((value) => "result" in value)).toHaveLength(300);
  });

  test("an abort rejects at once, starts nothing more, and settles nothing after", async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    let started = 0;
    let settledCount = 0;
    const pump = new FetchPump<number, number>({
      batches: inBatches(100, 100),
      hosts: [new HostState("h", { concurrency: 3 }, clock)],
      clock,
      signal: controller.signal,
      settle: () => void (settledCount += 1),
      attempt: async () => {
        started += 1;
        // Ignores its signal, as a badly behaved source might.
        return new Promise<number>(() => undefined);
      },
    });
    const running = pump.run();
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
    await new Promise((resolve) => setImmediate(resolve));
    expect(started).toBe(3);
    expect(settledCount).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  test("what settle throws ends the run with that error", async () => {
    const pump = new FetchPump<number, number>({
      batches: inBatches(3, 3),
      hosts: [],
      signal: new AbortController().signal,
      attempt: async (item) => item,
      settle: () => {
        throw new TilthError("store.io", "the disk is gone");
      },
    });
    await expect(pump.run()).rejects.toMatchObject({ code: "store.io" });
  });

  test("a settle that takes its time holds its slot", async () => {
    let open = 0;
    let most = 0;
    const pump = new FetchPump<number, number>({
      batches: inBatches(30, 30),
      hosts: [],
      localConcurrency: 4,
      signal: new AbortController().signal,
      attempt: async (item) => item,
      settle: async () => {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setImmediate(resolve));
        open -= 1;
      },
    });
    expect(await pump.run()).toBe("done");
    expect(most).toBe(4);
  });
});

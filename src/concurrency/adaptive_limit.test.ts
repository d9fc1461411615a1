import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Clock } from "../core/index.ts";
import { AdaptiveLimit, fixedLimit, type ConcurrencyLimit } from "./adaptive_limit.ts";

/** A host as a queueing model: `servers` requests at once, the rest in a FIFO queue. Time is simulated event by event. */
class SimulatedHost {
  nowMs = 0;
  servers: number;
  #latencyMs: () => number;
  #running: { startedMs: number; doneMs: number }[] = [];
  #freeAtMs: number[] = [];
  completed = 0;
  readonly clock: Clock = {
    now: () => this.nowMs,
    monotonicMs: () => this.nowMs,
    setTimer: () => expect.unreachable("a limit sets no timers"),
  };

  constructor(servers: number, latencyMs: number | (() => number)) {
    this.servers = servers;
    this.#latencyMs = typeof latencyMs === "number" ? () => latencyMs : latencyMs;
  }

  setLatency(latencyMs: number): void {
    this.#latencyMs = () => latencyMs;
  }

  /** Keeps the limit full (or `demand`, if that is less) for a while; refuses as 429 what runs above `refuseAbove`. */
  drive(
    limit: ConcurrencyLimit,
    forMs: number,
    options: { demand?: number; refuseAbove?: number; each?: () => void } = {},
  ): void {
    const untilMs = this.nowMs + forMs;
    while (this.nowMs < untilMs) {
      while (this.#running.length < Math.min(limit.limit, options.demand ?? Infinity)) this.#start();
      const next = this.#running.reduce((a, b) => (b.doneMs < a.doneMs ? b : a));
      const inFlight = this.#running.length;
      this.#running.splice(this.#running.indexOf(next), 1);
      this.nowMs = next.doneMs;
      this.completed += 1;
      if (inFlight > (options.refuseAbove ?? Infinity)) limit.onOverload();
      else limit.onSuccess(this.nowMs - next.startedMs, inFlight);
      options.each?.();
    }
  }

  #start(): void {
    this.#freeAtMs = this.#freeAtMs.filter((ms) => ms > this.nowMs).sort((a, b) => a - b);
    const freeAtMs =
      this.#freeAtMs.length < this.servers ? this.nowMs : (this.#freeAtMs[this.#freeAtMs.length - this.servers] ?? 0);
    const doneMs = freeAtMs + this.#latencyMs();
    this.#freeAtMs.push(doneMs);
    this.#running.push({ startedMs: this.nowMs, doneMs });
  }
}

/** Mean and largest limit over a drive, one look for each answer. */
function observe(host: SimulatedHost, limit: ConcurrencyLimit, forMs: number): { mean: number; max: number } {
  let looks = 0;
  let sum = 0;
  let max = 0;
  const each = (): void => {
    looks += 1;
    sum += limit.limit;
    max = Math.max(max, limit.limit);
  };
  host.drive(limit, forMs, { each });
  return { mean: sum / looks, max };
}

/** Reproducible noise: an exponential tail on top of the latency. */
function noisy(baseMs: number, tailMs: number): () => number {
  let state = 12_345;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return baseMs - tailMs * Math.log(1 - state / 2 ** 31);
  };
}

describe("AdaptiveLimit", () => {
  it.each([
    [64, 4],
    [256, 4],
    [64, 1],
    [1, 1],
  ])("reaches a max of %i from %i within a second against 40 ms without congestion", (max, initial) => {
    const host = new SimulatedHost(10_000, 40);
    const limit = new AdaptiveLimit({ max, initial, clock: host.clock });
    host.drive(limit, 1_000);
    expect(limit.limit).toBe(max);
    expect(observe(host, limit, 40_000).mean).toBeGreaterThan(max * 0.98);
  });

  it.each([
    // Four at once on one server hide its unloaded latency until it is measured anew, after 30 s.
    [1, 50, 35_000],
    [4, 20, 5_000],
    [16, 100, 5_000],
    [50, 40, 5_000],
    [100, 10, 5_000],
  ])("settles around the %i servers of a host of %i ms", (servers, latencyMs, warmUpMs) => {
    const host = new SimulatedHost(servers, latencyMs);
    const limit = new AdaptiveLimit({ max: 512, initial: 4, clock: host.clock });
    host.drive(limit, warmUpMs);
    host.completed = 0;
    const { mean, max } = observe(host, limit, 40_000);
    expect(mean).toBeGreaterThanOrEqual(servers * 0.7);
    expect(max).toBeLessThanOrEqual(servers * 2);
    expect(host.completed / 40).toBeGreaterThan((0.95 * servers * 1_000) / latencyMs);
  });

  it.each([8, 32])("settles around %i servers also when latencies have a long tail", (servers) => {
    const host = new SimulatedHost(servers, noisy(20, 40));
    const limit = new AdaptiveLimit({ max: 512, clock: host.clock });
    host.drive(limit, 20_000);
    const { mean } = observe(host, limit, 100_000);
    expect(mean).toBeGreaterThanOrEqual(servers * 0.7);
    expect(mean).toBeLessThanOrEqual(servers * 2);
  });

  it("uses a noisy host without congestion fully", () => {
    const host = new SimulatedHost(10_000, noisy(20, 40));
    const limit = new AdaptiveLimit({ max: 64, clock: host.clock });
    host.drive(limit, 10_000);
    expect(observe(host, limit, 60_000).mean).toBeGreaterThan(64 * 0.9);
  });

  it("follows a host that loses servers, and one that gets slower for good", () => {
    const host = new SimulatedHost(64, 40);
    const limit = new AdaptiveLimit({ max: 256, clock: host.clock });
    host.drive(limit, 10_000);
    host.servers = 8;
    host.drive(limit, 5_000);
    expect(limit.limit).toBeLessThanOrEqual(16);
    host.servers = 64;
    host.setLatency(120);
    host.drive(limit, 90_000);
    expect(limit.limit).toBeGreaterThanOrEqual(45);
    expect(limit.limit).toBeLessThanOrEqual(128);
  });

  it("halves once for each overload, however many answers say so, and recovers", () => {
    const host = new SimulatedHost(10_000, 40);
    const limit = new AdaptiveLimit({ max: 64, clock: host.clock });
    host.drive(limit, 2_000);
    for (let n = 0; n < 64; n += 1) limit.onOverload();
    expect(limit.limit).toBe(32);
    host.nowMs += 101;
    limit.onOverload();
    expect(limit.limit).toBe(16);
    host.drive(limit, 5_000);
    expect(limit.limit).toBe(64);
  });

  it("stays below what the host refuses, most of the time, without giving much away", () => {
    const host = new SimulatedHost(10_000, 40);
    const limit = new AdaptiveLimit({ max: 512, clock: host.clock });
    host.drive(limit, 60_000, { refuseAbove: 20 });
    const seen: number[] = [];
    host.drive(limit, 60_000, { refuseAbove: 20, each: () => seen.push(limit.limit) });
    expect(seen.filter((n) => n <= 20).length / seen.length).toBeGreaterThan(0.6);
    expect(seen.reduce((a, b) => a + b, 0) / seen.length).toBeGreaterThan(12);
  });

  it("does not grow while it is not used", () => {
    const host = new SimulatedHost(10_000, 40);
    const limit = new AdaptiveLimit({ max: 64, initial: 8, clock: host.clock });
    host.drive(limit, 60_000, { demand: 4 });
    expect(limit.limit).toBe(8);
  });

  it("stays an integer between min and max whatever is reported", () => {
    const report = fc.record({
      passMs: fc.double({ min: 0, max: 60_000, noNaN: true }),
      latencyMs: fc.oneof(fc.double({ min: 0, max: 1e6 }), fc.constantFrom(Number.NaN, -1, Infinity)),
      inFlight: fc.nat(100),
      overload: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.nat(50),
        fc.array(report, { maxLength: 300 }),
        (min, range, reports) => {
          const host = new SimulatedHost(1, 1);
          const limit = new AdaptiveLimit({ min, max: min + range, clock: host.clock });
          for (const { passMs, latencyMs, inFlight, overload } of reports) {
            host.nowMs += passMs;
            if (overload) limit.onOverload();
            else limit.onSuccess(latencyMs, inFlight);
            expect(Number.isInteger(limit.limit) && limit.limit >= min && limit.limit <= min + range).toBe(true);
          }
        },
      ),
    );
  });

  it("refuses bounds that are none", () => {
    expect(() => new AdaptiveLimit({ max: 0 })).toThrow(/expected `max`/);
    expect(() => new AdaptiveLimit({ min: 4, max: 2 })).toThrow(/expected `max` to be an integer from 4 up/);
    expect(() => new AdaptiveLimit({ max: 4, initial: 5 })).toThrow(
      /expected `initial` to be at most max \(4\), got 5/,
    );
    expect(() => fixedLimit(0)).toThrow(/expected `limit`/);
    expect(fixedLimit(3).limit).toBe(3);
  });
});

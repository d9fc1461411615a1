import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeClock } from "../../test/support/fake_clock.ts";
import { FetchPump } from "./fetch_pump.ts";
import { HostState } from "./host_state.ts";
import { httpError } from "./http_errors.ts";
import type { Priority } from "./live_first.ts";
import { withRetry } from "./retry_loop.ts";

const url = "http://h/";
const priority = fc.constantFrom<Priority>("live", "batch");
const scenario = fc.record({
  concurrency: fc.integer({ min: 1, max: 6 }),
  rate: fc.constantFrom(undefined, 20, 200),
  pumps: fc.array(
    fc.record({ priority, items: fc.integer({ min: 0, max: 25 }), settleMs: fc.constantFrom(0, 0, 300) }),
    { maxLength: 4 },
  ),
  singles: fc.array(
    fc.record({ priority, atMs: fc.nat({ max: 8000 }), abortAfterMs: fc.option(fc.nat({ max: 400 })) }),
    { maxLength: 25 },
  ),
  latencies: fc.array(fc.constantFrom(1, 20, 90, 700), { minLength: 1, maxLength: 13 }),
  faults: fc.array(fc.constantFrom("ok", "ok", "ok", "ok", "500", "429"), { minLength: 1, maxLength: 17 }),
});

test("whoever shares a host, in whatever order and with whatever faults: all come to an end, within the limit", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ concurrency, rate, pumps, singles, latencies, faults }) => {
      const clock = new FakeClock();
      const breaker = { minAttempts: 10_000, windowSize: 10_000 };
      const host = new HostState("h", { concurrency, ratePerSecond: rate, breaker }, clock);
      let [count, inFlight, maxInFlight, open] = [0, 0, 0, 0];
      const pass = (ms: number): Promise<void> => new Promise((resolve) => clock.setTimer(resolve, ms));
      const attempt = async (): Promise<void> => {
        const index = count++;
        maxInFlight = Math.max(maxInFlight, ++inFlight);
        await pass(latencies[index % latencies.length] ?? 1);
        inFlight -= 1;
        const fault = faults[index % faults.length];
        if (fault === "500") throw httpError("http.status", "500", { url, status: 500 });
        if (fault === "429") throw httpError("http.throttled", "429", { url, status: 429, retryAfterMs: 150 });
      };
      let settled = 0;
      const track = (work: Promise<unknown>): void => {
        open += 1;
        void work.catch(() => undefined).finally(() => (open -= 1));
      };
      for (const { items, settleMs, ...more } of pumps) {
        const settle = (): void | Promise<void> => {
          settled += 1;
          if (settleMs > 0) return pass(settleMs);
        };
        const batches = (async function* () {
          yield Array.from({ length: items }, (_, index) => index);
        })();
        const { signal } = new AbortController();
        track(new FetchPump({ batches, hosts: [host], attempt, settle, signal, clock, ...more }).run());
      }
      for (const { atMs, abortAfterMs, ...more } of singles) {
        clock.setTimer(() => {
          const abort = new AbortController();
          if (abortAfterMs !== null) clock.setTimer(() => abort.abort(), abortAfterMs);
          track(withRetry(host, attempt, { clock, signal: abort.signal, ...more }));
        }, atMs);
      }
      await clock.advance(8001);
      for (let passedMs = 0; open > 0 && passedMs < 7_200_000; passedMs += 10_000) await clock.advance(10_000);
      // Attempts of requests that were broken off go on here: nobody tells them.
      await clock.advance(1000);
      expect(open).toBe(0);
      expect(settled).toBe(pumps.reduce((sum, { items }) => sum + items, 0));
      expect(host.status).toMatchObject({ inFlight: 0, inFlightLive: 0, inFlightBatch: 0 });
      // Those that hang give their place up after half a second, up to the limit of the policy.
      expect(maxInFlight).toBeLessThanOrEqual(concurrency);
      expect(clock.pendingTimers).toBe(0);
      // Nobody is left in the line: five seconds later batch has everything.
      await clock.advance(6000);
      expect(host.delayMs("batch")).toBe(0);
    }),
    { numRuns: 150 },
  );
}, 60_000);

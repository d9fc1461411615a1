import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CancelledError, type TilthError } from "../core/index.ts";
import { FakeClock, flush } from "../../test/support/fake_clock.ts";
import { HostState } from "./host_state.ts";
import { httpError } from "./http_errors.ts";
import { MAX_RETRY_AFTER_MS, parseRetryAfter } from "./retry_after.ts";
import { RetryBudget } from "./retry_budget.ts";
import { withRetry } from "./retry_loop.ts";
import { backoffMs, DEFAULT_RETRY } from "./retry_policy.ts";

const failure = (status: number, retryAfterMs?: number): TilthError =>
  httpError(status === 429 ? "http.throttled" : "http.status", "no", { url: "http://h/", status, retryAfterMs });

describe("parseRetryAfter", () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0);
  test.each<[string | undefined, number | null]>([
    ["0", 0],
    ["7", 7000],
    [" 7 ", 7000],
    ["0.5", 500],
    ["99999999999999999999", MAX_RETRY_AFTER_MS],
    ["Thu, 01 Jan 2026 12:00:30 GMT", 30_000],
    ["Thursday, 01-Jan-26 12:00:30 GMT", 30_000],
    ["Thu Jan  1 12:00:30 2026", 30_000],
    ["Thu, 01 Jan 2026 11:00:00 GMT", 0],
    ["Fri, 01 Jan 2027 12:00:00 GMT", MAX_RETRY_AFTER_MS],
    [undefined, null],
    ["", null],
    ["soon", null],
    ["-5", null],
    ["5 minutes", null],
    ["junk 12", null],
    ["1e3", null],
    ["0x10", null],
    ["Infinity", null],
  ])("of '%s' is %s ms", (value, expected) => expect(parseRetryAfter(value, now)).toBe(expected));

  test("of any text is null or a wait within the cap", () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const waitMs = parseRetryAfter(value, now) ?? 0;
        expect(waitMs >= 0 && waitMs <= MAX_RETRY_AFTER_MS).toBe(true);
      }),
    );
  });
});

describe("backoffMs", () => {
  const attempt = fc.integer({ min: 1, max: 2000 });
  const random = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

  test("is within 0 and its doubling bound (full jitter)", () => {
    fc.assert(
      fc.property(attempt, random, (n, r) => {
        const waitMs = backoffMs(DEFAULT_RETRY, n, failure(500), r);
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(Math.min(30_000, 250 * 2 ** Math.min(n - 1, 20)));
      }),
    );
  });

  test("is at least half of its bound where the server throttles (equal jitter)", () => {
    fc.assert(
      fc.property(attempt, random, (n, r) => {
        const bound = Math.min(30_000, 250 * 2 ** Math.min(n - 1, 20));
        const waitMs = backoffMs(DEFAULT_RETRY, n, failure(429), r);
        expect(waitMs >= bound / 2 && waitMs <= bound).toBe(true);
      }),
    );
  });

  test("is never before Retry-After", () => {
    fc.assert(
      fc.property(attempt, random, fc.nat(MAX_RETRY_AFTER_MS), (n, r, asked) => {
        expect(backoffMs(DEFAULT_RETRY, n, failure(503, asked), r)).toBeGreaterThanOrEqual(asked);
      }),
    );
  });
});

test("a retry budget never grants more than its floor and share", () => {
  const step = fc.constantFrom("first", "retry");
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 300 }),
      fc.nat(5),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (steps, floor, ratio) => {
        const budget = new RetryBudget({ floor, ratio });
        let firsts = 0;
        for (const kind of steps) {
          if (kind === "first") {
            firsts += 1;
            budget.countFirst();
          } else {
            const before = budget.retries;
            const allowed = before + 1 <= Math.floor(floor + ratio * firsts);
            expect(budget.tryTake()).toBe(allowed);
            expect(budget.retries).toBe(before + (allowed ? 1 : 0));
          }
        }
      },
    ),
  );
});

describe("withRetry", () => {
  const settings = (clock: FakeClock) => ({ clock, random: () => 0.5 });

  test("waits 125, 250, 500 ms ... and gives the last error after five retries", async () => {
    const clock = new FakeClock();
    const times: number[] = [];
    const run = withRetry(
      null,
      async () => {
        times.push(clock.monotonicMs());
        throw failure(500 + times.length);
      },
      { ...settings(clock), policy: { ...DEFAULT_RETRY } },
    ).catch((error: unknown) => error);
    await clock.advance(10_000);
    // 501 is for good.
    expect(times).toEqual([0]);
    expect(await run).toMatchObject({ fields: { status: 501 } });

    times.length = 0;
    const again = withRetry(
      null,
      async () => {
        times.push(clock.monotonicMs() - 10_000);
        throw failure(500);
      },
      settings(clock),
    ).catch((error: unknown) => error);
    await clock.advance(10_000);
    expect(times).toEqual([0, 125, 375, 875, 1875, 3875]);
    expect(await again).toMatchObject({ fields: { status: 500 } });
    expect(clock.pendingTimers).toBe(0);
  });

  test("waits for the host's pause, which another attempt was told", async () => {
    const clock = new FakeClock();
    const host = new HostState("h", {}, clock);
    host.finish(host.begin("first"), failure(429, 4000));
    let askedAtMs = -1;
    const run = withRetry(host, async () => (askedAtMs = clock.monotonicMs()), settings(clock));
    await clock.advance(3999);
    expect(askedAtMs).toBe(-1);
    await clock.advance(2);
    await run;
    expect(askedAtMs).toBe(4000);
  });

  test("ends a wait at once when aborted", async () => {
    const clock = new FakeClock();
    const abort = new AbortController();
    const run = withRetry(null, () => Promise.reject(failure(500)), { ...settings(clock), signal: abort.signal });
    const failed = run.catch((error: unknown) => error);
    await flush();
    abort.abort();
    expect(await failed).toBeInstanceOf(CancelledError);
    expect(clock.pendingTimers).toBe(0);
  });

  test("stops when the budget of the host is used up", async () => {
    const clock = new FakeClock();
    const host = new HostState("h", { breaker: { minAttempts: 1000, windowSize: 1000 } }, clock);
    while (host.budget.tryTake());
    const run = withRetry(host, () => Promise.reject(failure(500)), settings(clock));
    await expect(run).rejects.toMatchObject({ code: "http.retryBudget" });
  });
});

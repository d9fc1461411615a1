import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CancelledError, TilthError } from "../core/index.ts";
import { httpError, isRetryable, isThrottle } from "./http_errors.ts";
import { MAX_RETRY_AFTER_MS, parseRetryAfter } from "./retry_after.ts";
import { RetryBudget } from "./retry_budget.ts";
import { backoffMs, DEFAULT_RETRY } from "./retry_policy.ts";

const url = "http://h/";
const failed = httpError("http.status", "500", { url, status: 500 });
const throttled = httpError("http.throttled", "429", { url, status: 429 });

describe("a wait before the next attempt", () => {
  const attempt = fc.integer({ min: 1, max: 5000 });
  const random = fc.double({ min: 0, max: 1, noNaN: true });
  const boundOf = (count: number): number => Math.min(DEFAULT_RETRY.maxMs, DEFAULT_RETRY.baseMs * 2 ** (count - 1));

  test("lies between nothing and the bound of its attempt (full jitter)", () => {
    fc.assert(
      fc.property(attempt, random, (count, r) => {
        const waitMs = backoffMs(DEFAULT_RETRY, count, failed, r);
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(boundOf(count));
      }),
    );
    expect(backoffMs(DEFAULT_RETRY, 1, failed, 1)).toBe(DEFAULT_RETRY.baseMs);
    expect(backoffMs(DEFAULT_RETRY, 99, failed, 1)).toBe(DEFAULT_RETRY.maxMs);
  });

  test("lies in the upper half of it where the server throttles (equal jitter)", () => {
    fc.assert(
      fc.property(attempt, random, (count, r) => {
        const waitMs = backoffMs(DEFAULT_RETRY, count, throttled, r);
        expect(waitMs).toBeGreaterThanOrEqual(boundOf(count) / 2);
        expect(waitMs).toBeLessThanOrEqual(boundOf(count));
      }),
    );
  });

  test("is never shorter than what the server asked for, and not all end together", () => {
    const asked = httpError("http.throttled", "429", { url, status: 429, retryAfterMs: 5000 });
    fc.assert(
      fc.property(attempt, random, (count, r) => {
        expect(backoffMs(DEFAULT_RETRY, count, asked, r)).toBeGreaterThanOrEqual(5000);
      }),
    );
    expect(backoffMs(DEFAULT_RETRY, 3, asked, 0)).not.toBe(backoffMs(DEFAULT_RETRY, 3, asked, 1));
  });
});

describe("Retry-After", () => {
  const now = Date.UTC(2026, 10, 24, 3, 0, 0);

  test.each<[string | undefined, number | null]>([
    [undefined, null],
    ["", null],
    ["  ", null],
    ["0", 0],
    ["7", 7000],
    [" 7 ", 7000],
    ["1.5", 1500],
    ["999999999999999999999999", MAX_RETRY_AFTER_MS],
    ["Tue, 24 Nov 2026 03:00:30 GMT", 30_000],
    ["Tue, 24 Nov 2026 02:00:00 GMT", 0],
    ["Tue, 24 Nov 2099 03:00:00 GMT", MAX_RETRY_AFTER_MS],
    ["soon", null],
    ["NaN", null],
    ["Infinity", null],
  ])("%j means %j ms", (value, expected) => {
    expect(parseRetryAfter(value, now)).toBe(expected);
  });

  test("of any text is null or a wait within the cap", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.integer().map(String), fc.date({ noInvalidDate: true }).map(String)),
        (text) => {
          const waitMs = parseRetryAfter(text, now);
          if (waitMs === null) return;
          expect(waitMs).toBeGreaterThanOrEqual(0);
          expect(waitMs).toBeLessThanOrEqual(MAX_RETRY_AFTER_MS);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test("a retry budget never grants more than its floor and its share of first attempts", () => {
  const calls = fc.array(fc.boolean(), { maxLength: 400 });
  fc.assert(
    fc.property(calls, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(20), (steps, ratio, floor) => {
      const budget = new RetryBudget({ ratio, floor });
      let first = 0;
      let granted = 0;
      for (const isFirst of steps) {
        if (isFirst) {
          budget.countFirst();
          first += 1;
        } else {
          const allowed = granted + 1 <= Math.floor(floor + ratio * first);
          expect(budget.tryTake()).toBe(allowed);
          if (allowed) granted += 1;
        }
        expect(budget.retries).toBe(granted);
      }
    }),
  );
});

describe("what can succeed again", () => {
  test.each([
    [408, true],
    [429, true],
    [500, true],
    [502, true],
    [503, true],
    [504, true],
    [400, false],
    [401, false],
    [403, false],
    [416, false],
    [501, false],
    [505, false],
  ])("status %i: %s", (status, expected) => {
    const code = status === 429 ? "http.throttled" : "http.status";
    expect(isRetryable(httpError(code, "", { url, status }))).toBe(expected);
  });

  test("a connection that broke can, a refused certificate or a policy cannot", () => {
    expect(isRetryable(httpError("http.reset", "", { url }))).toBe(true);
    expect(isRetryable(httpError("http.connect", "", { url, fields: { retryable: false } }))).toBe(false);
    expect(isRetryable(new TilthError("source.policy", ""))).toBe(false);
    expect(isRetryable(new CancelledError())).toBe(false);
    expect(isRetryable(new Error("a bug"))).toBe(false);
  });

  test("429 throttles, and 503 only with a Retry-After", () => {
    expect(isThrottle(throttled)).toBe(true);
    expect(isThrottle(httpError("http.status", "", { url, status: 503 }))).toBe(false);
    expect(isThrottle(httpError("http.status", "", { url, status: 503, retryAfterMs: 1 }))).toBe(true);
    expect(isThrottle(httpError("http.status", "", { url, status: 500, retryAfterMs: 1 }))).toBe(false);
  });
});

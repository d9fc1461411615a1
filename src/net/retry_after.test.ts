import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_RETRY_AFTER_MS, parseRetryAfter } from "./retry_after.ts";

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

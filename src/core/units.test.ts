import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatBytes, formatDuration, parseDurationMs, parseRatePerSecond, parseSizeBytes } from "./units.ts";

const invalid = expect.objectContaining({ code: "argument.invalid" }) as Error;
const HUGE = "9".repeat(400);

describe("durations", () => {
  test.each([
    ["500ms", 500],
    ["30s", 30_000],
    ["5m", 300_000],
    ["5min", 300_000],
    ["12h", 43_200_000],
    ["90d", 7_776_000_000],
    ["2w", 1_209_600_000],
    ["1.5h", 5_400_000],
    [" 10 s ", 10_000],
    ["0s", 0],
  ])("%s is %i ms", (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  test.each([
    "",
    "30",
    "s",
    "-1s",
    "1e3s",
    "1.s",
    ".5s",
    "30 S",
    "30sec",
    "1h30m",
    "NaNs",
    "Infinitys",
    `${HUGE}d`,
    "1,5h",
  ])("'%s' is refused", (text) => {
    expect(() => parseDurationMs(text)).toThrowError(invalid);
  });

  test.each([
    [0, "0.0 s"],
    [4200, "4.2 s"],
    [59_000, "59 s"],
    [125_000, "2 min 5 s"],
    [11_520_000, "3 h 12 min"],
    [187_200_000, "2 d 4 h"],
    [Infinity, "unknown"],
    [Number.NaN, "unknown"],
  ])("%d ms reads %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test("never read 60 of a smaller unit", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e10, noNaN: true }), (ms) => {
        expect(formatDuration(ms)).not.toMatch(/\b60 (s|min)\b|\b24 h\b/);
      }),
    );
  });
});

describe("sizes", () => {
  test.each([
    ["1000", 1000],
    ["500MB", 5e8],
    ["2GiB", 2 * 1024 ** 3],
    ["1.5 kb", 1500],
    ["1KiB", 1024],
    ["0", 0],
  ])("%s is %i bytes", (text, bytes) => {
    expect(parseSizeBytes(text)).toBe(bytes);
  });

  test.each(["", "MB", "-1MB", "5XB", "1e6", "constructor", "1__proto__", HUGE])("'%s' is refused", (text) => {
    expect(() => parseSizeBytes(text)).toThrowError(invalid);
  });

  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1234567, "1.2 MB"],
    [999_999, "1.0 MB"],
    [5e15, "5.0 PB"],
    [5e18, "5000.0 PB"],
  ])("%d bytes read %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe("rates", () => {
  test.each([
    ["20/s", 20],
    ["20", 20],
    ["600/min", 10],
    ["600 / m", 10],
    ["0.5/s", 0.5],
    ["3600/h", 1],
  ])("%s is %d a second", (text, rate) => {
    expect(parseRatePerSecond(text)).toBeCloseTo(rate, 12);
  });

  test.each(["", "0", "0/s", "-1/s", "20/d", "20/", "/s", "fast", `${HUGE}/s`])("'%s' is refused", (text) => {
    expect(() => parseRatePerSecond(text)).toThrowError(invalid);
  });
});

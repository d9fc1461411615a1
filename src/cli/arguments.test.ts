import { describe, expect, test } from "vitest";
import { CancelledError, ERROR_CODES, TilthError, type ErrorCode } from "../core/index.ts";
import { collectPairs, parseBbox, requireInteger } from "./arguments.ts";
import { exitCodeOf } from "./exit_codes.ts";

describe("parseBbox", () => {
  test.each([
    ["1,2,3,4", [1, 2, 3, 4]],
    [" -180, -85.5 ,180,85.5 ", [-180, -85.5, 180, 85.5]],
    ["170,-10,-170,10", [170, -10, -170, 10]],
  ])("'%s' is %j", (text, numbers) => {
    expect(parseBbox(text)).toEqual(numbers);
  });

  test.each([
    "",
    "1,2,3",
    "1,2,3,4,5",
    "1,2,3,",
    "a,b,c,d",
    "1;2;3;4",
    "1,2,3,NaN",
    "1,2,3,Infinity",
    "1 2 3 4",
    "1,,3,4",
  ])("'%s' is refused", (text) => {
    expect(() => parseBbox(text)).toThrowError(expect.objectContaining({ code: "bbox.invalid" }));
  });
});

describe("collectPairs", () => {
  test("gathers, takes a colon as in headers and keeps what follows the first sign", () => {
    const pairs = ["a=1", "Referer: https://x/?a=b", "b=c:d=e", "empty="].reduce(
      (before, text) => collectPairs(text, before),
      {},
    );
    expect(pairs).toEqual({ a: "1", Referer: "https://x/?a=b", b: "c:d=e", empty: "" });
  });

  test("takes the last of two, leaves what was given as it is, and knows no prototype", () => {
    const before = Object.freeze({ a: "1" });
    expect(collectPairs("a=2", before)).toEqual({ a: "2" });
    const odd = collectPairs("__proto__=x", {});
    expect(Object.getPrototypeOf(odd)).toBe(Object.prototype);
    expect(Object.entries(odd)).toEqual([["__proto__", "x"]]);
  });

  test.each(["", "a", "=b", ":b", "a b=c"])("'%s' is refused", (text) => {
    expect(() => collectPairs(text, {})).toThrowError(expect.objectContaining({ code: "argument.invalid" }));
  });
});

describe("requireInteger", () => {
  test("takes whole numbers within its bounds and nothing else", () => {
    expect([1, 5, 9].map((value) => requireInteger(value, "--n", 1, 9))).toEqual([1, 5, 9]);
    for (const value of [0, 10, 1.5, Number.NaN, Infinity])
      expect(() => requireInteger(value, "--n", 1, 9)).toThrowError(/--n .* within 1-9/);
  });
});

describe("exit codes", () => {
  test("are 130 for a cancel, 2 for a mistake in what was asked, 1 for the rest", () => {
    const usage = Object.keys(ERROR_CODES).filter((code) => exitCodeOf(new TilthError(code as ErrorCode, "x")) === 2);
    expect(usage.toSorted()).toEqual(
      [
        "argument.invalid",
        "bbox.invalid",
        "config.invalid",
        "coverage.invalid",
        "crs.unknown",
        "crs.invalid",
        "crs.unsupported",
        "grid.level",
        "grid.invalid",
        "grid.variableWidths",
        "osm.areaTooLarge",
        "grid.unknown",
        "postgres.url",
        "source.invalid",
        "source.policy",
      ].toSorted(),
    );
    expect(exitCodeOf(new CancelledError())).toBe(130);
    expect(exitCodeOf(new DOMException("x", "AbortError"))).toBe(130);
    for (const error of [new TilthError("store.full", "x"), new Error("x"), "x", undefined])
      expect(exitCodeOf(error)).toBe(1);
  });
});

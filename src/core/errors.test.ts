import { describe, expect, test } from "vitest";
import { ERROR_CODES } from "./error_codes.ts";
import {
  CancelledError,
  errorFromJson,
  isCancelled,
  isTilthError,
  messageOf,
  TilthError,
  TimeoutError,
} from "./errors.ts";

const overTheBorder = (error: TilthError): TilthError =>
  errorFromJson(structuredClone(JSON.parse(JSON.stringify(error)) as Parameters<typeof errorFromJson>[0]));

describe("a TilthError", () => {
  test.each(Object.keys(ERROR_CODES) as (keyof typeof ERROR_CODES)[])(
    "with the code %s keeps code, message, fields and cause over a thread border",
    (code) => {
      const error = new TilthError(code, "what happened", {
        fields: { url: "u", status: 500 },
        cause: new Error("why"),
      });
      const back = overTheBorder(error);
      expect(isTilthError(back, code)).toBe(true);
      expect(back).toMatchObject({ code, message: "what happened", fields: { url: "u", status: 500 }, cause: "why" });
      expect(back.toJSON()).toEqual(error.toJSON());
    },
  );

  test("keeps the classes that callers decide by", () => {
    expect(overTheBorder(new CancelledError())).toBeInstanceOf(CancelledError);
    expect(isCancelled(overTheBorder(new CancelledError()))).toBe(true);
    expect(overTheBorder(new TimeoutError("late"))).toBeInstanceOf(TimeoutError);
    expect(new TimeoutError("late", { code: "http.timeout" }).code).toBe("http.timeout");
  });

  test("of a code that nobody knows, or without anything, is 'internal'", () => {
    for (const code of ["toString", "__proto__", "no.such", undefined])
      expect(errorFromJson({ code })).toMatchObject({ code: "internal", message: "unknown error", fields: {} });
  });

  test("has no cause in its plain form when there is none", () => {
    expect(new TilthError("internal", "x").toJSON()).toEqual({ code: "internal", message: "x", fields: {} });
    expect(new TilthError("internal", "x").cause).toBeUndefined();
  });
});

describe("the guards", () => {
  test("know our errors, also from another copy of the package, and nothing else", () => {
    const foreign = Object.assign(new Error("x"), { isTilthError: true, code: "store.full" });
    expect(isTilthError(foreign)).toBe(true);
    expect(isTilthError(foreign, "store.io")).toBe(false);
    for (const value of [null, undefined, "store.full", 7, {}, new Error("x"), { code: "store.full" }])
      expect(isTilthError(value)).toBe(false);
  });

  test("take the platform's AbortError as a cancel, and a timeout not", () => {
    expect(isCancelled(new DOMException("x", "AbortError"))).toBe(true);
    expect(isCancelled(new DOMException("x", "TimeoutError"))).toBe(false);
    expect(isCancelled(new TimeoutError("x"))).toBe(false);
  });

  test("messageOf has a text for whatever was thrown", () => {
    expect([new Error("a"), "b", 7, null, undefined, Symbol("s")].map(messageOf)).toEqual([
      "a",
      "b",
      "7",
      "null",
      "undefined",
      "Symbol(s)",
    ]);
    expect(messageOf(Object.create(null))).toBe("unknown error");
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseLengthM, parseLevels } from "./building_values.ts";

describe("a length", () => {
  test.each([
    ["12", 12],
    [" 12.5 ", 12.5],
    ["12,5 m", 12.5],
    ["12m", 12],
    ["12 M", 12],
    ["3 metres", 3],
    ["150 cm", 1.5],
    ["0.1 km", 100],
    ["40 ft", 12.192],
    ["40'", 12.192],
    ["40'6\"", 12.3444],
    ["40' 6''", 12.3444],
    ["5.5'", 1.6764],
    ["0", 0],
    ["828", 828],
  ])("'%s' is %d m", (text, metres) => expect(parseLengthM(text)).toBeCloseTo(metres, 9));

  test.each([
    "",
    "high",
    "-3",
    "12-15",
    "~10",
    "12;14",
    "1e3",
    "12 yd",
    "3000",
    "2.5 km",
    '6"',
    "'",
    "12.",
    ".5",
    "١٢",
    "12 m m",
  ])("'%s' is none", (text) => expect(parseLengthM(text)).toBeNaN());

  test("of any text is a plausible number or none, at once", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d.,'" mft-]*$/)), (text) => {
        for (const value of [parseLengthM(text), parseLevels(text)])
          expect(Number.isNaN(value) || (value >= -400 && value <= 2000)).toBe(true);
      }),
    );
    expect(parseLengthM(`${"1".repeat(200_000)}x`)).toBeNaN();
  });
});

describe("levels", () => {
  test.each([
    ["3", 3],
    [" 2.5 ", 2.5],
    ["2,5", 2.5],
    ["-1", -1],
    ["0", 0],
  ])("'%s' are %d", (text, levels) => expect(parseLevels(text)).toBe(levels));

  test.each(["", "3-4", "3;4", "many", "1000", "3 m"])("'%s' are none", (text) => expect(parseLevels(text)).toBeNaN());
});

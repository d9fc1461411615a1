import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatZooms, parseZooms } from "./zooms.ts";

describe("zooms", () => {
  test("come back from their text, however they are mixed", () => {
    const zooms = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 1 });
    fc.assert(
      fc.property(zooms, (mixed) => {
        const ascending = mixed.toSorted((a, b) => a - b);
        expect(parseZooms(formatZooms(ascending))).toEqual(ascending);
        expect(parseZooms(mixed.join(" , "))).toEqual(ascending);
      }),
    );
  });

  test.each([
    ["4", [4]],
    ["0-3", [0, 1, 2, 3]],
    ["7-9,0,3,8-10", [0, 3, 7, 8, 9, 10]],
    [" 2 - 3 ", [2, 3]],
    ["5,5,5-5", [5]],
  ])("'%s' is %j", (text, zooms) => {
    expect(parseZooms(text)).toEqual(zooms);
  });

  test.each([
    [[0, 1, 2, 3, 4], "0-4"],
    [[3, 5, 6, 7], "3,5-7"],
    [[9], "9"],
    [[1, 2], "1-2"],
  ])("%j is written %s", (zooms, text) => {
    expect(formatZooms(zooms)).toBe(text);
  });

  test.each(["", ",", "4,", "a", "-1", "3-1", "31", "0-31", "1.5", "1e1", "0-", "-", "100", "0--3", "٣"])(
    "'%s' is refused",
    (text) => {
      expect(() => parseZooms(text)).toThrowError(expect.objectContaining({ code: "argument.invalid" }));
    },
  );
});

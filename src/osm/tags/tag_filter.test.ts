import { describe, expect, test } from "vitest";
import { isSignificant, parseTagFilters } from "./tag_filter.ts";

describe("filters", () => {
  test("are keys, with values or without", () => {
    expect(parseTagFilters("building, highway ,natural=water|wetland,landuse=*")).toEqual([
      { key: "building", values: null },
      { key: "highway", values: null },
      { key: "natural", values: ["water", "wetland"] },
      { key: "landuse", values: null },
    ]);
  });

  test("of a key that is named twice have the values of both, or any", () => {
    expect(parseTagFilters("natural=water,natural=wood")).toEqual([{ key: "natural", values: ["water", "wood"] }]);
    expect(parseTagFilters("natural=water,natural")).toEqual([{ key: "natural", values: null }]);
    expect(parseTagFilters("natural,natural=water")).toEqual([{ key: "natural", values: null }]);
  });

  test("may have any characters in keys and values", () => {
    expect(parseTagFilters('name:日本=東京 "x"')).toEqual([{ key: "name:日本", values: ['東京 "x"'] }]);
  });

  test("may have the sign in values", () => {
    const values = ["http://x?a=b", "c==d"];
    expect(parseTagFilters("website=http://x?a=b|c==d")).toEqual([{ key: "website", values }]);
  });

  test.each(["", ",", "building,", "=yes", "building=", "natural=water|", "x".repeat(256)])(
    "'%s' are refused with an example",
    (text) => expect(() => parseTagFilters(text)).toThrow("building,highway,natural=water|wetland"),
  );

  test("are 200 at the most", () => {
    const keys = (count: number): string => Array.from({ length: count }, (_, i) => `k${i}`).join(",");
    expect(parseTagFilters(keys(200))).toHaveLength(200);
    expect(() => parseTagFilters(keys(201))).toThrow("201 keys");
  });

  test("leave out what says nothing of a thing", () => {
    expect(["source", "created_by", "note", "FIXME"].map(isSignificant)).toEqual([false, false, false, false]);
    expect(["building", "name", "addr:street"].map(isSignificant)).toEqual([true, true, true]);
  });
});

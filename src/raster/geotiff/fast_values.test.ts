import { describe, expect, it } from "vitest";
import { viewPixels, type PixelType } from "../pixel_type.ts";
import { putValues, type ValueRule } from "../value_rows.ts";
import { openBlockMemory } from "./block_memory.ts";
import { findFastValues } from "./fast_values.ts";

const PIXELS: readonly [type: PixelType, values: readonly number[], marked: number][] = [
  ["float32", [0, -9999, 1.5, Number.NaN, Infinity, -9999, -0.25, 3e38, -9999], -9999],
  ["float32", [0, -9999, Math.fround(0.1), 7, 8], Math.fround(0.1)],
  ["float32", [0, -9999, 1], Number.NaN],
  ["int16", [-32768, 0, 32767, -1, 5, -32768, 12], -32768],
  ["uint16", [0, 65535, 40000, 1, 65535, 2], 65535],
  ["uint8", [0, 255, 7, 0, 200, 3, 9, 0, 1], 0],
];
const PLAIN = { scale: 1, offset: 0 };

describe("findFastValues", () => {
  it.each(PIXELS)("makes of %s %j what putValues makes", (type, values, marked) => {
    const rule: ValueRule = { ...PLAIN, marked };
    const pixels = viewPixels(type, openBlockMemory(65_536).buffer, 32, values.length);
    pixels.set(values);
    const expected = new Float32Array(values.length);
    putValues(pixels.slice(), rule, expected, 0);
    const found = findFastValues(pixels, rule);
    expect(found).toEqual(expected);
    expect(Array.from(found ?? []).some(Number.isNaN)).toBe(
      values.some((value) => value === marked || value !== value),
    );
  });

  it("finds room behind pixels that fill the memory", () => {
    const { buffer } = openBlockMemory(65_536);
    const count = buffer.byteLength / 2;
    new Int16Array(buffer).fill(7).set([-1], count - 1);
    const found = findFastValues(new Int16Array(buffer), { ...PLAIN, marked: -1 });
    expect([found?.length, found?.[0], found?.[count - 2], found?.[count - 1]]).toEqual([count, 7, 7, Number.NaN]);
  });

  it("leaves what lies elsewhere, is scaled or of another type", () => {
    const { buffer } = openBlockMemory(65_536);
    const pixels = new Int16Array(buffer, 0, 8);
    expect(findFastValues(pixels.slice(), { ...PLAIN, marked: 0 })).toBeNull();
    expect(findFastValues(pixels, { scale: 2, offset: 0, marked: 0 })).toBeNull();
    expect(findFastValues(new Int32Array(buffer, 0, 4), { ...PLAIN, marked: 0 })).toBeNull();
  });
});

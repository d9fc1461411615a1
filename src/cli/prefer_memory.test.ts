import { expect, test } from "vitest";
import { LONG_WARP_TILES, preferMemory } from "./prefer_memory.ts";

test.each([
  [LONG_WARP_TILES - 1, []],
  [LONG_WARP_TILES, ["--optimize-for-size"]],
])("for %i tiles the engine is told %j", (tiles, expected) => {
  const flags: string[] = [];
  preferMemory(tiles, (flag) => flags.push(flag));
  expect(flags).toEqual(expected);
});

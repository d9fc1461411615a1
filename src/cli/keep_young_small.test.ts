import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { keepYoungSmall } from "./keep_young_small.ts";

/** Bytes of the young generation after megabytes of objects have survived in it. */
function youngBytes(flags: readonly string[]): number {
  const code = `
    const { setFlagsFromString, getHeapSpaceStatistics } = require("node:v8");
    for (const flag of ${JSON.stringify(flags)}) setFlagsFromString(flag);
    const kept = [];
    for (let i = 0; i < 2_000_000; i++) kept[i % 100_000] = { i };
    console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space").space_size);`;
  return Number(spawnSync(process.execPath, ["-e", code], { encoding: "utf8" }).stdout);
}

it("tells the engine a flag that it knows, and that keeps the young generation from growing", () => {
  const flags: string[] = [];
  keepYoungSmall((flag) => flags.push(flag));
  expect(youngBytes([])).toBeGreaterThan(8_000_000);
  expect(youngBytes(flags)).toBeLessThan(4_000_000);
});

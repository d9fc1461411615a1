import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { markAtOnce } from "./mark_at_once.ts";
import { preferQuickStart, startYoungLarger } from "./prefer_quick_start.ts";

/** What the engine says code must have been compiled under, as a number, after it was told flags. */
function tagAfter(flags: readonly string[]): string {
  const code = `
    const { setFlagsFromString, cachedDataVersionTag } = require("node:v8");
    for (const flag of ${JSON.stringify(flags)}) setFlagsFromString(flag);
    console.log(cachedDataVersionTag());`;
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", code], { encoding: "utf8" });
  // An unknown flag is told here.
  expect(stderr).toBe("");
  return stdout;
}

function flagsOf(tell: (setFlag: (flag: string) => void) => void): string[] {
  const flags: string[] = [];
  tell((flag) => flags.push(flag));
  return flags;
}

it("tells before threads start only what lets them take code that was compiled before", () => {
  const first = flagsOf((setFlag) => startYoungLarger("a.osm.pbf", 1, setFlag));
  expect(first).toHaveLength(1);
  expect(tagAfter(first)).toBe(tagAfter([]));
});

it("tells flags that the engine knows and that change what it does", () => {
  for (const tell of [markAtOnce, (setFlag: (flag: string) => void) => preferQuickStart("a.osm.pbf", 1, setFlag)])
    expect(tagAfter(flagsOf(tell))).not.toBe(tagAfter([]));
});

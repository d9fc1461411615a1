import { expect, test } from "vitest";
import { preferQuickStart, SHORT_IMPORT_BYTES } from "./prefer_quick_start.ts";

const FLAGS = ["--efficiency-mode", "--min-semi-space-size=2"];
const { pbf, text } = SHORT_IMPORT_BYTES;

test.each([
  ["monaco.osm.pbf", pbf, FLAGS],
  ["monaco.osm.pbf", pbf + 1, []],
  ["monaco.osm.gz", pbf + 1, []],
  ["city.json", text, FLAGS],
  ["city.json", text + 1, []],
])("for %s of %i bytes the engine is told %j", (path, sizeBytes, expected) => {
  const flags: string[] = [];
  preferQuickStart(path, sizeBytes, (flag) => flags.push(flag));
  expect(flags).toEqual(expected);
});

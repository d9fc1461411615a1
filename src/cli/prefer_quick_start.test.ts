import { expect, test } from "vitest";
import { preferQuickStart, SHORT_IMPORT_BYTES, startYoungLarger } from "./prefer_quick_start.ts";

const { pbf, text } = SHORT_IMPORT_BYTES;

test.each([
  ["monaco.osm.pbf", pbf, true],
  ["monaco.osm.pbf", pbf + 1, false],
  ["monaco.osm.gz", pbf + 1, false],
  ["city.json", text, true],
  ["city.json", text + 1, false],
])("for %s of %i bytes the engine is told to hurry: %j", (path, sizeBytes, isTold) => {
  const flags: string[] = [];
  startYoungLarger(path, sizeBytes, (flag) => flags.push(flag));
  preferQuickStart(path, sizeBytes, (flag) => flags.push(flag));
  expect(flags).toEqual(isTold ? ["--min-semi-space-size=2", "--efficiency-mode"] : []);
});

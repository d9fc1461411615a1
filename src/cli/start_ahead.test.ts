import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { beforeEach, expect, it } from "vitest";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { startAhead } from "./start_ahead.ts";

const { path } = useTempFolder();
const started: number[] = [];
const told: [from: string, sizeBytes: number][] = [];

const startFor = (...words: string[]): number => {
  started.length = told.length = 0;
  return startAhead(["node", "tilth", ...words], (count) => started.push(count), {
    beforeThreads: (from, sizeBytes) => void told.push([from, sizeBytes]),
  });
};

beforeEach(() => writeFileSync(path("a.osm.pbf"), "1234567"));

it("starts a thread for each core for an import of an extract", () => {
  const extract = path("a.osm.pbf");
  for (const words of [
    ["osm", "--from", extract, "--out", "a.gpkg"],
    ["osm", "-o", "a.gpkg", "--from", extract],
  ]) {
    expect(startFor(...words)).toBe(availableParallelism());
    expect(started).toEqual([availableParallelism()]);
    expect(told).toEqual([[extract, 7]]);
  }
});

it("starts none for what is no such import", () => {
  const extract = path("a.osm.pbf");
  for (const words of [
    [],
    ["seed", "--from", extract],
    ["osm", "--bbox", "7,43,8,44"],
    ["osm", "--from"],
    ["osm", "--from", path("none.osm.pbf")],
    ["osm", "--from", path(".")],
    ["osm", "--from", extract, "--help"],
  ]) {
    expect(startFor(...words)).toBe(0);
    expect([started, told]).toEqual([[], []]);
  }
});

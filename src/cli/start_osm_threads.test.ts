import { writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readActivity } from "../concurrency/index.ts";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { startOsmThreads } from "./start_osm_threads.ts";

const { path } = useTempFolder();

it("starts none without an extract or a file to be made", () => {
  writeFileSync(path("a.osm.pbf"), "");
  expect(startOsmThreads(undefined, path("a.gpkg"))).toBeNull();
  expect(startOsmThreads(path("a.osm.pbf"), undefined)).toBeNull();
  for (const name of ["none.osm.pbf", "."]) expect(startOsmThreads(path(name), path("a.gpkg"))).toBeNull();
});

it("starts one for each core and one that writes, tells the engine before and when they are up, and ends them", async () => {
  writeFileSync(path("a.osm.pbf"), "");
  const before = readActivity().threads;
  const told: string[] = [];
  const teller = {
    beforeThreads: (_from: string, sizeBytes: number) => void told.push(`first ${sizeBytes}`),
    whenUp: (_from: string, sizeBytes: number) => void told.push(`then ${sizeBytes}`),
  };
  const threads = startOsmThreads(path("a.osm.pbf"), path("a.gpkg"), teller);
  const count = threads?.import.count ?? 0;
  expect(readActivity().threads).toBe(before + count + 1);
  expect(told).toEqual(["first 0"]);
  await expect.poll(() => told, { timeout: 20_000 }).toEqual(["first 0", "then 0"]);
  await threads?.[Symbol.asyncDispose]();
  expect(readActivity().threads).toBe(before);
});

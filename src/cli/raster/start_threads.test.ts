import { writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readActivity } from "../../concurrency/index.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { startThreads } from "./start_threads.ts";

const { path } = useTempFolder();

it("starts none for small files, folders, caches, addresses and what is not there", () => {
  writeFileSync(path("small.tif"), new Uint8Array(1000));
  writeFileSync(path("large.gpkg"), new Uint8Array(2 ** 21));
  const names = ["small.tif", "large.gpkg", "none.tif", "."].map((name) => path(name));
  for (const name of [...names, "https://example.com/large.tif"]) expect(startThreads(name, "blocks")).toBeNull();
});

it("starts one for each core for a large file, and ends them", async () => {
  writeFileSync(path("large.tif"), new Uint8Array(2 ** 21));
  const before = readActivity().threads;
  const threads = startThreads(path("large.tif"), "terrain");
  expect(threads?.count).toBeGreaterThan(0);
  expect(readActivity().threads).toBe(before + (threads?.count ?? 0));
  await threads?.close();
  expect(readActivity().threads).toBe(before);
});

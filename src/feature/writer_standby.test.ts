import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { readActivity } from "../concurrency/index.ts";
import { FILE_OPTIONS } from "../../test/support/feature_layers.ts";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { openFeatureWriter } from "./open_feature_writer.ts";
import { WriterStandby } from "./writer_standby.ts";

const { path } = useTempFolder();

test("a thread that is not wanted ends, and no file was touched", async () => {
  const before = readActivity().threads;
  const standby = new WriterStandby(path("a.gpkg"));
  expect(readActivity().threads).toBe(before + 1);
  await standby[Symbol.asyncDispose]();
  expect(readActivity().threads).toBe(before);
  expect(existsSync(path("a.gpkg.partial"))).toBe(false);
});

test("the writer takes the thread over; what is not for its file is left", async () => {
  await using other = new WriterStandby(path("b.gpkg"));
  await using standby = new WriterStandby(path("a.gpkg"));
  const before = readActivity().threads;
  await using writer = await openFeatureWriter(path("a.gpkg"), { ...FILE_OPTIONS, standby });
  expect(readActivity().threads).toBe(before);
  expect([standby.take(path("a.gpkg.partial")), other.take(path("a.gpkg.partial"))]).toEqual([null, null]);
  await writer.finish();
  expect(existsSync(path("a.gpkg"))).toBe(true);
});

test("a file that has come to be in the meantime is opened by a thread of its own", async () => {
  await using standby = new WriterStandby(path("a.gpkg"));
  await using first = await openFeatureWriter(path("a.gpkg"), FILE_OPTIONS);
  await first.finish();
  await using second = await openFeatureWriter(path("a.gpkg"), { ...FILE_OPTIONS, standby });
  expect(standby.take(path("a.gpkg.partial"))).not.toBeNull();
  await second.finish();
});

test("formats without such a thread have none", () => {
  const before = readActivity().threads;
  const standby = new WriterStandby(path("a.geojson"));
  expect(readActivity().threads).toBe(before);
  expect(standby.take(path("a.geojson.partial"))).toBeNull();
});

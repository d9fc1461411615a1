import { expect, test } from "vitest";
import { openSource } from "./open_source.ts";
import type { OpenSourceOptions } from "./source_options.ts";
import { useLoopback } from "../../test/support/loopback.ts";
import { pngTile } from "../../test/support/tile_bytes.ts";

const kit = useLoopback();

async function asked(path: string, options: OpenSourceOptions): Promise<string> {
  const origin = await kit.origin();
  origin.onAny({ body: pngTile() });
  const source = await openSource(origin.url(path), { client: kit.client(), ...options });
  await source.fetchTile({ z: 2, x: 3, y: 1 });
  return origin.paths()[0] ?? "";
}

test("the version of a WMS may be asked for, and wins over the URL's", async () => {
  const url = await asked("/wms?service=WMS&version=1.3.0", { layer: "l", version: "1.1.1" });
  expect(url).toMatch(/&VERSION=1\.1\.1&.*&SRS=EPSG:3857&/);
  expect(url.match(/version=/gi)).toHaveLength(1);
});

test("dimensions of a WMS other than time and elevation are sent with DIM_", async () => {
  const dimensions = { time: "2026", Elevation: "5", run: "0", DIM_level: "1" };
  const url = await asked("/wms?service=WMS", { layer: "l", dimensions });
  expect(url).toContain("&TIME=2026&ELEVATION=5&DIM_RUN=0&DIM_LEVEL=1&");
});

test("a WMTS REST template takes the prefix of its matrices", async () => {
  const path = "/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}";
  expect(await asked(path, { matrixSet: "EPSG:3857#EPSG:3857:" })).toBe("/EPSG:3857/EPSG:3857:2/1/3");
  expect(await asked(path, { matrixSet: "PM" })).toBe("/PM/2/1/3");
});

test.each<[string, OpenSourceOptions, OpenSourceOptions]>([
  ["https://h/?service=WMS&layers=l", { style: "day" }, { style: "night" }],
  ["https://h/?service=WMS&layers=l", { dimensions: { time: "2025" } }, { dimensions: { time: "2026" } }],
  ["https://h/?service=WMTS&layer=l", { style: "day" }, { style: "night" }],
  ["https://h/?service=WMTS&layer=l", { dimensions: { time: "2025" } }, { dimensions: { time: "2026" } }],
  ["https://h/?service=WMTS&layer=l", { matrixSet: "A" }, { matrixSet: "B" }],
  ["https://h/{Time}/{z}/{x}/{y}", { dimensions: { time: "2025" } }, { dimensions: { time: "2026" } }],
  ["https://h/{Style}/{z}/{x}/{y}", { style: "day" }, { style: "night" }],
])("%s with other tiles is another source: %j and %j", async (url, one, other) => {
  const [first, again, second] = [await openSource(url, one), await openSource(url, one), await openSource(url, other)];
  expect(first.info.id).toBe(again.info.id);
  expect(first.info.id).not.toBe(second.info.id);
});

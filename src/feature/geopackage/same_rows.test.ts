import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import {
  featureBatch,
  FILE_OPTIONS,
  LAYERS,
  placesFrom,
  type TestFeature,
} from "../../../test/support/feature_layers.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { encodeBatch } from "../batch_encoding.ts";
import { openFeatureWriter } from "../open_feature_writer.ts";

const temp = useTempFolder();

const features: TestFeature[] = [
  ...placesFrom(0, 3000),
  { layer: "places", coordinates: [0, 0], columns: { osm_id: 2 ** 53 - 1, height: 12 }, tags: {} },
  {
    layer: "places",
    coordinates: [1, 1],
    columns: { osm_id: -5, height: -0.25 },
    tags: { 'a "quoted"\\ key': "line\nbreak\u0001" },
  },
  {
    layer: "places",
    coordinates: [2, 2],
    columns: {},
    tags: { name: "Zürich 東京 \u{1f600}", long: "x".repeat(20_000) },
  },
];

/** In a file that was there rows are inserted by SQL, in a new one they are written as pages. */
async function rowsOf(name: string, isThere: boolean, isEncoded: boolean): Promise<unknown[]> {
  if (isThere) {
    await using before = await openFeatureWriter(temp.path(name), { ...FILE_OPTIONS, layers: LAYERS.slice(0, 1) });
    await before.write(featureBatch(placesFrom(0, 1)));
    await before.finish();
  }
  await using writer = await openFeatureWriter(temp.path(name), FILE_OPTIONS);
  expect(writer.encoding === null).toBe(isThere);
  const batch = featureBatch(features);
  await writer.write(isEncoded && writer.encoding !== null ? await encodeBatch(batch, writer.encoding) : batch);
  await writer.finish();
  using db = new DatabaseSync(temp.path(name));
  expect(db.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
  const sql = "SELECT *, r.* FROM places JOIN rtree_places_geom r ON r.id = fid ORDER BY fid";
  const sequence = db.prepare("SELECT name, seq FROM sqlite_sequence WHERE name = 'places'").all();
  return [...db.prepare(sql).all(), ...sequence];
}

it("has the same rows, whether they are inserted or written as pages, by its own thread or by the producer's", async () => {
  const inserted = await rowsOf("there.gpkg", true, false);
  expect(inserted).toHaveLength(features.length + 1);
  expect(await rowsOf("new.gpkg", false, false)).toEqual(inserted);
  expect(await rowsOf("encoded.gpkg", false, true)).toEqual(inserted);
});

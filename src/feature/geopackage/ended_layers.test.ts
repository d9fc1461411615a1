import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import {
  featureBatch,
  FILE_OPTIONS,
  LAYERS,
  placesFrom,
  type TestFeature,
} from "../../../test/support/feature_layers.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { openFeatureWriter } from "../open_feature_writer.ts";
import { OrderedWriter } from "../ordered_writer.ts";
import { openGeopackageSink } from "./open_geopackage_sink.ts";

const temp = useTempFolder();

const roads = (count: number): TestFeature[] =>
  Array.from({ length: count }, (_, i) => ({
    layer: "roads",
    coordinates: [
      [i / 100, 1],
      [i / 100, 2],
    ],
    columns: {},
    tags: {},
  }));

/** By layer: rows, rows of its index, what SQLite thinks of it. */
function look(name: string, layers: readonly string[]): unknown[] {
  using db = new DatabaseSync(temp.path(name));
  expect(db.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
  return layers.map((layer) => {
    const sql = `SELECT (SELECT count(*) FROM ${layer}) rows, count(*) boxes, rtreecheck('rtree_${layer}_geom') said FROM rtree_${layer}_geom`;
    return db.prepare(sql).get();
  });
}

describe("layers of a GeoPackage that get nothing more", () => {
  it("have whole indexes, whatever is written behind them", async () => {
    await using writer = await openFeatureWriter(temp.path("a.gpkg"), FILE_OPTIONS);
    await writer.write(featureBatch([...placesFrom(0, 5000), ...roads(3000)]));
    const ended = writer.endLayers([0, 4]);
    // Behind it, before it is done.
    await Promise.all([ended, writer.write(featureBatch(roads(2000)))]);
    await writer.finish();
    expect(look("a.gpkg", ["places", "roads"])).toEqual([
      { rows: 5000, boxes: 5000, said: "ok" },
      { rows: 5000, boxes: 5000, said: "ok" },
    ]);
  });

  it("have them of a single node, and of boxes that were forgotten", async () => {
    const path = temp.path("b.gpkg");
    await using writer = new OrderedWriter(path, await openGeopackageSink(path, FILE_OPTIONS, { maxBoxes: 100 }));
    await writer.write(featureBatch([...placesFrom(0, 200), ...roads(20)]));
    await writer.endLayers([0, 1]);
    await writer.finish();
    expect(look("b.gpkg", ["places", "roads"])).toEqual([
      { rows: 200, boxes: 200, said: "ok" },
      { rows: 20, boxes: 20, said: "ok" },
    ]);
  });

  it("refuse a feature that comes all the same, and the file is not made", async () => {
    {
      await using writer = await openFeatureWriter(temp.path("c.gpkg"), FILE_OPTIONS);
      await writer.write(featureBatch(placesFrom(0, 10)));
      await writer.endLayers([0, 4]);
      const nothing: TestFeature = { ...roads(1)[0]!, layer: "nothing" };
      await expect(writer.write(featureBatch([nothing]))).rejects.toMatchObject({
        code: "argument.invalid",
        fields: { layer: LAYERS[4]!.name },
      });
      await expect(writer.finish()).rejects.toMatchObject({ code: "argument.invalid" });
    }
    expect(() => new DatabaseSync(temp.path("c.gpkg"), { readOnly: true })).toThrow("unable to open");
  });

  it("are given up in the middle of an index", async () => {
    const path = temp.path("d.gpkg");
    const controller = new AbortController();
    {
      await using writer = await openFeatureWriter(path, FILE_OPTIONS);
      await writer.write(featureBatch(placesFrom(0, 20_000)));
      const ended = writer.endLayers([0], { signal: controller.signal });
      controller.abort();
      await expect(ended).rejects.toMatchObject({ code: "cancelled" });
      await expect(writer.finish()).rejects.toMatchObject({ code: "argument.invalid" });
    }
    expect(() => new DatabaseSync(path, { readOnly: true })).toThrow("unable to open");
  });

  it("are as they are in a file that was there", async () => {
    for (const count of [10, 20]) {
      await using writer = await openFeatureWriter(temp.path("e.gpkg"), FILE_OPTIONS);
      await writer.write(featureBatch(placesFrom(0, count)));
      await writer.endLayers([0]);
      await writer.finish();
    }
    expect(look("e.gpkg", ["places"])).toEqual([{ rows: 20, boxes: 20, said: "ok" }]);
  });
});

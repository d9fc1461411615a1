import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it } from "vitest";
import {
  featureBatch,
  FILE_OPTIONS,
  LAYERS,
  placesFrom,
  type TestFeature,
} from "../../../test/support/feature_layers.ts";
import { readGeometry } from "../../../test/support/read_geopackage_features.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { createBaseTables } from "../../geopackage/index.ts";
import { SqliteThread } from "../../geopackage/sqlite_thread.ts";
import { openFeatureWriter } from "../open_feature_writer.ts";
import { OrderedWriter } from "../ordered_writer.ts";
import { tableSpec } from "../table_spec.ts";
import { beginFeatures, finishFeatures, insertFeatures } from "./feature_thread.ts";
import { openGeopackageSink } from "./open_geopackage_sink.ts";

const temp = useTempFolder();

/** What the triggers call: programs that change a GeoPackage bring these along (OGC 12-128r18, table 51). */
function openWithFunctions(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  const place = (blob: unknown, axis: 0 | 1, pick: (...values: number[]) => number): number =>
    pick(...([readGeometry(blob as Uint8Array).coordinates].flat(4) as number[]).filter((_value, i) => i % 2 === axis));
  db.function("ST_MinX", (blob) => place(blob, 0, Math.min));
  db.function("ST_MaxX", (blob) => place(blob, 0, Math.max));
  db.function("ST_MinY", (blob) => place(blob, 1, Math.min));
  db.function("ST_MaxY", (blob) => place(blob, 1, Math.max));
  db.function("ST_IsEmpty", (blob) => ((blob as Uint8Array)[3]! & 0b1_0000) >> 4);
  return db;
}

const road = (id: number, x: number): TestFeature => ({
  layer: "roads",
  coordinates: [
    [x, 1],
    [x + 1, 2],
  ],
  columns: {},
  tags: { name: `${id}` },
});

describe("triggers of the R-tree", () => {
  let db: DatabaseSync;
  beforeEach(async () => {
    await using writer = await openFeatureWriter(temp.path("a.gpkg"), FILE_OPTIONS);
    await writer.write(featureBatch([0, 10, 20].map((x, i) => road(i + 1, x))));
    await writer.finish();
    db = openWithFunctions(temp.path("a.gpkg"));
    return () => db.close();
  });

  const at = (x: number): unknown[] =>
    db
      .prepare("SELECT id FROM rtree_roads_geom WHERE minx <= ?1 AND maxx >= ?1 ORDER BY id")
      .all(x)
      .map(({ id }) => id);
  const geometry = (fid: number): Uint8Array =>
    db.prepare("SELECT geom FROM roads WHERE fid = ?").get(fid)!["geom"] as Uint8Array;
  const EMPTY = Buffer.from("47500011e6100000", "hex");

  it("follow inserts and deletes", () => {
    const insert = db.prepare("INSERT INTO roads (geom, tags) VALUES (?, '{}')");
    for (const geom of [geometry(2), null, EMPTY]) insert.run(geom);
    expect(at(10.5)).toEqual([2, 4]);
    db.exec("DELETE FROM roads WHERE fid IN (2, 5, 6)");
    expect(at(10.5)).toEqual([4]);
  });

  it.each([
    [
      "another geometry",
      (): void => void db.prepare("UPDATE roads SET geom = ? WHERE fid = 1").run(geometry(3)),
      [1, 3],
      [],
    ],
    [
      "no geometry, then one",
      (): void => {
        db.exec("UPDATE roads SET geom = NULL WHERE fid = 3");
        expect(at(20.5)).toEqual([]);
        db.prepare("UPDATE roads SET geom = ? WHERE fid = 3").run(geometry(1));
      },
      [],
      [1, 3],
    ],
    ["an empty one", (): void => void db.prepare("UPDATE roads SET geom = ? WHERE fid = 3").run(EMPTY), [], [1]],
    ["another id", (): void => db.exec("UPDATE roads SET fid = 33 WHERE fid = 3"), [33], [1]],
    ["another id and none", (): void => db.exec("UPDATE roads SET fid = 33, geom = NULL WHERE fid = 3"), [], [1]],
    ["other tags", (): void => db.exec("UPDATE roads SET tags = '{}'"), [3], [1]],
  ] as const)("follow an update to %s", (_name, update, at20, at0) => {
    update();
    expect(at(20.5)).toEqual(at20);
    expect(at(0.5)).toEqual(at0);
    expect(db.prepare("SELECT rtreecheck('rtree_roads_geom') said").get()).toEqual({ said: "ok" });
  });
});

describe("the index of more features than are held in memory", () => {
  const all: TestFeature[] = [...placesFrom(0, 3000), ...Array.from({ length: 400 }, (_, i) => road(i, i / 3))];

  async function writeWith(maxBoxes: number): Promise<unknown[]> {
    const path = temp.path(`${maxBoxes}.gpkg`);
    await using writer = new OrderedWriter(path, await openGeopackageSink(path, FILE_OPTIONS, { maxBoxes }));
    for (let from = 0; from < all.length; from += 500) await writer.write(featureBatch(all.slice(from, from + 500)));
    const { layers } = await writer.finish();
    const db = new DatabaseSync(path, { readOnly: true });
    const rows = ["places", "roads"].flatMap((name) => {
      expect(db.prepare(`SELECT rtreecheck('rtree_${name}_geom') said`).get()).toEqual({ said: "ok" });
      // SQLite rounds its own inserts a little further outwards.
      const boxes = db.prepare(`SELECT * FROM rtree_${name}_geom ORDER BY id`).all();
      return boxes.map((box) => Object.values(box).map((value) => Number(value).toFixed(3)));
    });
    db.close();
    return [...rows, { layers }];
  }

  it("is made out of the table, and is the same", async () => {
    const expected = await writeWith(1_000_000);
    expect(expected.length).toBe(all.length + 1);
    for (const maxBoxes of [0, 100, 1000]) expect(await writeWith(maxBoxes)).toEqual(expected);
  });

  it("is given up when finish is cancelled, between two features; nothing is listed then", async () => {
    const db = new SqliteThread({ path: temp.path("a.gpkg"), mode: "write", lock: false });
    for (const { sql, rows } of createBaseTables()) for (const row of rows) db.run(sql, row);
    await beginFeatures(db, { tables: LAYERS.map(tableSpec), crs: "OGC:CRS84", srsId: 4326, maxBoxes: 0 });
    insertFeatures(db, featureBatch(placesFrom(0, 5000)));
    const stop = new Int32Array(new SharedArrayBuffer(4));
    stop[0] = 1;
    const finish = (): unknown => finishFeatures(db, { replaced: [], file: FILE_OPTIONS, stop });
    expect(finish).toThrow(expect.objectContaining({ code: "cancelled" }));
    expect(db.all("SELECT name FROM sqlite_master WHERE name GLOB 'rtree*'")).toEqual([]);
    expect(db.all("SELECT * FROM gpkg_contents")).toEqual([]);
    stop[0] = 0;
    finish();
    expect(db.get("SELECT count(*) n FROM rtree_places_geom")).toEqual({ n: 5000 });
    db.close();
  });
});

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { storeErrorFrom } from "../../geopackage/index.ts";
import { SqliteThread } from "../../geopackage/sqlite_thread.ts";
import { featureBatch, FILE_OPTIONS, LAYERS, placesFrom } from "../../../test/support/feature_layers.ts";
import { readGeopackageFeatures } from "../../../test/support/read_geopackage_features.ts";
import { startWriter } from "../../../test/support/start_writer.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { openFeatureWriter } from "../open_feature_writer.ts";
import { tableSpec } from "../table_spec.ts";
import { beginFeatures, dropUnfinished, finishFeatures, insertFeatures } from "./feature_thread.ts";

const temp = useTempFolder();
const path = (): string => temp.path("a.gpkg");

function query(sql: string): Record<string, unknown>[] {
  using db = new DatabaseSync(path(), { readOnly: true });
  return db.prepare(sql).all();
}

/** As another program would do it. */
function change(sql: string): void {
  using db = new DatabaseSync(path());
  db.exec(sql);
}

async function writePlaces(count: number): Promise<void> {
  await using writer = await openFeatureWriter(path(), FILE_OPTIONS);
  await writer.write(featureBatch(placesFrom(0, count)));
  await writer.finish();
}

const unfinished = (): unknown[] => query("SELECT name FROM sqlite_master WHERE name GLOB 'tilth_unfinished_*'");
const hash = (): string => createHash("sha256").update(readFileSync(path())).digest("hex");

describe("features beside tables that are there", () => {
  it("refuses a table of another program, and changes no byte", async () => {
    await writePlaces(3);
    change("CREATE TABLE Roads (fid INTEGER PRIMARY KEY, geom BLOB); INSERT INTO Roads VALUES (1, x'00')");
    const before = hash();
    const opened = openFeatureWriter(path(), FILE_OPTIONS);
    await expect(opened).rejects.toMatchObject({ code: "feature.exists", fields: { table: "roads" } });
    expect(hash()).toBe(before);
    expect(readdirSync(temp.path("."))).toEqual(["a.gpkg"]);
  });

  it("refuses what is no GeoPackage, and changes no byte", async () => {
    change("CREATE TABLE t (a)");
    const before = hash();
    await expect(openFeatureWriter(path(), FILE_OPTIONS)).rejects.toMatchObject({ code: "store.format" });
    expect(hash()).toBe(before);
    writeFileSync(path(), "Dear all, this is a letter".repeat(100));
    await expect(openFeatureWriter(path(), FILE_OPTIONS)).rejects.toMatchObject({ code: "store.format" });
  });

  it("is not disturbed by triggers, views, documents and counts of another program", async () => {
    await writePlaces(3);
    change(`CREATE TABLE other (fid INTEGER PRIMARY KEY, geom BLOB);
      CREATE TRIGGER other_insert AFTER INSERT ON other WHEN ST_IsEmpty(NEW.geom) BEGIN SELECT ST_MinX(NEW.geom); END;
      CREATE VIEW broken AS SELECT * FROM nowhere;
      CREATE TABLE gpkg_ogr_contents (table_name TEXT NOT NULL PRIMARY KEY, feature_count INTEGER DEFAULT NULL);
      INSERT INTO gpkg_ogr_contents VALUES ('places', 3), ('other', 0);
      INSERT INTO gpkg_metadata VALUES (77, 'dataset', 'http://example.org/mine', 'text/plain', 'a note');
      INSERT INTO gpkg_metadata_reference (reference_scope, table_name, md_file_id) VALUES ('table', 'places', 77), ('table', 'other', 77)`);
    await writePlaces(5);
    expect(query("SELECT count(*) n FROM places")).toEqual([{ n: 5 }]);
    expect(query("SELECT * FROM gpkg_ogr_contents")).toEqual([{ table_name: "other", feature_count: 0 }]);
    expect(query("SELECT metadata FROM gpkg_metadata WHERE id = 77")).toEqual([{ metadata: "a note" }]);
    expect(query("SELECT count(*) n FROM gpkg_metadata")).toEqual([{ n: 2 }]);
    expect(query("PRAGMA foreign_key_check")).toEqual([]);
  });

  it("knows a table of its own in other spelling", async () => {
    await writePlaces(3);
    const layers = [{ ...LAYERS[0]!, name: "PLACES" }];
    await using writer = await openFeatureWriter(path(), { ...FILE_OPTIONS, layers });
    await writer.write(
      featureBatch(
        placesFrom(0, 4).map((place) => ({ ...place, layer: "PLACES" })),
        layers,
      ),
    );
    await writer.finish();
    expect(query("SELECT table_name FROM gpkg_contents")).toEqual([{ table_name: "PLACES" }]);
    expect(query("SELECT table_name FROM gpkg_metadata_reference")).toEqual([{ table_name: "PLACES" }]);
    expect(query("SELECT count(*) n FROM rtree_PLACES_geom")).toEqual([{ n: 4 }]);
  });

  it("drops what a killed writer left, and what it left itself when it is disposed", async () => {
    await writePlaces(3);
    const script = new URL("../../../test/conformance/write_features_until_killed.ts", import.meta.url);
    const child = await startWriter(script, path());
    child.process.kill("SIGKILL");
    await child.exited;
    using db = new DatabaseSync(path());
    expect(db.prepare("SELECT count(*) n FROM sqlite_master WHERE name GLOB 'tilth_unfinished_*'").get()).toEqual({
      n: LAYERS.length,
    });
    db.close();
    expect(readGeopackageFeatures(path(), LAYERS)).toEqual(placesFrom(0, 3));
    const writer = await openFeatureWriter(path(), { ...FILE_OPTIONS, layers: LAYERS.slice(0, 1) });
    expect(unfinished()).toEqual([{ name: "tilth_unfinished_places" }]);
    await writer[Symbol.asyncDispose]();
    expect(unfinished()).toEqual([]);
    expect(readGeopackageFeatures(path(), LAYERS)).toEqual(placesFrom(0, 3));
    expect(readdirSync(temp.path("."))).toEqual(["a.gpkg"]);
  });

  it("has the marks of a GeoPackage among its first bytes while it is made and afterwards", async () => {
    const marks = (file: string): string[] => {
      const head = readFileSync(file).subarray(0, 100);
      return [head.toString("latin1", 0, 15), head.toString("latin1", 68, 72)];
    };
    await using writer = await openFeatureWriter(path(), FILE_OPTIONS);
    expect(marks(`${path()}.partial`)).toEqual(["SQLite format 3", "GPKG"]);
    await writer.finish();
    expect(marks(path())).toEqual(["SQLite format 3", "GPKG"]);
  });
});

describe("features on a full disk", () => {
  /** SQLite answers as on a full disk once a file has that many pages. */
  function openLimited(pages: number): SqliteThread {
    const db = new SqliteThread({ path: path(), mode: "write", lock: false });
    db.exec(`PRAGMA max_page_count = ${pages}`);
    return db;
  }

  const pages = (): number => Number(query("PRAGMA page_count")[0]?.["page_count"]);
  const begin = (db: SqliteThread): Promise<void> =>
    beginFeatures(db, { tables: LAYERS.map(tableSpec), crs: "OGC:CRS84", srsId: 4326 });
  const finish = (db: SqliteThread): unknown =>
    finishFeatures(db, { replaced: ["places"], file: FILE_OPTIONS, stop: new Int32Array(new SharedArrayBuffer(4)) });

  function codeOf(fn: () => unknown): string {
    try {
      fn();
      return "no error";
    } catch (error) {
      return storeErrorFrom(error, path()).code;
    }
  }

  it("a batch that has no room is taken back whole, and what was there stays", async () => {
    await writePlaces(30);
    const db = openLimited(pages() + 40);
    await begin(db);
    const codes: string[] = [];
    for (let n = 0; n < 100 && !codes.includes("store.full"); n++)
      codes.push(codeOf(() => insertFeatures(db, featureBatch(placesFrom(n, 100)))));
    expect(codes.at(-1)).toBe("store.full");
    expect(db.get("SELECT count(*) n FROM tilth_unfinished_places")).toEqual({ n: 100 * (codes.length - 1) });
    dropUnfinished(db);
    db.close();
    expect(readGeopackageFeatures(path(), LAYERS)).toEqual(placesFrom(0, 30));
    expect(query("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  });

  it("a finish that has no room for the indexes leaves the tables of before", async () => {
    await writePlaces(30);
    const db = openLimited(100_000);
    await begin(db);
    for (let n = 0; n < 20; n++) insertFeatures(db, featureBatch(placesFrom(n, 200)));
    const { page_count: used } = db.get("PRAGMA page_count")!;
    db.exec(`PRAGMA max_page_count = ${Number(used)}`);
    expect(codeOf(() => finish(db))).toBe("store.full");
    dropUnfinished(db);
    db.close();
    expect(readGeopackageFeatures(path(), LAYERS)).toEqual(placesFrom(0, 30));
    expect(query("SELECT count(*) n FROM rtree_places_geom")).toEqual([{ n: 30 }]);
    expect(query("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  });
});

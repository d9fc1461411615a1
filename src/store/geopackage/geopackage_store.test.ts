import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openSqlite, quoteName, type SqliteConnection } from "../../geopackage/index.ts";
import { webMercatorQuad, worldCrs84Quad } from "../../grid/index.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { tileBytes } from "../../../test/conformance/tile_store.ts";
import { SqliteTileStore } from "../sqlite/sqlite_tile_store.ts";
import { extentSql } from "../sqlite/thread/levels.ts";
import { ledgerSql, presenceSql } from "../sqlite/thread/read_tiles.ts";
import type { TileWrite } from "../tile_store.ts";
import { geopackageSchema, metadataBatches } from "./geopackage_schema.ts";
import { openGeopackageStore } from "./open_geopackage.ts";

const grid = webMercatorQuad();
const temp = useTempFolder();

function tile(z: number, x: number, y: number, sizeBytes = 300): TileWrite {
  return { kind: "tile", tile: { z, x, y }, data: tileBytes(z + x + y, sizeBytes), fetchedAtMs: 1_700_000_000_000 };
}

async function query<Result>(path: string, use: (db: SqliteConnection) => Promise<Result>): Promise<Result> {
  const db = await openSqlite({ path, mode: "read", lock: false });
  try {
    return await use(db);
  } finally {
    await db.close();
  }
}

describe("a GeoPackage that Tilth writes", () => {
  it("has the marks and rows of version 1.4, and one matrix row for each level with tiles", async () => {
    const path = temp.path("a.gpkg");
    const store = await openGeopackageStore(path, { mode: "write", grid, metadata: { title: "My map" } });
    await store.putMany([tile(0, 0, 0), tile(3, 2, 1), { kind: "empty", tile: { z: 5, x: 0, y: 0 }, fetchedAtMs: 1 }]);
    await query(path, async (db) => {
      expect(await db.all("SELECT zoom_level z, matrix_width w FROM gpkg_tile_matrix ORDER BY 1")).toEqual([
        { z: 0, w: 1 },
        { z: 3, w: 8 },
      ]);
    });
    await store.close();
    await query(path, async (db) => {
      expect(await db.all("PRAGMA application_id")).toEqual([{ application_id: 0x47504b47 }]);
      expect(await db.all("PRAGMA user_version")).toEqual([{ user_version: 10_400 }]);
      expect(await db.all("PRAGMA journal_mode")).toEqual([{ journal_mode: "delete" }]);
      expect((await db.all("SELECT srs_id FROM gpkg_spatial_ref_sys ORDER BY 1")).map((row) => row["srs_id"])).toEqual([
        -1, 0, 3857, 4326,
      ]);
      expect(await db.all("SELECT fetched_at, status FROM tilth_tile_ledger WHERE zoom_level = 3")).toEqual([
        { fetched_at: "2023-11-14T22:13:20.000Z", status: "present" },
      ]);
      const extensions = await db.all("SELECT extension_name FROM gpkg_extensions ORDER BY 1");
      expect(extensions.map((row) => row["extension_name"])).toEqual([
        "tilth_metadata",
        "tilth_tasks",
        "tilth_tile_ledger",
      ]);
    });
  });

  it("shows an extent that holds every tile while it is filled, and that of its deepest level once it is closed", async () => {
    const path = temp.path("a.gpkg");
    const extent = (): Promise<unknown> =>
      query(path, async (db) =>
        Object.values((await db.all("SELECT min_x, min_y, max_x, max_y FROM gpkg_contents"))[0] ?? {}),
      );
    const world = [...grid.bbox];
    const store = await openGeopackageStore(path, { mode: "write", grid });
    expect(await extent()).toEqual(world);
    await store.putMany([tile(0, 0, 0), tile(4, 3, 5)]);
    expect(await extent()).toEqual(world);
    await store.putMany([tile(4, 4, 5)]);
    await store.close();
    expect(await extent()).toEqual([...grid.rangeToBbox({ z: 4, minX: 3, minY: 5, maxX: 4, maxY: 5 })]);
    const again = await openGeopackageStore(path, { mode: "write" });
    await again.putMany([tile(4, 5, 6)]);
    expect(await extent()).toEqual([...grid.rangeToBbox({ z: 4, minX: 3, minY: 5, maxX: 5, maxY: 6 })]);
    await again.delete({ tiles: [{ z: 4, x: 3, y: 5 }] });
    await again.close();
    expect(await extent()).toEqual([...grid.rangeToBbox({ z: 4, minX: 4, minY: 5, maxX: 5, maxY: 6 })]);
  });

  it("declares WebP tiles, and only them", async () => {
    const path = temp.path("a.gpkg");
    const store = await openGeopackageStore(path, { mode: "write", grid });
    const webp = new Uint8Array(Buffer.from("RIFF\x10\0\0\0WEBPVP8 \0\0\0\0", "latin1"));
    await store.putMany([tile(1, 0, 0)]);
    for (const x of [0, 1])
      await store.putMany([{ kind: "tile", tile: { z: 1, x, y: 1 }, data: webp, fetchedAtMs: 1 }]);
    await store.close();
    await query(path, async (db) => {
      expect(
        await db.all("SELECT table_name, column_name FROM gpkg_extensions WHERE extension_name = 'gpkg_webp'"),
      ).toEqual([{ table_name: "tiles", column_name: "tile_data" }]);
    });
  });

  it("answers where tiles are from indexes alone", async () => {
    const path = temp.path("a.gpkg");
    const store = await openGeopackageStore(path, { mode: "write", grid });
    await store.putMany([tile(3, 1, 1)]);
    await store.close();
    const schema = geopackageSchema({ table: "tiles", grid, hasLedger: true, indexed: true });
    await query(path, async (db) => {
      for (const sql of [presenceSql(schema), ledgerSql(schema, true), ledgerSql(schema, false)]) {
        const bound = sql.replace(/:(?:z|minX|maxX|minY|maxY)\b/g, "1").replace(":freshAfter", "'2020'");
        const plan = (await db.all(`EXPLAIN QUERY PLAN ${bound}`)).map((row) => String(row["detail"]));
        const reads = plan.filter((line) => /^(?:SEARCH|SCAN) t\b/.test(line));
        expect(reads.length).toBeGreaterThanOrEqual(3);
        for (const line of reads) expect(line).toMatch(/^SEARCH t USING (?:COVERING INDEX|PRIMARY KEY)/);
      }
      const plan = await db.all(`EXPLAIN QUERY PLAN ${extentSql(schema).replaceAll(":z", "1")}`);
      const reads = plan.map((row) => String(row["detail"])).filter((line) => /^(?:SEARCH|SCAN) tiles\b/.test(line));
      expect(reads.length).toBeGreaterThanOrEqual(4);
      for (const line of reads) expect(line).toMatch(/^SEARCH tiles USING COVERING INDEX/);
    });
  });

  it("rejects a batch when the disk is full, keeps what it has, and takes the same batch once there is room", async () => {
    const path = temp.path("a.gpkg");
    await (await openGeopackageStore(path, { mode: "write", grid })).close();
    const connection = await openSqlite({ path, mode: "write", lock: true });
    await connection.startWriting();
    const schema = geopackageSchema({ table: "tiles", grid, hasLedger: true, indexed: true });
    const store = new SqliteTileStore({
      kind: "geopackage",
      location: path,
      grid,
      metadata: { title: "", description: "", attribution: "", format: "png", sourceId: null },
      readOnly: false,
      connection,
      schema,
      writeMetadata: (metadata) => metadataBatches(schema, metadata),
    });
    await store.putMany([tile(2, 0, 0, 20_000)]);
    const [{ page_count: pages } = { page_count: 0 }] = await connection.all("PRAGMA page_count");
    await connection.exec(`PRAGMA max_page_count = ${Number(pages) + 5}`);
    const batch = Array.from({ length: 40 }, (_, i) => tile(6, i, 3, 20_000));
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(store.putMany(batch)).rejects.toMatchObject({ code: "store.full" });
      expect(await store.count()).toMatchObject({ present: 1 });
      expect(await store.listLevels()).toEqual([2]);
    }
    await connection.exec("PRAGMA max_page_count = 100000");
    await store.putMany(batch);
    expect(await store.count()).toMatchObject({ present: 41 });
    expect((await store.get({ z: 6, x: 39, y: 3 })).data).toEqual(new Uint8Array(tileBytes(48, 20_000)));
    expect(await store.checkIntegrity()).toEqual([]);
    await store.close();
  });

  it("writes the geodetic grid as EPSG:4326", async () => {
    const path = temp.path("a.gpkg");
    const geodetic = worldCrs84Quad();
    const store = await openGeopackageStore(path, { mode: "write", grid: geodetic });
    await store.putMany([tile(0, 1, 0), tile(2, 7, 3)]);
    expect(await store.checkIntegrity()).toEqual([]);
    await store.close();
    await query(path, async (db) => {
      expect(await db.all("SELECT srs_id, min_x, max_y FROM gpkg_tile_matrix_set")).toEqual([
        { srs_id: 4326, min_x: -180, max_y: 90 },
      ]);
      expect(await db.all("SELECT min_x, min_y, max_x, max_y FROM gpkg_contents")).toEqual([
        { min_x: 135, min_y: -90, max_x: 180, max_y: -45 },
      ]);
    });
    const again = await openGeopackageStore(path, { mode: "read" });
    expect(again.grid.id).toBe("WorldCRS84Quad");
    await again.close();
  });

  it("keeps several layers with names that SQL would trip over", async () => {
    const path = temp.path("a.gpkg");
    const names = ['o\'neil "x"; --', "tiles", "größe"];
    for (const [i, layer] of names.entries()) {
      const store = await openGeopackageStore(path, { mode: "write", grid, layer, metadata: { title: "same title" } });
      await store.putMany([tile(4, i, 0), { kind: "empty", tile: { z: 4, x: i, y: 1 }, fetchedAtMs: 5 }]);
      await store.close();
    }
    for (const [i, layer] of names.entries()) {
      const store = await openGeopackageStore(path, { mode: "write", layer });
      expect([...(await store.readPresence({ z: 4, minX: 0, minY: 0, maxX: 2, maxY: 0 }))]).toEqual(
        [0, 1, 2].map((x) => (x === i ? 1 : 0)),
      );
      expect(await store.count()).toEqual({ present: 1, empty: 1, sizeBytes: 300 });
      expect(await store.checkIntegrity()).toEqual([]);
      expect(await store.delete({})).toBe(2);
      await store.close();
    }
    await expect(openGeopackageStore(path, { mode: "read", layer: "none" })).rejects.toMatchObject({
      code: "store.mismatch",
    });
  });
});

describe("a GeoPackage of another program", () => {
  /** Made as GDAL does it: no ledger, rows of the matrix for some levels only. */
  async function foreign(options: { ownGrid: boolean }): Promise<string> {
    const path = temp.path("foreign.gpkg");
    const store = await openGeopackageStore(path, { mode: "write", grid, layer: "a b" });
    await store.putMany([tile(3, 1, 2), tile(4, 1, 2)]);
    await store.close();
    const db = await openSqlite({ path, mode: "write", lock: false });
    await db.exec(`DROP TABLE tilth_tile_ledger; DROP TABLE tilth_tasks; DROP TABLE tilth_metadata; DELETE FROM gpkg_extensions;
      PRAGMA application_id = ${0x47503130}; PRAGMA user_version = 0`);
    if (options.ownGrid) {
      await db.exec(`UPDATE gpkg_tile_matrix_set SET min_x = 0, min_y = 0, max_x = 800, max_y = 1600;
        DELETE FROM gpkg_tile_matrix; INSERT INTO gpkg_tile_matrix VALUES ('a b', 4, 8, 16, 100, 100, 1, 1)`);
    }
    await db.close();
    return path;
  }

  it("is read without being changed", async () => {
    const path = await foreign({ ownGrid: false });
    const store = await openGeopackageStore(path, { mode: "read", grid });
    expect(store.grid.id).toBe("WebMercatorQuad");
    expect([...(await store.readPresence({ z: 3, minX: 0, minY: 2, maxX: 2, maxY: 2 }))]).toEqual([0, 1, 0]);
    expect([...(await store.readPresence({ z: 3, minX: 0, minY: 2, maxX: 2, maxY: 2 }, { staleBeforeMs: 1 }))]).toEqual(
      [0, 0, 0],
    );
    expect(await store.get({ z: 3, x: 1, y: 2 })).toMatchObject({ fetchedAtMs: 0, sha256: null, sizeBytes: 300 });
    expect(await store.count()).toEqual({ present: 2, empty: 0, sizeBytes: 600 });
    expect(await store.listTasks()).toEqual([]);
    expect(await store.checkIntegrity()).toEqual([]);
    await store.close();
    await query(path, async (db) =>
      expect(await db.all("SELECT name FROM sqlite_master WHERE name LIKE 'tilth%'")).toEqual([]),
    );
  });

  it("is taken over for writing: tiles stay, and get their records as they are renewed", async () => {
    const path = await foreign({ ownGrid: false });
    const store = await openGeopackageStore(path, { mode: "write" });
    await store.putMany([{ kind: "renew", tile: { z: 3, x: 1, y: 2 }, fetchedAtMs: 7000, etag: "e" }, tile(5, 0, 0)]);
    expect(await store.find({ z: 3, x: 1, y: 2 })).toMatchObject({
      fetchedAtMs: 7000,
      etag: "e",
      sizeBytes: 300,
      status: "present",
    });
    expect(await store.find({ z: 4, x: 1, y: 2 })).toMatchObject({ fetchedAtMs: 0 });
    expect((await store.count()).present).toBe(3);
    expect(await store.checkIntegrity()).toEqual([]);
    await store.close();
    await query(path, async (db) =>
      expect(await db.all("PRAGMA application_id")).toEqual([{ application_id: 0x47503130 }]),
    );
  });

  it("gives its own grid, with zoom_level as z and the levels above filled in", async () => {
    const store = await openGeopackageStore(await foreign({ ownGrid: true }), { mode: "read" });
    expect(
      store.grid.matrices.map(({ cellSize, matrixWidth, matrixHeight }) => [cellSize, matrixWidth, matrixHeight]),
    ).toEqual([
      [16, 1, 1],
      [8, 1, 2],
      [4, 2, 4],
      [2, 4, 8],
      [1, 8, 16],
    ]);
    expect(store.grid.tileToBbox({ z: 4, x: 1, y: 2 })).toEqual([100, 1300, 200, 1400]);
    expect(await store.has({ z: 4, x: 1, y: 2 })).toBe(true);
    await store.close();
  });

  it("says what is wrong with a file that lacks what the standard asks for", async () => {
    const path = temp.path("bad.gpkg");
    const store = await openGeopackageStore(path, { mode: "write", grid });
    await store.putMany([tile(3, 1, 2), tile(4, 1, 2), { kind: "empty", tile: { z: 4, x: 3, y: 3 }, fetchedAtMs: 1 }]);
    await store.close();
    const db = await openSqlite({ path, mode: "write", lock: false });
    await db.exec(`DELETE FROM gpkg_tile_matrix WHERE zoom_level = 4; DELETE FROM gpkg_spatial_ref_sys WHERE srs_id = 0;
      UPDATE gpkg_contents SET min_x = 9e9; UPDATE tiles SET tile_column = 99 WHERE zoom_level = 3; UPDATE tiles SET tile_data = zeroblob(0) WHERE zoom_level = 4;
      INSERT INTO tiles (zoom_level, tile_column, tile_row, tile_data) VALUES (4, 3, 3, x'00')`);
    await db.close();
    const bad = await openGeopackageStore(path, { mode: "read" });
    const findings = (await bad.checkIntegrity()).join("\n");
    await bad.close();
    for (const part of [
      "lacks the row 0",
      "lacks the level 4",
      "no sane extent",
      "1 tiles of level 3 lie outside",
      "1 tiles have no bytes",
      "marked as empty but have bytes",
      "stand in the ledger but have no bytes",
      "another size",
    ]) {
      expect(findings).toContain(part);
    }
  });

  it("is refused when it is another kind of SQLite file, and stays as it was", async () => {
    const path = temp.path("other.gpkg");
    const db = await openSqlite({ path, mode: "write", lock: false });
    await db.exec(`CREATE TABLE ${quoteName("t")} (a)`);
    await db.close();
    for (const mode of ["read", "write"] as const) {
      await expect(openGeopackageStore(path, { mode, grid })).rejects.toMatchObject({
        code: "store.format",
        message: expect.stringContaining("GeoPackage"),
      });
    }
    expect(existsSync(`${path}.lock`)).toBe(false);
    await query(path, async (one) =>
      expect(await one.all("PRAGMA journal_mode")).toEqual([{ journal_mode: "delete" }]),
    );
  });
});

import { describe, expect, it } from "vitest";
import { openSqlite } from "../../geopackage/index.ts";
import { webMercatorQuad, worldCrs84Quad } from "../../grid/index.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { tileBytes } from "../../../test/conformance/tile_store.ts";
import type { TileWrite } from "../tile_store.ts";
import { openMbtilesStore } from "./open_mbtiles.ts";

const grid = webMercatorQuad();
const temp = useTempFolder();

function tile(z: number, x: number, y: number, seed = 1): TileWrite {
  return { kind: "tile", tile: { z, x, y }, data: tileBytes(seed), fetchedAtMs: 1000 };
}

async function rows(path: string, sql: string): Promise<unknown[]> {
  const db = await openSqlite({ path, mode: "read", lock: false });
  try {
    return await db.all(sql);
  } finally {
    await db.close();
  }
}

/** A file as other programs make them; `sql` gives its tables. */
async function foreign(sql: string): Promise<string> {
  const path = temp.path("foreign.mbtiles");
  const db = await openSqlite({ path, mode: "write", lock: false });
  await db.exec(sql);
  await db.close();
  return path;
}

const METADATA =
  "CREATE TABLE metadata (name text, value text); INSERT INTO metadata VALUES ('name', 'n'), ('format', 'jpg');";

describe("an MBTiles file", () => {
  it("counts rows from the bottom and says what the standard asks for", async () => {
    const path = temp.path("a.mbtiles");
    const store = await openMbtilesStore(path, {
      mode: "write",
      grid,
      metadata: { title: "T", attribution: "A", description: "D" },
    });
    await store.putMany([tile(0, 0, 0), tile(3, 1, 2)]);
    await store.close();
    expect(await rows(path, "SELECT zoom_level z, tile_column x, tile_row y FROM tiles ORDER BY 1")).toEqual([
      { z: 0, x: 0, y: 0 },
      { z: 3, x: 1, y: 5 },
    ]);
    const metadata = new Map(
      (await rows(path, "SELECT name, value FROM metadata")).map(
        (row) => Object.values(row as object) as [string, string],
      ),
    );
    expect(Object.fromEntries(metadata)).toEqual({
      name: "T",
      attribution: "A",
      description: "D",
      type: "baselayer",
      version: "1.3",
      format: "png",
      bounds: "-135.000000,40.979898,-90.000000,66.513260",
      center: "-112.500000,53.746579,3",
      minzoom: "0",
      maxzoom: "3",
    });
    expect(await rows(path, "PRAGMA application_id")).toEqual([{ application_id: 0x4d504258 }]);
  });

  it("says that vector tiles are vector tiles", async () => {
    const path = temp.path("a.mbtiles");
    const store = await openMbtilesStore(path, { mode: "write", grid });
    await store.putMany([
      { kind: "tile", tile: { z: 0, x: 0, y: 0 }, data: new Uint8Array([0x1f, 0x8b, 8, 0]), fetchedAtMs: 1 },
    ]);
    expect(store.metadata.format).toBe("mvt");
    await store.close();
    expect(await rows(path, "SELECT value FROM metadata WHERE name IN ('format', 'json') ORDER BY name")).toEqual([
      { value: "pbf" },
      { value: '{"vector_layers":[]}' },
    ]);
  });

  it("keeps equal tiles once when it is told to, and forgets bytes that nobody needs", async () => {
    const path = temp.path("a.mbtiles");
    const store = await openMbtilesStore(path, { mode: "write", grid, deduplicate: true });
    await store.putMany([tile(3, 0, 0), tile(3, 1, 0), tile(3, 2, 0), tile(3, 3, 0, 2)]);
    const images = (): Promise<unknown[]> => rows(path, "SELECT count(*) n FROM images");
    expect(await images()).toEqual([{ n: 2 }]);
    expect(await store.count()).toEqual({ present: 4, empty: 0, sizeBytes: 1200 });
    await store.putMany([tile(3, 3, 0), tile(3, 2, 0, 3)]);
    expect(await images()).toEqual([{ n: 2 }]);
    await store.delete({ tiles: [{ z: 3, x: 2, y: 0 }] });
    expect(await images()).toEqual([{ n: 1 }]);
    await store.close();
    const again = await openMbtilesStore(path, { mode: "write" });
    await again.putMany([tile(3, 5, 5)]);
    expect(await images()).toEqual([{ n: 1 }]);
    expect(await again.checkIntegrity()).toEqual([]);
    await again.close();
  });

  it("is web mercator or is refused, before anything is made", async () => {
    const path = temp.path("a.mbtiles");
    await expect(openMbtilesStore(path, { mode: "write", grid: worldCrs84Quad() })).rejects.toMatchObject({
      code: "store.mismatch",
    });
    await expect(openMbtilesStore(path, { mode: "read" })).rejects.toMatchObject({ code: "store.missing" });
  });

  it("is read and taken over without an index", async () => {
    const path =
      await foreign(`${METADATA} CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob);
      INSERT INTO tiles VALUES (2, 1, 0, x'ffd8ff'), (2, 2, 3, x'ffd8ff')`);
    const range = { z: 2, minX: 1, minY: 0, maxX: 2, maxY: 3 };
    const reader = await openMbtilesStore(path, { mode: "read" });
    expect([...(await reader.readPresence(range))]).toEqual([0, 1, 0, 0, 0, 0, 1, 0]);
    expect(await reader.readRecords(range)).toHaveLength(2);
    expect(reader.metadata).toMatchObject({ title: "n", format: "jpeg" });
    await reader.close();
    const store = await openMbtilesStore(path, { mode: "write" });
    await store.putMany([tile(2, 1, 3)]);
    expect(await store.count()).toEqual({ present: 2, empty: 0, sizeBytes: 303 });
    await store.close();
  });

  it("is read and taken over with its tiles behind a view", async () => {
    const path =
      await foreign(`${METADATA} CREATE TABLE map (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_id TEXT, grid_id TEXT);
      CREATE TABLE images (tile_data blob, tile_id text);
      CREATE VIEW tiles AS SELECT map.zoom_level zoom_level, map.tile_column tile_column, map.tile_row tile_row, images.tile_data tile_data
        FROM map JOIN images ON images.tile_id = map.tile_id;
      INSERT INTO images VALUES (x'ffd8ff', 'a'); INSERT INTO map VALUES (1, 0, 0, 'a', NULL), (1, 1, 1, 'a', NULL)`);
    const store = await openMbtilesStore(path, { mode: "write" });
    expect(await store.has({ z: 1, x: 0, y: 1 })).toBe(true);
    await store.putMany([tile(1, 0, 1), { kind: "empty", tile: { z: 1, x: 1, y: 0 }, fetchedAtMs: 1 }]);
    expect(await store.count()).toEqual({ present: 1, empty: 1, sizeBytes: 300 });
    await store.close();
    expect(await rows(path, "SELECT count(*) n FROM images")).toEqual([{ n: 1 }]);
  });

  it("is refused without its tables, and a tile without bytes is found", async () => {
    await expect(openMbtilesStore(await foreign("CREATE TABLE t (a)"), { mode: "read" })).rejects.toMatchObject({
      code: "store.format",
    });
    const path = temp.path("null.mbtiles");
    const db = await openSqlite({ path, mode: "write", lock: false });
    await db.exec(`${METADATA} CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob);
      INSERT INTO tiles VALUES (0, 0, 0, NULL)`);
    await db.close();
    const store = await openMbtilesStore(path, { mode: "read" });
    expect(await store.find({ z: 0, x: 0, y: 0 })).toBeNull();
    expect(await store.checkIntegrity()).toEqual(["1 tiles have no bytes"]);
    await store.close();
  });
});

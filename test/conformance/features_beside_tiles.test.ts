import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { openFeatureWriter } from "../../src/feature/index.ts";
import { webMercatorQuad } from "../../src/grid/index.ts";
import { openStore, type TileWrite } from "../../src/store/index.ts";
import { featureBatch, FILE_OPTIONS, LAYERS, placesFrom } from "../support/feature_layers.ts";
import { readGeopackageFeatures } from "../support/read_geopackage_features.ts";
import { useTempFolder } from "../support/temp_folder.ts";
import { tileBytes } from "./tile_store.ts";

const temp = useTempFolder();
const TABLES = ["tiles", "tilth_tile_ledger", "tilth_metadata", "gpkg_tile_matrix", "gpkg_tile_matrix_set"];

const tiles = Array.from({ length: 64 }, (_, i): TileWrite => {
  const tile = { z: 3, x: i % 8, y: Math.floor(i / 8) };
  if (i % 9 === 4) return { kind: "empty", tile, fetchedAtMs: 1_700_000_000_000 };
  return { kind: "tile", tile, data: tileBytes(i, 900), fetchedAtMs: 1_700_000_000_000, etag: `"${i}"`, sourceId: "s" };
});

function readTables(path: string): unknown[] {
  using db = new DatabaseSync(path, { readOnly: true });
  const contents = db.prepare("SELECT * FROM gpkg_contents WHERE data_type = 'tiles'").all();
  return [contents, ...TABLES.map((name) => db.prepare(`SELECT * FROM ${name}`).all())];
}

it("features come into a file of tiles, which stays as it is and goes on being one", async () => {
  const path = temp.path("a.gpkg");
  const store = await openStore(path, { mode: "write", grid: webMercatorQuad(), metadata: { title: "Map" } });
  await store.putMany(tiles);
  await expect(openFeatureWriter(path, FILE_OPTIONS)).rejects.toMatchObject({ code: "store.locked" });
  await store.close();
  const before = readTables(path);
  for (const count of [2500, 40]) {
    await using writer = await openFeatureWriter(path, FILE_OPTIONS);
    await writer.write(featureBatch(placesFrom(0, count)));
    await expect(openStore(path, { mode: "write" })).rejects.toMatchObject({ code: "store.locked" });
    const reader = await openStore(path, { mode: "read" });
    expect((await reader.count()).present).toBe(57);
    await reader.close();
    await writer.finish();
    expect(readTables(path)).toEqual(before);
    expect(readGeopackageFeatures(path, LAYERS)).toEqual(placesFrom(0, count));
  }
  const again = await openStore(path, { mode: "write" });
  expect(await again.checkIntegrity()).toEqual([]);
  expect(Buffer.from((await again.get({ z: 3, x: 5, y: 2 })).data ?? [])).toEqual(Buffer.from(tileBytes(21, 900)));
  await again.putMany([{ kind: "tile", tile: { z: 4, x: 1, y: 1 }, data: tileBytes(1), fetchedAtMs: 1 }]);
  await again.close();
  expect(readGeopackageFeatures(path, LAYERS)).toEqual(placesFrom(0, 40));
});

it("a seed and features do not both make the same new file", async () => {
  const path = temp.path("b.gpkg");
  await using writer = await openFeatureWriter(path, FILE_OPTIONS);
  const opened = openStore(path, { mode: "write", grid: webMercatorQuad() });
  await expect(opened).rejects.toMatchObject({ code: "store.locked" });
  await writer.write(featureBatch(placesFrom(0, 4)));
  await writer.finish();
  expect(readGeopackageFeatures(path, LAYERS)).toEqual(placesFrom(0, 4));
});

import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { isTilthError } from "../../src/core/index.ts";
import { openSqlite, quoteName } from "../../src/geopackage/index.ts";
import { listLayers, openStore, type TileStore } from "../../src/store/index.ts";

interface Expected {
  grid: RegExp;
  present: number;
}

/** Counted by SQL in each file; a code where the file must be refused. */
const EXPECTED: Readonly<Record<string, Expected | string>> = {
  "denver_tile_z16_42png.gpkg": { grid: /^WebMercatorQuad$/, present: 42 },
  "empty_table_test.gpkg": "store.format",
  "mapproxy_cache.gpkg": { grid: /^WebMercatorQuad$/, present: 1 },
  "rivers_osm_tiles_4326_z0-3.gpkg": { grid: /^WebMercatorQuad$/, present: 85 },
  "wgs84_imagery_jpg450.gpkg": { grid: /^imagery of /, present: 4 },
  "INVALID_corrupt_db.mbtiles": "store.corrupt",
  "INVALID_not_mbtiles.mbtiles": "store.format",
  "plain_1_world_z0-4.mbtiles": { grid: /^WebMercatorQuad$/, present: 285 },
  "plain_3_z4-8_2621tiles.mbtiles": { grid: /^WebMercatorQuad$/, present: 2621 },
  "unindexed.mbtiles": { grid: /^WebMercatorQuad$/, present: 285 },
  "world_cities_vector_z0-6.mbtiles": { grid: /^WebMercatorQuad$/, present: 196 },
};

/** A table that is listed and not there; pixels that are not square (degrees, cut from a mercator pyramid). */
const REFUSED_LAYERS: Readonly<Record<string, readonly string[]>> = {
  "mapproxy_cache.gpkg": ["no_spatial_ref_sys: store.mismatch"],
  "nga_example_v13.gpkg": ["bit_systems_wgs84: store.format"],
};

/** Every tile is found again by presence, by record and by address, with the bytes that SQL gives. */
async function checkWhole(store: TileStore, path: string, table: string): Promise<number> {
  const db = await openSqlite({ path, mode: "read", lock: false });
  let count = 0;
  try {
    for await (const page of db.pages(`SELECT * FROM ${quoteName(table)} WHERE tile_data IS NOT NULL`)) {
      for (const row of page) {
        const z = Number(row["zoom_level"]);
        const fileRow = Number(row["tile_row"]);
        const tile = {
          z,
          x: Number(row["tile_column"]),
          y: path.endsWith(".mbtiles") ? 2 ** z - 1 - fileRow : fileRow,
        };
        const found = await store.get(tile);
        expect(Buffer.compare(found.data ?? new Uint8Array(), row["tile_data"] as Uint8Array)).toBe(0);
        const one = { z, minX: tile.x, minY: tile.y, maxX: tile.x, maxY: tile.y };
        if (count % 50 === 0) expect([...(await store.readPresence(one))]).toEqual([1]);
        count += 1;
      }
    }
  } finally {
    await db.close();
  }
  return count;
}

/** Archives of other programs in `gpkg/` and `mbtiles/` of a folder; their origins stand in SOURCES.md beside them. */
export function describeRealArchives(data: string): void {
  const files = ["gpkg", "mbtiles"].flatMap((folder) =>
    readdirSync(join(data, folder)).map((name) => join(data, folder, name)),
  );

  describe("archives of other programs", () => {
    for (const path of files.filter((file) => /\.(?:gpkg|mbtiles)$/.test(file))) {
      const expected = EXPECTED[basename(path)];

      it(`${basename(path)} is read whole, or refused with a clear word`, { timeout: 120_000 }, async () => {
        if (typeof expected === "string") {
          await expect(openStore(path, { mode: "read" }).then((store) => store.count())).rejects.toMatchObject({
            code: expected,
          });
          return;
        }
        const layers = path.endsWith(".gpkg") ? await listLayers(path) : [undefined];
        const refused: string[] = [];
        for (const layer of layers) {
          const store = await openStore(path, { mode: "read", layer }).catch((error: unknown) => error);
          if (store instanceof Error) {
            refused.push(`${String(layer)}: ${isTilthError(store) ? store.code : String(store)}`);
            continue;
          }
          const opened = store as TileStore;
          const whole = await checkWhole(opened, path, layer ?? "tiles");
          expect(await opened.listLevels()).toEqual((await opened.listLevels()).toSorted((a, b) => a - b));
          if (expected !== undefined) {
            expect(opened.grid.id).toMatch(expected.grid);
            expect([whole, (await opened.count()).present]).toEqual([expected.present, expected.present]);
          }
          await opened.close();
        }
        expect(refused).toEqual(REFUSED_LAYERS[basename(path)] ?? []);
      });
    }
  });
}

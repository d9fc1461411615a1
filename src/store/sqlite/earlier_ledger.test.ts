import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { tileBytes } from "../../../test/conformance/tile_store.ts";
import { openSqlite } from "../../geopackage/index.ts";
import { webMercatorQuad } from "../../grid/index.ts";
import { openDirectoryStore } from "../directory/open_directory.ts";
import { openGeopackageStore } from "../geopackage/open_geopackage.ts";
import { openMbtilesStore } from "../mbtiles/open_mbtiles.ts";
import type { TileWrite } from "../tile_store.ts";

const grid = webMercatorQuad();
const temp = useTempFolder();
const at = { z: 3, x: 1, y: 2 };
const range = { z: 3, minX: 0, minY: 0, maxX: 7, maxY: 7 };

function tile(x: number, attempts?: number): TileWrite {
  return { kind: "tile", tile: { ...at, x }, data: tileBytes(x), fetchedAtMs: 1_700_000_000_000, attempts };
}

const stores = [
  { open: openGeopackageStore, name: "a.gpkg", ledger: "" },
  { open: openMbtilesStore, name: "a.mbtiles", ledger: "" },
  { open: openDirectoryStore, name: "a", ledger: ".tilth/ledger.sqlite" },
];

describe.each(stores)(
  "the ledger of $name as an earlier version made it, without attempts",
  ({ open, name, ledger }) => {
    async function makeEarlier(): Promise<{ path: string; hash: () => string; columns: () => Promise<unknown[]> }> {
      const path = temp.path(name);
      const store = await open(path, { mode: "write", grid });
      await store.putMany([tile(1), tile(2), { kind: "empty", tile: { ...at, x: 3 }, fetchedAtMs: 1_700_000_000_000 }]);
      await store.close();
      const file = join(path, ledger);
      const db = await openSqlite({ path: file, mode: "write", lock: false });
      await db.exec("ALTER TABLE tilth_tile_ledger DROP COLUMN attempts");
      await db.close();
      const columns = async (): Promise<unknown[]> => {
        const reader = await openSqlite({ path: file, mode: "read", lock: false });
        const rows = await reader.all("PRAGMA table_info(tilth_tile_ledger)");
        await reader.close();
        return rows.map((row) => row["name"]);
      };
      return { path, columns, hash: () => createHash("sha256").update(readFileSync(file)).digest("hex") };
    }

    test("is read without them, and not changed by a byte", async () => {
      const { path, hash, columns } = await makeEarlier();
      expect(await columns()).not.toContain("attempts");
      const before = hash();
      const store = await open(path, { mode: "read" });
      expect(await store.get(at)).toMatchObject({ status: "present", sizeBytes: 300, attempts: null });
      expect((await store.readRecords(range)).map(({ attempts }) => attempts)).toEqual([null, null, null]);
      for await (const { attempts } of store.list()) expect(attempts).toBeNull();
      if (store.findNow !== undefined) expect(store.findNow(at)).toMatchObject({ attempts: null, sizeBytes: 300 });
      await store.close();
      expect(hash()).toBe(before);
    });

    test("is completed when it is opened for writing: what was there is kept, and unknown", async () => {
      const { path, columns } = await makeEarlier();
      const store = await open(path, { mode: "write" });
      await store.putMany([tile(1, 2), tile(5, 1)]);
      const told = (await store.readRecords(range)).toSorted((a, b) => a.tile.x - b.tile.x);
      expect(told.map(({ tile: { x }, attempts }) => [x, attempts])).toEqual([
        [1, 2],
        [2, null],
        [3, null],
        [5, 1],
      ]);
      expect(await store.checkIntegrity()).toEqual([]);
      await store.close();
      expect((await columns()).at(-1)).toBe("attempts");
      const reader = await open(path, { mode: "read" });
      expect(await reader.get(at)).toMatchObject({ attempts: 2, status: "present" });
      expect(await reader.find({ ...at, x: 3 })).toMatchObject({ attempts: null, status: "empty" });
      await reader.close();
    });
  },
);

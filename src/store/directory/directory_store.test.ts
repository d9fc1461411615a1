import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openSqlite } from "../../geopackage/index.ts";
import { webMercatorQuad } from "../../grid/index.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { tileBytes } from "../../../test/conformance/tile_store.ts";
import type { TileWrite } from "../tile_store.ts";
import { openDirectoryStore } from "./open_directory.ts";

const grid = webMercatorQuad();
const temp = useTempFolder();
const webp = new Uint8Array(Buffer.from("RIFF\x10\0\0\0WEBPVP8 \0\0\0\0", "latin1"));

function tile(z: number, x: number, y: number, data = tileBytes(1)): TileWrite {
  return { kind: "tile", tile: { z, x, y }, data, fetchedAtMs: 1000 };
}

function put(root: string, path: string, data: Uint8Array): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), data);
}

describe("a folder of tiles", () => {
  it("has one file a tile, named by its format, and no other once the tile changes or goes", async () => {
    const root = temp.path("tiles");
    const store = await openDirectoryStore(root, { mode: "write", grid });
    await store.putMany([tile(3, 1, 2), tile(3, 1, 3)]);
    expect(readdirSync(join(root, "3/1")).toSorted()).toEqual(["2.png", "3.png"]);
    expect(new Uint8Array(readFileSync(join(root, "3/1/2.png")))).toEqual(new Uint8Array(tileBytes(1)));
    await store.putMany([tile(3, 1, 2, webp), { kind: "empty", tile: { z: 3, x: 1, y: 3 }, fetchedAtMs: 1 }]);
    expect(readdirSync(join(root, "3/1"))).toEqual(["2.webp"]);
    await store.delete({});
    expect(readdirSync(join(root, "3/1"))).toEqual([]);
    await store.close();
    expect(readdirSync(join(root, ".tilth"))).toEqual(["ledger.sqlite"]);
  });

  it("takes over the files of another program with their times, and reads them without writing anything", async () => {
    const root = temp.path("tiles");
    put(root, "2/1/3.png", tileBytes(7));
    put(root, "2/1/0.jpeg", tileBytes(8));
    for (const other of ["2/1/notes.txt", "2/9/0.png", "readme.md", "2/1/3.png.aux.xml", "2/2/0.png"]) {
      put(root, other, other === "2/2/0.png" ? new Uint8Array() : tileBytes(1));
    }
    utimesSync(join(root, "2/1/3.png"), 1000, 1_600_000_000);
    const reader = await openDirectoryStore(root, { mode: "read" });
    expect(
      [...(await reader.readPresence({ z: 2, minX: 0, minY: 0, maxX: 3, maxY: 3 }))]
        .map((value, i) => (value === 0 ? -1 : i))
        .filter((i) => i >= 0),
    ).toEqual([1, 13]);
    expect(await reader.get({ z: 2, x: 1, y: 3 })).toMatchObject({
      fetchedAtMs: 1_600_000_000_000,
      sha256: null,
      sizeBytes: 300,
    });
    await reader.close();
    expect(existsSync(join(root, ".tilth"))).toBe(false);
    const store = await openDirectoryStore(root, { mode: "write" });
    expect(await store.count()).toEqual({ present: 2, empty: 0, sizeBytes: 600 });
    await store.putMany([tile(2, 1, 0)]);
    await store.close();
    expect(readdirSync(join(root, "2/1")).toSorted()).toEqual(["0.png", "3.png", "3.png.aux.xml", "notes.txt"]);
  });

  it("does after a kill what the ledger had promised, and drops what it had not", async () => {
    const root = temp.path("tiles");
    const store = await openDirectoryStore(root, { mode: "write", grid });
    await store.putMany([tile(3, 1, 1, tileBytes(1)), tile(3, 2, 2), tile(3, 4, 4)]);
    await store.close();
    // As after a kill between the commit and the renames: one file to be put in place, one to go, one rename done already.
    put(root, ".tilth/tmp/1-1", tileBytes(2));
    put(root, ".tilth/tmp/1-9", tileBytes(9));
    const db = await openSqlite({ path: join(root, ".tilth/ledger.sqlite"), mode: "write", lock: false });
    await db.exec(`INSERT INTO tilth_pending_file VALUES ('3/1/1.png', '.tilth/tmp/1-1'), ('3/2/2.png', NULL), ('3/4/4.png', '.tilth/tmp/1-3');
      DELETE FROM tiles WHERE tile_column = 2; DELETE FROM tilth_tile_ledger WHERE tile_column = 2`);
    await db.close();
    const reader = await openDirectoryStore(root, { mode: "read" });
    expect((await reader.get({ z: 3, x: 1, y: 1 })).data).toEqual(new Uint8Array(tileBytes(2)));
    await reader.close();
    await (await openDirectoryStore(root, { mode: "write" })).close();
    expect(new Uint8Array(readFileSync(join(root, "3/1/1.png")))).toEqual(new Uint8Array(tileBytes(2)));
    expect(existsSync(join(root, "3/2/2.png"))).toBe(false);
    expect(statSync(join(root, "3/4/4.png")).size).toBe(300);
    expect(readdirSync(join(root, ".tilth"))).toEqual(["ledger.sqlite"]);
  });

  it("does not claim to have a tile whose file was taken away", async () => {
    const root = temp.path("tiles");
    const store = await openDirectoryStore(root, { mode: "write", grid });
    await store.putMany([tile(3, 1, 1), tile(3, 1, 2)]);
    rmSync(join(root, "3/1/1.png"));
    expect(await store.find({ z: 3, x: 1, y: 1 })).toBeNull();
    expect(await store.has({ z: 3, x: 1, y: 1 })).toBe(false);
    await expect(store.get({ z: 3, x: 1, y: 1 })).rejects.toMatchObject({ code: "tile.missing" });
    expect(await store.checkIntegrity()).toEqual(["the file 3/1/1.png is missing"]);
    await store.close();
  });

  it("is refused where a file stands", async () => {
    const path = temp.path("file");
    writeFileSync(path, "x");
    await expect(openDirectoryStore(path, { mode: "write", grid })).rejects.toMatchObject({ code: "store.format" });
  });
});

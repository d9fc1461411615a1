import { renameSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { webMercatorQuad } from "../grid/index.ts";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { describeRealArchives } from "../../test/conformance/real_archives.ts";
import { tileBytes } from "../../test/conformance/tile_store.ts";
import { listLayers, openMemoryStore, openStore } from "./index.ts";

const grid = webMercatorQuad();
const temp = useTempFolder();

async function make(location: string): Promise<string> {
  const store = await openStore(location, { mode: "write", grid });
  await store.putMany([{ kind: "tile", tile: { z: 1, x: 1, y: 0 }, data: tileBytes(1), fetchedAtMs: 1 }]);
  await store.close();
  return store.kind;
}

describe("openStore", () => {
  it("tells a new store by its name", async () => {
    expect(await make(temp.path("a.gpkg"))).toBe("geopackage");
    expect(await make(pathToFileURL(temp.path("b.GPKG")).href)).toBe("geopackage");
    expect(await make(temp.path("c.mbtiles"))).toBe("mbtiles");
    expect(await make(temp.path("d.tiles"))).toBe("directory");
    expect(await make("memory:")).toBe("memory");
    expect(await listLayers(temp.path("a.gpkg"))).toEqual(["tiles"]);
    expect(await listLayers(temp.path("d.tiles"))).toEqual([]);
  });

  it("tells an existing one by what is in it when its name says nothing", async () => {
    for (const [name, kind] of [
      ["a.gpkg", "geopackage"],
      ["c.mbtiles", "mbtiles"],
    ] as const) {
      await make(temp.path(name));
      renameSync(temp.path(name), temp.path(`${name}.bin`));
      const store = await openStore(temp.path(`${name}.bin`), { mode: "read" });
      expect([store.kind, await store.has({ z: 1, x: 1, y: 0 })]).toEqual([kind, true]);
      await store.close();
    }
    writeFileSync(temp.path("letter"), "Dear all, this is a letter".repeat(100));
    await expect(openStore(temp.path("letter"), { mode: "read" })).rejects.toMatchObject({ code: "store.format" });
    await expect(openStore(temp.path("nothing"), { mode: "read" })).rejects.toMatchObject({ code: "store.missing" });
  });

  it("does not take the locks away from a store that is open for writing in the same process", async () => {
    const path = temp.path("a.gpkg");
    const writer = await openStore(path, { mode: "write", grid });
    await writer.putMany([{ kind: "tile", tile: { z: 1, x: 1, y: 0 }, data: tileBytes(1), fetchedAtMs: 1 }]);
    expect(await listLayers(path)).toEqual(["tiles"]);
    await expect(openStore(path, { mode: "write" })).rejects.toMatchObject({ code: "store.locked" });
    await writer.close();
  });
});

describe("openMemoryStore", () => {
  it("is full at its bound, keeps what it has and goes on once there is room", async () => {
    const store = openMemoryStore({ grid, maxBytes: 700 });
    const put = (x: number): Promise<void> =>
      store.putMany([{ kind: "tile", tile: { z: 3, x, y: 0 }, data: tileBytes(x), fetchedAtMs: 1 }]);
    await put(0);
    await put(1);
    await expect(put(2)).rejects.toMatchObject({ code: "store.full" });
    expect(await store.count()).toEqual({ present: 2, empty: 0, sizeBytes: 600 });
    await store.delete({ tiles: [{ z: 3, x: 0, y: 0 }] });
    await put(2);
    expect(await store.has({ z: 3, x: 2, y: 0 })).toBe(true);
  });
});

// Not part of the repository: the tests are there when the files are.
const realData = process.env["TILTH_REAL_DATA"];
if (realData !== undefined) describeRealArchives(realData);

import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { webMercatorQuad } from "../grid/index.ts";
import { openStore } from "../store/index.ts";
import { pngTile } from "../../test/support/png_tile.ts";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { resolveSource } from "./resolve_source.ts";

const folder = useTempFolder();
const tile = { z: 2, x: 1, y: 3 };

/** An archive with one tile. */
async function makeArchive(name: string): Promise<{ path: string; data: Uint8Array }> {
  const path = folder.path(name);
  const data = await pngTile(tile, 256);
  const store = await openStore(path, { mode: "write", grid: webMercatorQuad() });
  await store.putMany([{ kind: "tile", tile, data, fetchedAtMs: 1 }]);
  await store.close();
  return { path, data };
}

describe("resolveSource", () => {
  test.each(["a.gpkg", "a.mbtiles", "a folder"])(
    "takes the local archive '%s', by path and by file URL",
    async (name) => {
      const { path, data } = await makeArchive(name);
      for (const spec of [path, new URL(`file://${path}`).href]) {
        const source = await resolveSource(spec);
        const answer = await source.fetchTile(tile);
        expect(answer.kind === "tile" && Buffer.from(answer.data).equals(data)).toBe(true);
        expect((await source.fetchTile({ z: 2, x: 0, y: 0 })).kind).toBe("empty");
        expect(source.hosts).toEqual([]);
        await source.close();
      }
    },
  );

  test("takes a URL template without asking anybody", async () => {
    const source = await resolveSource("https://tiles.invalid/{z}/{x}/{y}.png");
    expect(source.info.grid.id).toBe("WebMercatorQuad");
    expect(source.hosts.map(({ host }) => host)).toEqual(["tiles.invalid"]);
    await source.close();
  });

  test("refuses an archive that is not there", async () => {
    for (const name of ["none.gpkg", "none.mbtiles"])
      await expect(resolveSource(folder.path(name))).rejects.toMatchObject({ code: "source.invalid" });
  });

  test("refuses what is no archive, and a name that nobody knows, with a code of ours", async () => {
    writeFileSync(folder.path("text.gpkg"), "this is no database");
    await expect(resolveSource(folder.path("text.gpkg"))).rejects.toMatchObject({ isTilthError: true });
    for (const spec of ["no such source", "file://otherhost/a.gpkg", "file:///a%2Fb.gpkg"])
      await expect(resolveSource(spec)).rejects.toMatchObject({ code: "source.invalid" });
  });
});

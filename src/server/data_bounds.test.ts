import { expect, test } from "vitest";
import { getGrid } from "../grid/index.ts";
import { openStore } from "../store/index.ts";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { TestApi } from "./fixtures/api_server.ts";

const folder = useTempFolder();

/** A file that no seed made: it has tiles, and no list of what was asked for. */
async function write(name: string): Promise<string> {
  const store = await openStore(folder.path(name), { mode: "write", grid: getGrid("WebMercatorQuad") });
  const data = Buffer.from("89504e470d0a1a0a", "hex");
  const tiles = [
    { z: 1, x: 1, y: 0 },
    { z: 3, x: 4, y: 2 },
    { z: 3, x: 5, y: 3 },
  ];
  await store.putMany(tiles.map((tile) => ({ kind: "tile", tile, data, fetchedAtMs: 1 })));
  await store.close();
  return folder.path(name);
}

test.each(["world.gpkg", "world.mbtiles", "world"])(
  "%s: documents tell where the data are, not where the grid is",
  async (name) => {
    await using api = await TestApi.start({ folder: folder.path("."), files: [await write(name)] });
    const read = async (path: string): Promise<unknown> => (await api.fetch(path)).json();
    // Columns 4 and 5 of 8, rows 2 and 3 of 8: from 0 to 90 degrees east, from the equator to 66.5 north.
    const bounds = [0, 0, 90, 66.513_26].map((degree) => expect.closeTo(degree, 4) as number);
    expect(await read("/tilejson/world.json")).toMatchObject({ minzoom: 1, maxzoom: 3, bounds });
    expect(await read("/api/caches/world")).toMatchObject({ bounds });
    expect(await read("/ogc/collections/world")).toMatchObject({ extent: { spatial: { bbox: [bounds] } } });
    expect(await read("/ogc/collections/world/map/tiles/WebMercatorQuad")).toMatchObject({
      boundingBox: { lowerLeft: bounds.slice(0, 2), upperRight: bounds.slice(2) },
      tileMatrixSetLimits: [
        { tileMatrix: "1", minTileRow: 0, maxTileRow: 0, minTileCol: 1, maxTileCol: 1 },
        { tileMatrix: "3", minTileRow: 2, maxTileRow: 3, minTileCol: 4, maxTileCol: 5 },
      ],
    });
    const capabilities = await (await api.fetch("/wmts/1.0.0/WMTSCapabilities.xml")).text();
    const corner = (which: string): number[] =>
      (new RegExp(`<ows:${which}Corner>([^<]*)<`).exec(capabilities)?.[1] ?? "").split(" ").map(Number);
    expect([...corner("Lower"), ...corner("Upper")]).toEqual(bounds);
  },
);

test("a file that a job fills may get tiles anywhere until it is done", async () => {
  await using api = await TestApi.start({ folder: folder.path("."), origin: { latencyMs: 50 } });
  const world = { source: "noise", bbox: [-180, -85, 180, 85], zooms: "5", store: "world.gpkg" };
  expect((await api.post("/api/jobs", world)).status).toBe(201);
  const path = "/ogc/collections/world/map/tiles/WebMercatorQuad";
  await expect.poll(async () => (await api.fetch(path)).status, { timeout: 10_000 }).toBe(200);
  expect(await (await api.fetch(path)).json()).toMatchObject({
    tileMatrixSetLimits: [{ tileMatrix: "5", minTileRow: 0, maxTileRow: 31, minTileCol: 0, maxTileCol: 31 }],
  });
});

import { describe, expect, it } from "vitest";
import { pixelsOf } from "../../../test/support/array_raster.ts";
import { getGrid } from "../../grid/index.ts";
import { encodeElevation, encodeImage, type PixelArray } from "../../raster/index.ts";
import { openStore, type TileStore } from "../../store/index.ts";
import { openCacheRaster } from "./cache_raster.ts";

const GRID = getGrid("WebMercatorQuad");

async function storeOf(tiles: Readonly<Record<string, Uint8Array | null>>): Promise<TileStore> {
  const store = await openStore("memory:", { mode: "write", grid: GRID, metadata: { title: "made up" } });
  await store.putMany(
    Object.entries(tiles).map(([name, data]) => {
      const [z = 0, x = 0, y = 0] = name.split("/").map(Number);
      const tile = { z, x, y };
      return data === null ? { kind: "empty", tile, fetchedAtMs: 0 } : { kind: "tile", tile, data, fetchedAtMs: 0 };
    }),
  );
  return store;
}

const painted = (red: number): Promise<Uint8Array> => {
  const data = new Uint8Array(256 * 256 * 4);
  for (let at = 0; at < data.length; at += 4) data.set([red, at % 251, 7, 255], at);
  return encodeImage({ width: 256, height: 256, data }, { format: "png" });
};

const heights = (of: (column: number, row: number) => number): Promise<Uint8Array> => {
  const metres = Float32Array.from({ length: 65_536 }, (_, i) => of(i % 256, Math.floor(i / 256)));
  return encodeImage({ width: 256, height: 256, data: encodeElevation(metres, "terrarium") }, { format: "png" });
};

describe("openCacheRaster", () => {
  it("reads colours over the borders of tiles; what has no tile is clear", async () => {
    const store = await storeOf({ "3/2/5": await painted(20), "3/3/6": await painted(36), "3/3/5": null });
    await using raster = await openCacheRaster(store);
    expect(raster.info).toMatchObject({ width: 512, height: 512, mask: "alpha", overviews: [] });
    const [left, , , top] = GRID.rangeToBbox({ z: 3, minX: 2, maxX: 3, minY: 5, maxY: 6 });
    const { cellSize } = GRID.getMatrix(3);
    expect(raster.info.affine).toEqual([cellSize, 0, left, 0, -cellSize, top]);
    const { bands, validity } = await raster.readWindow({ x: 255, y: 255, width: 2, height: 2 }, { validity: true });
    expect(bands.map((band) => [...band])[0]).toEqual([20, 0, 0, 36]);
    expect([...(validity[0] ?? [])]).toEqual([1, 0, 0, 1]);
  });

  it("has the levels above as overviews of the same ground", async () => {
    const tiles = { "5/9/12": await painted(1), "4/4/6": await painted(2), "3/2/3": await painted(3) };
    await using raster = await openCacheRaster(await storeOf(tiles));
    expect(raster.info).toMatchObject({ width: 256, overviews: [] });
    const wider = { ...tiles, "5/10/12": await painted(4) };
    await using both = await openCacheRaster(await storeOf(wider));
    // The two lie in two tiles of the level above: the image reaches over all eight below those.
    expect(both.info).toMatchObject({ width: 1_024, height: 512, overviews: [{ width: 512, height: 256 }] });
    const red = async (overview: number, x: number, y: number) =>
      ((await both.readWindow({ x, y, width: 1, height: 1 }, { overview })).bands[0] as PixelArray)[0];
    expect(await red(0, 0, 0)).toBe(2);
    await using alone = await openCacheRaster(await storeOf(wider), { overviews: false });
    expect(alone.info).toMatchObject({ width: 512, height: 256, overviews: [] });
  });

  it("reads metres, NaN where there are none, and finds out how they are written", async () => {
    const tile = await heights((column, row) => (row === 0 ? Number.NaN : column * 2 + 0.5));
    for (const elevation of ["auto", "terrarium"] as const) {
      await using raster = await openCacheRaster(await storeOf({ "2/1/1": tile }), { elevation });
      expect(raster.info).toMatchObject({ mask: "nodata", bands: [{ type: "float32", unit: "metre" }] });
      expect((await pixelsOf(raster)).slice(254, 260)).toEqual([Number.NaN, Number.NaN, 0.5, 2.5, 4.5, 6.5]);
    }
    const colours = openCacheRaster(await storeOf({ "2/1/1": await painted(200) }), { elevation: "auto" });
    await expect(colours).rejects.toMatchObject({ code: "raster.unsupported" });
  });

  it("takes the level that is asked for, and refuses one without tiles", async () => {
    const tiles = { "2/1/1": await painted(2), "1/0/0": await painted(1) };
    await using raster = await openCacheRaster(await storeOf(tiles), { zoom: 1 });
    expect((await pixelsOf(raster))[0]).toBe(1);
    await expect(openCacheRaster(await storeOf(tiles), { zoom: 7 })).rejects.toThrow("got zooms 1, 2");
    await expect(openCacheRaster(await storeOf({}))).rejects.toThrow("got zooms none");
  });

  it("says which tile has another size", async () => {
    const small = await encodeImage({ width: 2, height: 2, data: new Uint8Array(16) }, { format: "png" });
    await using raster = await openCacheRaster(await storeOf({ "0/0/0": small }));
    await expect(pixelsOf(raster)).rejects.toThrow("256 x 256 px, got 2 x 2 at 0/0/0");
  });
});

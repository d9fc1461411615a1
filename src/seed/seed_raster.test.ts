import { describe, expect, it } from "vitest";
import { arrayRaster } from "../../test/support/array_raster.ts";
import { wrapStore } from "../../test/support/wrap_store.ts";
import { RasterSource, type RasterSourceOptions, type TileStore } from "../cache/index.ts";
import { bboxCoverage, getGrid } from "../grid/index.ts";
import { decodeElevation, decodeTile, type Raster } from "../raster/index.ts";
import { openStore } from "../store/index.ts";
import { seedRaster } from "./seed_raster.ts";
import { verifyStore } from "./verify_store.ts";

const GRID = getGrid("WebMercatorQuad");
const WORLD = 20_037_508.342789244;

/** The whole world in 2^zoom tiles, one pixel of the grid for each of the raster's: `of` is given its place. */
function world(zoom: number, of: (column: number, row: number) => number, type: "uint8" | "float32" = "uint8"): Raster {
  const side = 256 * 2 ** zoom;
  const cell = (2 * WORLD) / side;
  const values = Array.from({ length: side * side }, (_, i) => of(i % side, Math.floor(i / side)));
  return arrayRaster(side, [values], { type, crs: "EPSG:3857", affine: [cell, 0, -WORLD, 0, -cell, WORLD] });
}

const EVERYWHERE = bboxCoverage([-180, -85.05, 180, 85.05]);

async function seed(raster: Raster, store: TileStore, zooms: number[], options: Partial<RasterSourceOptions> = {}) {
  const source = new RasterSource(raster, { grid: GRID, name: "a.tif", threads: 1, ...options });
  try {
    return await seedRaster({ source, store, coverage: EVERYWHERE, zooms });
  } finally {
    await source.close();
  }
}

const newStore = (): Promise<TileStore> => openStore("memory:", { mode: "write", grid: GRID });

async function pixelsAt(store: TileStore, z: number, x: number, y: number) {
  return decodeTile((await store.get({ z, x, y })).data as Uint8Array);
}

describe("seedRaster", () => {
  it("gives the raster's own pixels on the deepest level, and means of four above it", async () => {
    const of = (column: number, row: number): number => (column + 3 * row) % 200;
    await using store = asDisposable(await newStore());
    const report = await seed(world(1, of), store.it, [0, 1], { resampling: "nearest" });
    expect(report).toMatchObject({ planned: 5, stored: 5, empty: 0, failed: 0, complete: true });
    const tile = await pixelsAt(store.it, 1, 1, 0);
    expect(Array.from(tile.data.subarray(0, 8))).toEqual([56, 56, 56, 255, 57, 57, 57, 255]);
    const top = await pixelsAt(store.it, 0, 0, 0);
    const mean = (of(20, 10) + of(21, 10) + of(20, 11) + of(21, 11)) / 4;
    expect(top.data[4 * (5 * 256 + 10)]).toBe(Math.round(mean));
    expect((await verifyStore(store.it)).whole).toBe(true);
  });

  it("writes heights, and means of heights", async () => {
    await using store = asDisposable(await newStore());
    await seed(
      world(1, (column, row) => column * 4 + row, "float32"),
      store.it,
      [0, 1],
      { elevation: "terrarium", resampling: "nearest" },
    );
    const metres = decodeElevation(await pixelsAt(store.it, 0, 0, 0), "terrarium");
    expect(metres[3 * 256 + 5]).toBe(10.5 * 4 + 6.5);
  });

  it("goes on from what is there, and makes nothing anew", async () => {
    await using store = asDisposable(await newStore());
    const raster = world(1, (column) => column % 256);
    await seed(raster, store.it, [1]);
    expect(await seed(raster, store.it, [0, 1])).toMatchObject({ planned: 5, present: 4, stored: 1, complete: true });
  });

  it("does not begin a level while the one below it is not whole", async () => {
    await using store = asDisposable(await newStore());
    let puts = 0;
    const failing = wrapStore(store.it, {
      find: (tile, options) => store.it.find(tile, options),
      putMany: async (writes) => {
        puts++;
        return store.it.putMany(writes);
      },
    });
    const broken = world(1, (column) => column % 256);
    await broken.close();
    const report = await seed(broken, failing, [0, 1]);
    expect(report).toMatchObject({ planned: 5, failed: 4, cancelled: 1, stored: 0, complete: false });
    expect(puts).toBe(0);
    expect((await store.it.listTasks())[0]?.report).toContain('"failed":4');
  });

  it("warps levels that no other one halves", async () => {
    await using store = asDisposable(await newStore());
    const report = await seed(
      world(2, (column) => Math.min(255, column >> 2)),
      store.it,
      [0, 2],
      { resampling: "average" },
    );
    expect(report).toMatchObject({ planned: 17, stored: 17 });
    expect((await pixelsAt(store.it, 0, 0, 0)).data[4 * (128 * 256 + 100)]).toBe(100);
  });

  it("stretches what are not bytes, and refuses them else", async () => {
    const raster = world(0, (column) => column * 10, "float32");
    expect(() => new RasterSource(raster, { grid: GRID, name: "a" })).toThrow("--stretch least,most");
    expect(() => new RasterSource(raster, { grid: GRID, name: "a", stretch: [1, 1] })).toThrow("a greater one");
    await using store = asDisposable(await newStore());
    await seed(raster, store.it, [0], { stretch: [0, 2_550], resampling: "nearest" });
    expect((await pixelsAt(store.it, 0, 0, 0)).data[4 * 77]).toBe(77);
  });

  it("finds the zoom of a raster's resolution", () => {
    const at = (zoom: number) =>
      new RasterSource(
        world(zoom, () => 1),
        { grid: GRID, name: "a" },
      ).nativeZoom;
    expect([at(0), at(1), at(2)]).toEqual([0, 1, 2]);
  });
});

function asDisposable(it: TileStore): { it: TileStore } & AsyncDisposable {
  return { it, [Symbol.asyncDispose]: () => it.close() };
}

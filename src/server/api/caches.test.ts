import { expect, test } from "vitest";
import { z } from "zod";
import { getGrid } from "../../grid/index.ts";
import { openStore, type TileWrite } from "../../store/index.ts";
import { noiseTiles } from "../../../test/origin/index.ts";
import { pngTile } from "../../../test/support/png_tile.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { TestApi } from "../fixtures/api_server.ts";
import { cacheShape, coverageShape, crsShape, sourceShape, statusShape, tileInfoShape } from "./shapes.ts";

const folder = useTempFolder();

async function archive(name: string, grid: string, writes: TileWrite[]): Promise<string> {
  const path = folder.path(name);
  const store = await openStore(path, { mode: "write", grid: getGrid(grid), metadata: { title: "Some tiles" } });
  await store.putMany(writes);
  await store.close();
  return path;
}

const put = async (z: number, x: number, y: number): Promise<TileWrite> => ({
  kind: "tile",
  tile: { z, x, y },
  data: await pngTile({ z, x, y }),
  fetchedAtMs: 1_700_000_000_000,
  etag: '"abc"',
  sourceId: "https://tiles.example/{z}/{x}/{y}.png?key=***",
});

test("a cache is described with its grid and a CRS that proj4 can read", async () => {
  const path = await archive("swiss.gpkg", "EPSG:2056", [await put(3, 1, 1)]);
  await using api = await TestApi.start({ folder: folder.path("."), files: [path] });
  const { caches } = await api.get("/api/caches", z.object({ caches: z.array(cacheShape) }));
  const [swiss] = caches;
  expect(swiss).toMatchObject({ name: "swiss", minZoom: 3, maxZoom: 3, live: false, source: null });
  const level = getGrid("EPSG:2056").getMatrix(3);
  expect(swiss?.grid.levels[3]).toMatchObject({ z: 3, cellSize: level.cellSize, origin: [...level.pointOfOrigin] });
  expect(swiss?.crs).toMatchObject({ code: "EPSG:2056", axisOrder: "xy", kind: "projected" });
  expect(swiss?.crs.proj).toMatch(/^\+proj=somerc .*\+lat_0=46\.95/);
  // The Federal Office of Topography's area: 2.48 to 2.84 million east, 1.07 to 1.30 million north.
  const [west = 0, south = 0, east = 0, north = 0] = swiss?.crs.extent ?? [];
  expect([west < 2_490_000, south < 1_080_000, east > 2_830_000, north > 1_290_000]).toEqual([true, true, true, true]);
  expect(await api.get("/api/caches/swiss", cacheShape)).toEqual(swiss);
  expect((await api.fetch("/api/caches/none")).status).toBe(404);
});

test("coordinate systems are found by words and by code, grids and sources are listed", async () => {
  await using api = await TestApi.start({ folder: folder.path(".") });
  const found = await api.get(
    "/api/crs?query=swiss%20lv95",
    z.object({ systems: z.array(z.object({ code: z.string() })) }),
  );
  const swiss = await api.get("/api/crs?query=2056", z.object({ systems: z.array(z.object({ code: z.string() })) }));
  expect([...found.systems, ...swiss.systems].map(({ code }) => code)).toContain("EPSG:2056");
  expect(await api.get("/api/crs/EPSG:3035", crsShape)).toMatchObject({ axisOrder: "yx" });
  expect((await api.fetch("/api/crs/EPSG:1")).status).toBe(400);
  const { sources } = await api.get("/api/sources", z.object({ sources: z.array(sourceShape) }));
  expect(sources.find(({ name }) => name === "noise")).toMatchObject({ kind: "config", maxZoom: 12 });
  // What its terms forbid is not on offer.
  expect(sources.every(({ bulk }) => bulk !== "forbidden")).toBe(true);
  expect(await api.get("/api/status", statusShape)).toMatchObject({ role: "operator", jobs: true });
});

test("the status tells what was served since the start", async () => {
  await using api = await TestApi.start({ folder: folder.path("."), caches: () => ({ live: {} }) });
  const size = (await (await api.fetch("/tiles/live/2/1/1")).arrayBuffer()).byteLength;
  await (await api.fetch("/tiles/live/2/1/1")).arrayBuffer();
  await api.fetch("/tiles/live/99/0/0");
  const { served } = await api.get("/api/status", statusShape);
  expect(served).toMatchObject({ tiles: { hit: 1, fetched: 1, enlarged: 0, missing: 0 }, requests: 3, failed: 0 });
  expect(served.tileMs?.p99).toBeGreaterThanOrEqual(served.tileMs?.p50 ?? NaN);
  // Two tiles and an error, with their headers.
  expect(served.sentBytes - 2 * size).toBeGreaterThan(300);
  expect(served.sentBytes - 2 * size).toBeLessThan(3000);
});

test("coverage counts what is there, empty, stale and missing, in cells", async () => {
  const now = Date.now();
  const fresh = async (x: number, y: number): Promise<TileWrite> => ({ ...(await put(8, x, y)), fetchedAtMs: now });
  await archive("live.gpkg", "WebMercatorQuad", [
    await fresh(0, 0),
    await fresh(1, 1),
    { kind: "empty", tile: { z: 8, x: 2, y: 0 }, fetchedAtMs: now },
    await put(8, 255, 255),
  ]);
  const caches = () => ({ live: { maxAge: "1d" } });
  await using api = await TestApi.start({ folder: folder.path("."), caches });
  const all = await api.get("/api/caches/live/coverage/8?minX=0&minY=0&maxX=255&maxY=255", coverageShape);
  expect(all).toMatchObject({ z: 8, step: 4, columns: 64, rows: 64, minX: 0, minY: 0 });
  expect([all.present[0], all.empty[0], all.stale[4095]]).toEqual([2, 1, 1]);
  expect(all.present.reduce((sum, count) => sum + count, 0)).toBe(2);
  const close = await api.get("/api/caches/live/coverage/8?minX=1&minY=0&maxX=2&maxY=1", coverageShape);
  expect(close).toMatchObject({ step: 1, columns: 2, rows: 2, present: [0, 0, 1, 0], empty: [0, 1, 0, 0] });
  // Beyond the level's edge there is nothing to count.
  const edge = await api.get("/api/caches/live/coverage/0?minX=0&minY=0&maxX=9&maxY=9", coverageShape);
  expect(edge).toMatchObject({ columns: 1, rows: 1 });
  const tooMany = await api.fetch("/api/caches/live/coverage/12?minX=0&minY=0&maxX=2047&maxY=2047");
  expect([tooMany.status, await tooMany.json()]).toMatchObject([400, { error: { code: "coverage.tooLarge" } }]);
  expect((await api.fetch("/api/caches/live/coverage/8?minX=3&minY=0&maxX=2&maxY=1")).status).toBe(400);
  expect((await api.fetch("/api/caches/live/coverage/8?minX=a&minY=0&maxX=2&maxY=1")).status).toBe(400);
});

test("a tile tells what is known of it, without its key", async () => {
  const path = await archive("world.gpkg", "WebMercatorQuad", [
    await put(2, 1, 0),
    { kind: "empty", tile: { z: 2, x: 3, y: 3 }, fetchedAtMs: 1_700_000_000_000 },
  ]);
  await using api = await TestApi.start({ folder: folder.path("."), files: [path] });
  const info = await api.get("/api/caches/world/tiles/2/1/0", tileInfoShape);
  expect(info).toMatchObject({ state: "present", mediaType: "image/png", etag: '"abc"', failure: null });
  expect(info.sourceUrl).toBe("https://tiles.example/2/1/0.png?key=***");
  expect(info.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(info.sizeBytes).toBe((await pngTile({ z: 2, x: 1, y: 0 })).byteLength);
  expect(info.bounds.map((degree) => Math.round(degree * 100) / 100)).toEqual([-90, 66.51, 0, 85.05]);
  expect(await api.get("/api/caches/world/tiles/2/3/3", tileInfoShape)).toMatchObject({ state: "empty", sizeBytes: 0 });
  expect(await api.get("/api/caches/world/tiles/2/0/0", tileInfoShape)).toMatchObject({ state: "missing", etag: null });
  expect((await api.fetch("/api/caches/world/tiles/2/4/0")).status).toBe(404);
});

test("a failed tile is told as one, by the picture and by itself, until it is there", async () => {
  let broken = true;
  const noise = await noiseTiles();
  const tiles: typeof noise = (z, x, y, scale) =>
    broken && x === 1 && y === 2 ? { data: Buffer.from("<html>"), mimeType: "text/html" } : noise(z, x, y, scale);
  await using api = await TestApi.start({ folder: folder.path("."), origin: { tiles } });
  const wanted = { source: "noise", bbox: [-180, -85, 180, 85], zooms: [2], store: "part.gpkg", retries: 0 };
  const { body } = await api.post("/api/jobs", wanted);
  const { id } = z.object({ id: z.string() }).parse(body);
  const state = async (): Promise<string> => (await api.get(`/api/jobs/${id}`, z.object({ state: z.string() }))).state;
  await expect.poll(state, { timeout: 10_000 }).toBe("incomplete");
  const coverage = "/api/caches/part/coverage/2?minX=0&minY=0&maxX=3&maxY=3";
  const shown = await api.get(coverage, coverageShape);
  expect([shown.failed[9], shown.present.reduce((sum, count) => sum + count, 0)]).toEqual([1, 15]);
  const info = await api.get("/api/caches/part/tiles/2/1/2", tileInfoShape);
  expect(info).toMatchObject({ state: "failed", failure: { code: "tile.notImage" } });
  broken = false;
  await api.post(`/api/jobs/${id}/retry`);
  await expect.poll(state, { timeout: 10_000 }).toBe("done");
  expect((await api.get("/api/caches/part/tiles/2/1/2", tileInfoShape)).state).toBe("present");
  expect((await api.get(coverage, coverageShape)).failed[9]).toBe(0);
});

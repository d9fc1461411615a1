import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { bboxCoverage, webMercatorQuad, worldCrs84Quad } from "../grid/index.ts";
import { openMemoryStore } from "../store/index.ts";
import { FakeClock } from "../../test/support/fake_clock.ts";
import { bytesAnswer, EMPTY_ANSWER, FakeSource, tileAnswer } from "../../test/support/fake_source.ts";
import { pngTile } from "../../test/support/png_tile.ts";
import { MapService } from "./map_service.ts";

const grid = webMercatorQuad();

function service(source: FakeSource | null = new FakeSource(), clock?: FakeClock) {
  return new MapService({ store: openMemoryStore({ grid: source?.info.grid ?? grid }), source, clock });
}

/** The world on zoom 2 with one tile missing. */
const pictures = (): FakeSource =>
  new FakeSource({
    answer: async (tile) => (tile.x === 1 && tile.y === 2 ? EMPTY_ANSWER : bytesAnswer(await pngTile(tile))),
  });

describe("MapService.seedTiles", () => {
  test("fills an area, keeps the task in the store and shows its status meanwhile", async () => {
    const seen: unknown[] = [];
    const maps = service(
      new FakeSource({
        answer: (tile) => {
          if (tile.z === 2 && seen.length === 0) seen.push(...maps.status.seeding);
          return tileAnswer(tile);
        },
      }),
    );
    const report = await maps.seedTiles({ bbox: [-180, -85, 180, 85], zooms: [2, 0, 1, 2] });
    expect(report).toMatchObject({ planned: 21, stored: 21, complete: true });
    expect(seen).toMatchObject([{ planned: 21, state: "running" }]);
    expect(maps.status).toEqual({ seeding: [], cancelled: false });
    const [task] = await maps.cache.store.listTasks();
    expect(JSON.parse(task?.report ?? "")).toMatchObject({ complete: true });
  });

  test.each([
    [{ zooms: [1] }, "argument.invalid"],
    [{ bbox: [0, 0, 0, 1] as const, zooms: [1] }, "bbox.invalid"],
    [{ bbox: [0, 0, 1, 1] as const, zooms: [31] }, "grid.level"],
    [{ bbox: [0, 0, 1, 1] as const, zooms: [] }, "coverage.invalid"],
    [{ coverage: bboxCoverage([0, 86, 1, 89]), zooms: [3] }, "coverage.invalid"],
  ])("refuses %j with %s and leaves no task", async (request, code) => {
    const maps = service();
    await expect(maps.seedTiles(request)).rejects.toMatchObject({ code });
    expect(maps.status.seeding).toEqual([]);
    expect(await maps.cache.store.listTasks()).toEqual([]);
  });

  test("that is cancelled keeps what came, and later calls are refused", async () => {
    const source = new FakeSource({ answer: (tile) => (tile.z < 2 ? tileAnswer(tile) : "hang") });
    const maps = service(source);
    const seeding = maps.seedTiles({ bbox: [-180, -85, 180, 85], zooms: [0, 1, 2] });
    while (source.inFlight < 8) await new Promise(setImmediate);
    maps.cancel("enough");
    expect(await seeding).toMatchObject({ stored: 5, cancelled: 16, stopped: "cancelled" });
    expect(maps.status).toEqual({ seeding: [], cancelled: true });
    const later = { code: "cancelled", message: "enough" };
    await expect(maps.getTile({ z: 0, x: 0, y: 0 })).rejects.toMatchObject(later);
    await expect(maps.getImage([0, 0, 1, 1], 1)).rejects.toMatchObject(later);
    await expect(maps.bboxRequest([0, 0, 1, 1], 100)).rejects.toMatchObject(later);
    await expect(maps.seedTiles({ bbox: [0, 0, 1, 1], zooms: [1] })).rejects.toMatchObject(later);
    await expect(Array.fromAsync(maps.getTiles([{ z: 0, x: 0, y: 0 }]))).rejects.toMatchObject(later);
  });

  test("obeys the caller's signal as well", async () => {
    const controller = new AbortController();
    const source = new FakeSource({ answer: () => "hang" });
    const maps = service(source);
    const seeding = maps.seedTiles({ bbox: [0, 0, 1, 1], zooms: [1], signal: controller.signal });
    while (source.inFlight === 0) await new Promise(setImmediate);
    controller.abort();
    expect(await seeding).toMatchObject({ stopped: "cancelled" });
    expect(maps.status.cancelled).toBe(false);
  });
});

describe("MapService.getTile", () => {
  test("judges the age of a tile by the service's clock", async () => {
    const clock = new FakeClock();
    const source = new FakeSource();
    const maps = new MapService({ store: openMemoryStore({ grid }), source, maxAgeMs: 1000, clock });
    await maps.getTile({ z: 0, x: 0, y: 0 });
    await clock.advance(1000);
    await maps.getTile({ z: 0, x: 0, y: 0 });
    expect(source.asked).toHaveLength(1);
    await clock.advance(1);
    expect((await maps.getTile({ z: 0, x: 0, y: 0 })).fetchedAtMs).toBe(clock.now());
    expect(source.asked).toHaveLength(2);
  });

  test("after the close is refused, and source and store are closed once", async () => {
    const source = new FakeSource();
    await using maps = service(source);
    await maps.close();
    await expect(maps.getTile({ z: 0, x: 0, y: 0 })).rejects.toMatchObject({ code: "cancelled" });
    expect(source.closed).toBe(1);
  });
});

describe("MapService.getImage", () => {
  test("gives the pixels that sharp gives when it puts the same tiles together", async () => {
    const maps = service(pictures());
    // Zoom 2, tiles 0..2 x 1..2, cut off at whole pixels.
    const pixel = grid.getMatrix(2).cellSize;
    const [left, top, width, height] = [100, 300, 500, 400];
    const toLonLat = (x: number, y: number): [number, number] =>
      grid.crs.toLonLat(grid.bbox[0] + x * pixel, grid.bbox[3] - y * pixel);
    const [west, north] = toLonLat(left, top);
    const [east, south] = toLonLat(left + width, top + height);
    const image = await maps.getImage([west, south, east, north], 2);
    const layers = [0, 1, 2]
      .flatMap((x) => [1, 2].map((y) => ({ z: 2, x, y })))
      .filter(({ x, y }) => x !== 1 || y !== 2);
    const composite = sharp({ create: { width: 1024, height: 1024, channels: 4, background: "#00000000" } }).composite(
      await Promise.all(
        layers.map(async (tile) => ({
          input: Buffer.from(await pngTile(tile)),
          left: tile.x * 256,
          top: tile.y * 256,
        })),
      ),
    );
    const whole = await composite.png().toBuffer();
    const expected = await sharp(whole).extract({ left, top, width, height }).raw().toBuffer();
    expect([image.width, image.height]).toEqual([width, height]);
    expect(Buffer.compare(Buffer.from(image.data), expected)).toBe(0);
    expect(image.tiles).toEqual({ asked: 6, missing: 1 });
    expect(image.crs).toBe("EPSG:3857");
    const [a, b, c, d, e, f] = image.affine;
    expect([a, b, d, e]).toEqual([pixel, 0, 0, -pixel]);
    expect(c).toBeCloseTo(grid.bbox[0] + left * pixel, 5);
    expect(f).toBeCloseTo(grid.bbox[3] - top * pixel, 5);
  });

  test("refuses boxes across the antimeridian, outside of the grid and too large", async () => {
    const maps = service(null);
    await expect(maps.getImage([170, 0, -170, 10], 2)).rejects.toMatchObject({ code: "bbox.invalid" });
    await expect(maps.bboxRequest([170, 0, -170, 10], 200)).rejects.toMatchObject({ code: "bbox.invalid" });
    await expect(maps.getImage([0, 86, 10, 89], 2)).rejects.toMatchObject({ code: "bbox.invalid" });
    await expect(maps.getImage([-180, -85, 180, 85], 6)).rejects.toMatchObject({ code: "argument.invalid" });
    await expect(maps.getImage([0, 0, 1, 1], 31)).rejects.toMatchObject({ code: "grid.level" });
  });
});

describe("MapService.bboxRequest", () => {
  test.each([
    [256, 256],
    [257, 512],
    [512, 512],
    [100, 256],
  ])("for a world %i pixels wide chooses the zoom of %i", async (width, expected) => {
    const image = await service(null).bboxRequest([-180, -85, 180, 85], width);
    expect(image.width).toBe(expected);
  });

  test("stays within the zooms that the source has", async () => {
    const source = new FakeSource({ answer: () => EMPTY_ANSWER, info: { minZoom: 2, maxZoom: 3 } });
    const maps = service(source);
    expect((await maps.bboxRequest([-180, -85, 180, 85], 100)).width).toBe(1024);
    expect((await maps.bboxRequest([-180, -85, 180, 85], 4000)).width).toBe(2048);
  });

  test("works in degrees as well", async () => {
    const source = new FakeSource({ answer: () => EMPTY_ANSWER, grid: worldCrs84Quad() });
    const image = await service(source).bboxRequest([-180, -90, 180, 90], 1024);
    expect([image.width, image.height, image.crs]).toEqual([1024, 512, "OGC:CRS84"]);
    expect(image.bbox).toEqual([-180, -90, 180, 90]);
  });

  test.each([0, -5, Number.NaN, Infinity])("refuses a width of %d", async (width) => {
    await expect(service(null).bboxRequest([0, 0, 1, 1], width)).rejects.toMatchObject({ code: "argument.invalid" });
  });
});

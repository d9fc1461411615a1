import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { startOrigin, type FaultPlan, type Origin, type OriginOptions } from "../../test/origin/index.ts";
import { cutShort, useLoopback, type LoopbackAnswer } from "../../test/support/loopback.ts";
import { pngTile } from "../../test/support/png_tile.ts";
import { kindsOf } from "../../test/support/start_warp.ts";
import { makeGrid, tileToText, type TileCoord } from "../grid/index.ts";
import { decodeTile, encodeTile } from "../raster/index.ts";
import { openSource, type SettledTile } from "../source/index.ts";
import { openMemoryStore } from "../store/index.ts";
import { ReprojectedSource, type ReprojectOptions } from "./reprojected_source.ts";
import { TileCache } from "./tile_cache.ts";

/** Europe; on level 0 33 x 27 tiles of 600 m, from row 12 on made of level 8 of web mercator. */
const grid = makeGrid({ crs: "EPSG:3035", bbox: [2_500_000, 1_500_000, 7_500_000, 5_500_000], resolutions: [600] });
const kit = useLoopback();
const origins: Origin[] = [];
const opened: ReprojectedSource[] = [];
let body = new Uint8Array();

beforeAll(async () => {
  body = await pngTile({ z: 0, x: 3, y: 7 });
});

afterEach(async () => {
  for (const source of opened.splice(0)) await source.close();
  for (const origin of origins.splice(0)) await origin.close();
});

/** A square of tiles in row order. */
function block(side: number, left = 8, top = 12): TileCoord[] {
  return Array.from({ length: side * side }, (_, i) => {
    return { z: 0, x: left + (i % side), y: top + Math.floor(i / side) };
  });
}

interface Setup extends Partial<OriginOptions> {
  concurrency?: number;
  options?: Partial<ReprojectOptions>;
}

/** A source over HTTP with fresh caches, and the service behind it. */
async function open({ concurrency = 8, options, ...more }: Setup = {}) {
  const origin = await startOrigin({ tiles: () => ({ data: body, mimeType: "image/png" }), ...more });
  origins.push(origin);
  const client = kit.client({ defaultPolicy: { concurrency, breaker: { threshold: 0.95 } } });
  const upstream = await openSource(origin.template, { client, timeoutMs: 300, maxZoom: 12 });
  const source = new ReprojectedSource(upstream, { grid, threads: 2, ...options });
  opened.push(source);
  return { origin, source };
}

/** Makes `tiles` and keeps how each ended. */
async function make(
  source: ReprojectedSource,
  tiles: readonly TileCoord[],
  { signal = new AbortController().signal, maxRetries = 8 }: { signal?: AbortSignal; maxRetries?: number } = {},
) {
  const settled = new Map<string, SettledTile>();
  let count = 0;
  const batches = (async function* () {
    for (let at = 0; at < tiles.length; at += 24) yield tiles.slice(at, at + 24).map((tile) => ({ tile }));
  })();
  const how = await source.makeTiles({
    batches,
    settle: ({ tile }, outcome) => {
      count += 1;
      settled.set(tileToText(tile), outcome);
    },
    signal,
    retry: { baseMs: 5, maxMs: 20, maxRetries },
  });
  return { how, settled, count };
}

function bytesOf(settled: ReadonlyMap<string, SettledTile>, tile: TileCoord): Uint8Array | null {
  const outcome = settled.get(tileToText(tile));
  return outcome !== undefined && "result" in outcome && outcome.result.kind === "tile" ? outcome.result.data : null;
}

describe("a ReprojectedSource over a healthy service", () => {
  test("makes whole tiles of the grid's size; each source tile is asked for and decoded once", async () => {
    const { origin, source } = await open();
    const { how, settled, count } = await make(source, block(6));
    expect([how, count, settled.size]).toEqual(["done", 36, 36]);
    expect(kindsOf(settled)).toEqual({ tile: 36 });
    for (const tile of block(6)) {
      const image = await decodeTile(bytesOf(settled, tile) ?? new Uint8Array());
      expect([image.width, image.height]).toEqual([256, 256]);
      // The source has colour everywhere: nothing of it is lost at seams.
      expect(image.data.every((value, i) => i % 4 !== 3 || value === 255)).toBe(true);
    }
    expect(Math.max(...origin.requests.byPath.values())).toBe(1);
    expect(source.stats.decodes).toBe(origin.requests.total);
  });

  test("makes the same bytes of a tile alone as among others, by one thread as by four", async () => {
    const tiles = block(5);
    const made = await make((await open({ options: { threads: 4 } })).source, tiles);
    const alone = (await open({ options: { threads: 1 } })).source;
    for (const tile of [tiles[0], tiles[13], tiles[24]]) {
      if (tile === undefined) throw new Error("expected a tile");
      const answer = await alone.fetchTile(tile);
      expect(
        answer.kind === "tile" && Buffer.compare(answer.data, bytesOf(made.settled, tile) ?? new Uint8Array()),
      ).toBe(0);
    }
  });

  test.each([
    ["png", { format: "png" }],
    ["jpeg", { format: "jpeg" }],
    ["webp", { format: "webp" }],
    ["jpeg", { format: "mixed" }],
  ] as const)("writes %s when told %j", async (format, encoding) => {
    const { source } = await open({ options: { encoding } });
    expect(source.info.format).toBe(encoding.format === "mixed" ? null : format);
    expect(await source.fetchTile({ z: 0, x: 9, y: 13 })).toMatchObject({ kind: "tile", format });
  });

  test("empty sources make empty tiles, and a border of both is clear where nothing is", async () => {
    // Level 8 of web mercator: column 135 holds 9.8 to 11.3 degrees east.
    const tiles: OriginOptions["tiles"] = (_z, x) => (x < 135 ? null : { data: body, mimeType: "image/png" });
    const { source } = await open({ tiles });
    const { settled } = await make(source, block(6, 7, 14));
    const kinds = kindsOf(settled);
    expect(Object.keys(kinds).toSorted()).toEqual(["empty", "tile"]);
    expect(settled.get("0/7/16")).toMatchObject({ result: { kind: "empty" } });
    const clear = [...settled.values()].filter((outcome) => "result" in outcome && outcome.result.kind === "tile");
    const images = await Promise.all(
      clear.map(async (outcome) =>
        "result" in outcome && outcome.result.kind === "tile" ? decodeTile(outcome.result.data) : null,
      ),
    );
    const mixed = images.filter((image) => image?.data.some((value, i) => i % 4 === 3 && value === 0));
    expect(mixed.length).toBeGreaterThan(0);
    for (const image of images) expect(image?.data.some((value, i) => i % 4 === 3 && value === 255)).toBe(true);
  });
});

describe("a ReprojectedSource over a service full of faults", () => {
  const faults: FaultPlan = {
    seed: 1,
    status500: 0.1,
    cut: 0.06,
    reset: 0.05,
    html: 0.05,
    emptyBody: 0.04,
    hang: 0.01,
  };

  test.each([2, 3, 4, 6, 8, 12, 16, 20, 26, 32])("at %i requests at a time loses none", async (concurrency) => {
    const { source } = await open({ concurrency, faults: { ...faults, seed: concurrency, permanent500: 0.02 } });
    const { how, settled, count } = await make(source, block(5, 10, 12));
    expect([how, count]).toEqual(["done", 25]);
    expect(new Set(settled.keys())).toEqual(new Set(block(5, 10, 12).map(tileToText)));
    // One of fifty source tiles answers 500 for ever; nothing else may fail.
    const { tile = 0, "http.status": refused = 0 } = kindsOf(settled);
    expect(tile + refused).toBe(25);
    expect(tile).toBeGreaterThan(0);
    for (const outcome of settled.values())
      if ("error" in outcome)
        expect(outcome).toMatchObject({ error: { fields: { status: 500, sourceTile: { z: 8 } } } });
  });

  test("makes the very same tiles as of a healthy one", async () => {
    const clean = await make((await open()).source, block(4));
    const faulty = await make((await open({ faults })).source, block(4));
    for (const tile of block(4))
      expect(Buffer.compare(bytesOf(faulty.settled, tile) ?? body, bytesOf(clean.settled, tile) ?? body)).toBe(0);
  });

  test("a source tile whose pixels are damaged fails its tiles by name of the format, and only those", async () => {
    // Whole by its structure; the damage shows only when it is decoded.
    const broken = Uint8Array.from(body);
    broken.fill(0, 60, broken.length - 24);
    const tiles: OriginOptions["tiles"] = (_z, x, y) => ({
      data: x === 135 && y === 84 ? broken : body,
      mimeType: "image/png",
    });
    const { source } = await open({ tiles });
    const { settled } = await make(source, block(5, 9, 14));
    const { tile = 0, "tile.truncated": failed = 0 } = kindsOf(settled);
    expect(tile + failed).toBe(25);
    expect(failed).toBeGreaterThan(0);
    expect(failed).toBeLessThan(16);
  });

  test("a cancel at any instant rejects within a second and leaves no request open", async () => {
    for (const delayMs of [0, 10, 40, 90, 160, 300]) {
      const { origin, source } = await open({ latencyMs: 20, concurrency: 4 });
      const controller = new AbortController();
      const making = make(source, block(10), { signal: controller.signal });
      const timer = setTimeout(() => controller.abort(), delayMs);
      const before = performance.now() + delayMs;
      await expect(making).rejects.toMatchObject({ code: "cancelled" });
      clearTimeout(timer);
      expect(performance.now() - before).toBeLessThan(1000);
      expect(source.hosts.map(({ status }) => status.inFlight)).toEqual([0]);
      // What was on its way when the signal came still arrives there.
      await delay(30);
      const asked = origin.requests.total;
      await delay(60);
      expect(origin.requests.total).toBe(asked);
      // The source is still good for the next run.
      expect((await make(source, block(2))).count).toBe(4);
    }
  });
});

describe("TileCache over a ReprojectedSource", () => {
  const tile = { z: 0, x: 9, y: 13 };

  test("makes a missing tile once and keeps it; neighbours ask only for what is new", async () => {
    const { origin, source } = await open();
    const cache = new TileCache({ source, store: openMemoryStore({ grid }) });
    const answers = await Promise.all(Array.from({ length: 50 }, () => cache.getTile(tile)));
    expect(new Set(answers.map(({ data }) => data?.length)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: "present", sourceId: source.info.id });
    const first = origin.requests.total;
    await cache.getTile(tile);
    expect(origin.requests.total).toBe(first);
    for (const x of [10, 11, 12]) await cache.getTile({ ...tile, x });
    expect(origin.requests.total).toBeGreaterThan(first);
    expect(Math.max(...origin.requests.byPath.values())).toBe(1);
  });

  test("neighbours that are asked for at the same moment all come, however few requests are allowed", async () => {
    const { source } = await open({ concurrency: 1 });
    const cache = new TileCache({ source, store: openMemoryStore({ grid }) });
    const answers = await Promise.all(block(3).map((wanted) => cache.getTile(wanted)));
    expect(answers.map(({ status }) => status)).toEqual(block(3).map(() => "present"));
  });

  test("says missing where there is nothing, and passes a cancel on", async () => {
    const { source } = await open({ tiles: () => null });
    const cache = new TileCache({ source, store: openMemoryStore({ grid }) });
    await expect(cache.getTile(tile)).rejects.toMatchObject({ code: "tile.missing" });
    const controller = new AbortController();
    const asking = cache.getTile({ ...tile, x: 20 }, { signal: controller.signal });
    controller.abort();
    await expect(asking).rejects.toMatchObject({ code: "cancelled" });
  });

  test("after a failure the next one who asks gets the tile", async () => {
    let up = false;
    const tiles: OriginOptions["tiles"] = () => ({
      data: up ? body : new TextEncoder().encode("no"),
      mimeType: "image/png",
    });
    const { source } = await open({ tiles });
    const cache = new TileCache({ source, store: openMemoryStore({ grid }) });
    const failed = await make(source, [tile], { maxRetries: 0 });
    expect(kindsOf(failed.settled)).toEqual({ "tile.notImage": 1 });
    up = true;
    expect(await cache.getTile(tile)).toMatchObject({ status: "present" });
  });
});

/** What `test/conformance/tile_source.ts` asks of every source, as far as it holds for one that makes its bytes itself. */
describe("TileSource: reprojected", () => {
  const tile = { z: 0, x: 9, y: 13 };

  async function over(answer: LoopbackAnswer) {
    const origin = await kit.origin();
    origin.onAny(answer);
    const upstream = await openSource(origin.url("/{z}/{x}/{y}.png"), { client: kit.client(), maxZoom: 12 });
    const source = new ReprojectedSource(upstream, { grid, threads: 1 });
    opened.push(source);
    return { origin, source };
  }

  test("hands out a tile whole, which belongs to the caller and keeps nothing else alive", async () => {
    const { source } = await over({ body });
    const first = await source.fetchTile(tile);
    if (first.kind !== "tile") throw new Error("expected a tile");
    expect(first.data.buffer.byteLength - first.data.byteLength).toBeLessThanOrEqual(4096);
    const copy = Uint8Array.from(first.data);
    first.data.fill(0);
    expect(await source.fetchTile(tile)).toMatchObject({ kind: "tile", data: copy, etag: null, lastModified: null });
  });

  test.each([204, 404, 410])("takes status %i of every source tile as empty", async (status) => {
    const { source } = await over({ status });
    expect(await source.fetchTile(tile)).toEqual({ kind: "empty" });
  });

  test.each([400, 401, 403])("takes status %i as an error that names the source tile", async (status) => {
    const { source } = await over({ status });
    await expect(source.fetchTile(tile)).rejects.toMatchObject({
      code: "http.status",
      fields: { status, sourceTile: { z: 8 } },
      message: expect.stringMatching(/^source tile 8\//),
    });
  });

  test("never hands out a tile of a source tile that is cut short", async () => {
    const { source } = await over(cutShort(body.subarray(0, -200), body.length));
    const { settled } = await make(source, [tile], { maxRetries: 0 });
    expect(kindsOf(settled)).toEqual({ "http.truncated": 1 });
  });

  test("describes itself completely, with the levels of its own grid", async () => {
    const { info, accuracyM } = (await over({ body })).source;
    expect(info).toMatchObject({ minZoom: 0, maxZoom: grid.maxZ, grid, format: "png" });
    expect(info.id).toContain("#warp=bilinear&format=png");
    expect([info.kind, info.title]).not.toContain("");
    expect(accuracyM === null || accuracyM >= 0).toBe(true);
  });

  test("starts nothing for a signal that is aborted already", async () => {
    const { source, origin } = await over({ body });
    await expect(source.fetchTile(tile, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
    expect(origin.requests).toEqual([]);
  });

  test.each([
    [{ encoding: { format: "png", effort: 0 } }, "argument.invalid"],
    [{ encoding: { format: "jpeg", quality: Number.NaN } }, "argument.invalid"],
  ] as const)("is not made with %j", async (options, code) => {
    const upstream = await openSource("http://127.0.0.1:9/{z}/{x}/{y}.png", { client: kit.client(), maxZoom: 3 });
    expect(() => new ReprojectedSource(upstream, { grid, ...options })).toThrowError(expect.objectContaining({ code }));
  });

  test("of elevation is PNG whatever was asked, and flat ground stays flat", async () => {
    // 0 m in the terrarium encoding.
    const data = new Uint8Array(256 * 256 * 4).map((_, i) => [128, 0, 0, 255][i % 4] ?? 0);
    const ground = await encodeTile({ width: 256, height: 256, channels: 4, data }, { format: "png" });
    const { origin } = await over({ body });
    origin.onAny({ body: ground.data });
    const upstream = await openSource(origin.url("/{z}/{x}/{y}.png"), { client: kit.client(), maxZoom: 12 });
    const source = new ReprojectedSource(upstream, {
      grid,
      elevation: "terrarium",
      encoding: { format: "jpeg" },
      threads: 1,
    });
    opened.push(source);
    const answer = await source.fetchTile(tile);
    expect(source.info.format).toBe("png");
    if (answer.kind !== "tile") throw new Error("expected a tile");
    expect(answer.format).toBe("png");
    const image = await decodeTile(answer.data);
    expect(Buffer.compare(image.data, data)).toBe(0);
  });
});

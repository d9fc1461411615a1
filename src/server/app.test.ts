import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoredTile, TileCache } from "../cache/index.ts";
import { silentLogger } from "../core/index.ts";
import { createApp, type ServerOptions } from "./app.ts";
import { memoryCache } from "./fixtures/memory_cache.ts";
import { CacheRegistry } from "./served_cache.ts";

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const FETCHED_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

let registry: CacheRegistry;
let app: FastifyInstance;

async function publish(name: string, data: Uint8Array = PNG): Promise<TileCache> {
  const named = { title: "A world", attribution: "© somebody", fetchedAtMs: FETCHED_MS };
  const served = await memoryCache(name, { z: 2, x: 1, y: 0 }, data, named);
  registry.put(served);
  return served.cache;
}

async function start(options: Partial<ServerOptions> = {}): Promise<void> {
  app = await createApp({ registry, logger: silentLogger, ...options });
}

beforeEach(async () => {
  registry = new CacheRegistry();
  await publish("world");
});

afterEach(async () => {
  await app.close();
  await registry.close();
});

describe("a tile", () => {
  test.each([
    "/tiles/world/2/1/0",
    "/tiles/world/2/1/0.png",
    "/tiles/world/2/1/0@2x.png",
    // Rows from the bottom.
    "/tms/1.0.0/world/2/1/3.png",
  ])("is at %s", async (url) => {
    await start();
    const answer = await app.inject(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.rawPayload).toEqual(PNG);
    expect(answer.headers).toMatchObject({
      "content-type": "image/png",
      "content-length": "16",
      "cache-control": "public, max-age=300",
      "last-modified": "Fri, 02 Jan 2026 03:04:05 GMT",
    });
    expect(answer.headers["etag"]).toMatch(/^"[0-9a-f]{32}"$/);
  });

  test("is told by HEAD without its bytes", async () => {
    await start();
    const answer = await app.inject({ method: "HEAD", url: "/tiles/world/2/1/0" });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-length"]).toBe("16");
    expect(answer.rawPayload).toHaveLength(0);
  });

  test("that the client has is not sent again", async () => {
    await start({ tileMaxAgeS: 7 });
    const { etag } = (await app.inject("/tiles/world/2/1/0")).headers as { etag: string };
    const after = new Date(FETCHED_MS).toUTCString();
    for (const [headers, status] of [
      [{ "if-none-match": etag }, 304],
      [{ "if-none-match": `"other", W/${etag}` }, 304],
      [{ "if-none-match": "*" }, 304],
      [{ "if-none-match": '"other"' }, 200],
      // The ETag counts alone.
      [{ "if-none-match": '"other"', "if-modified-since": after }, 200],
      [{ "if-modified-since": after }, 304],
      [{ "if-modified-since": "Fri, 02 Jan 2026 03:04:04 GMT" }, 200],
      [{ "if-modified-since": "yesterday" }, 200],
    ] as const) {
      const answer = await app.inject({ url: "/tiles/world/2/1/0", headers });
      expect([headers, answer.statusCode]).toEqual([headers, status]);
      if (status === 304) expect(answer.headers).toMatchObject({ etag, "cache-control": "public, max-age=7" });
    }
  });

  test("that rests compressed is sent as it is and says so", async () => {
    const data = Buffer.from("1f8b0800000000000003", "hex");
    await publish("vector", data);
    await start();
    const answer = await app.inject("/tiles/vector/2/1/0.pbf");
    expect(answer.headers).toMatchObject({
      "content-type": "application/vnd.mapbox-vector-tile",
      "content-encoding": "gzip",
    });
    expect(answer.rawPayload).toEqual(data);
  });
});

describe("no tile", () => {
  test.each([
    ["404", 404, "application/json; charset=utf-8"],
    ["204", 204, undefined],
    ["blank", 200, "image/png"],
  ] as const)("is answered with %s when that is wanted", async (missingTile, status, type) => {
    await start({ missingTile });
    const answer = await app.inject("/tiles/world/2/3/3");
    expect(answer.statusCode).toBe(status);
    expect(answer.headers["content-type"]).toBe(type);
  });

  test.each([
    ["/tiles/world/2/3/3", 404, "tile.missing"],
    ["/tiles/world/2/4/0", 404, "grid.level"],
    ["/tiles/world/99/0/0", 404, "grid.level"],
    ["/tiles/world/2/1/x", 400, "argument.invalid"],
    ["/tiles/world/-1/0/0", 400, "argument.invalid"],
    ["/tiles/world/2/1/0.png%00", 400, "argument.invalid"],
    ["/tiles/nobody/2/1/0", 404, "cache.missing"],
    ["/tiles/world/2/1", 404, "http.notFound"],
    ["/tiles/world/2/1/%zz", 400, "request.invalid"],
    [`/tiles/${"a".repeat(400)}/2/1/0`, 414, "request.invalid"],
  ])("%s is %d", async (url, status, code) => {
    await start();
    const answer = await app.inject(url);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ error: { code, message: expect.any(String) as string } });
  });
});

test("TileJSON names the tiles under the address that the client used", async () => {
  await start();
  const answer = await app.inject({ url: "/tilejson/world.json", headers: { host: "maps.example.org:8080" } });
  expect(answer.json()).toEqual({
    tilejson: "3.0.0",
    name: "A world",
    attribution: "© somebody",
    scheme: "xyz",
    tiles: ["http://maps.example.org:8080/tiles/world/{z}/{x}/{y}"],
    minzoom: 2,
    maxzoom: 2,
    bounds: [-180, expect.closeTo(-85.0511, 3), 180, expect.closeTo(85.0511, 3)],
  });
  const odd = await app.inject({ url: "/tilejson/world.json", headers: { host: 'x"><script>' } });
  expect(odd.body).not.toContain("script");
});

test("it is ready when it has something to serve", async () => {
  await start();
  expect((await app.inject("/health")).json()).toEqual({ status: "ok" });
  expect((await app.inject("/ready")).json()).toEqual({ status: "ready", caches: ["world"] });
  registry.remove("world");
  expect((await app.inject("/ready")).statusCode).toBe(503);
});

test("where the page is not built, `/` says how it is", async () => {
  for (const pageFolder of [null, "/nowhere"]) {
    await start({ pageFolder });
    const answer = await app.inject("/");
    expect(answer.headers["content-type"]).toContain("text/plain");
    expect(answer.payload).toContain("npm run viewer");
  }
});

describe("a cache that is swapped", () => {
  test("gives the new tiles at once, and lets who reads the old one end", async () => {
    await start();
    const old = registry.find("world")?.cache as TileCache;
    const gate = Promise.withResolvers<void>();
    const closed: string[] = [];
    const close = old.close.bind(old);
    old.close = async () => {
      closed.push("old");
      await close();
    };
    const reading = registry.use("world", async ({ cache }): Promise<StoredTile> => {
      await gate.promise;
      return cache.getTile({ z: 2, x: 1, y: 0 });
    });
    const newer = Buffer.concat([PNG, Buffer.from("newer")]);
    await publish("world", newer);
    expect((await app.inject("/tiles/world/2/1/0")).rawPayload).toEqual(newer);
    expect(closed).toEqual([]);
    gate.resolve();
    expect((await reading).data).toEqual(new Uint8Array(PNG));
    expect(closed).toEqual(["old"]);
  });

  test.each(["", "a/b", "..", "ä", "a".repeat(65)])("is not called '%s'", async (name) => {
    await start();
    const served = await memoryCache(name, { z: 0, x: 0, y: 0 }, PNG);
    const put = (): void => registry.put(served);
    expect(put).toThrow(expect.objectContaining({ code: "argument.invalid" }));
    await served.cache.close();
  });
});

import { request, Agent } from "node:http";
import { expect, test } from "vitest";
import { noiseTiles } from "../../test/origin/index.ts";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { TestApi } from "./fixtures/api_server.ts";

const folder = useTempFolder();
const noise = await noiseTiles();

/** Status and length of a body, over a connection of its own. */
async function get(url: string): Promise<string> {
  const agent = new Agent({ keepAlive: false });
  return new Promise((resolve, reject) => {
    request(url, { agent }, (answer) => {
      let bytes = 0;
      answer.on("data", (chunk: Buffer) => (bytes += chunk.byteLength));
      answer.on("end", () => resolve(`${answer.statusCode} ${bytes}`));
    })
      .on("error", reject)
      .end();
  });
}

test("1,000 clients that ask for one missing tile make one upstream request, and all get it", async () => {
  await using api = await TestApi.start({
    folder: folder.path("."),
    caches: () => ({ live: {} }),
    origin: { latencyMs: 500 },
  });
  const url = `${api.server.url}/tiles/live/3/4/2`;
  const answers = await Promise.all(Array.from({ length: 1000 }, () => get(url)));
  const tile = await noise(3, 4, 2, 1);
  expect([...new Set(answers)]).toEqual([`200 ${tile?.data.byteLength}`]);
  expect(api.origin.requests.total).toBe(1);
  // Kept: the next one is not asked for.
  expect(await get(url)).toBe(answers[0]);
  expect(api.origin.requests.total).toBe(1);
});

test("a stale tile is given at once and renewed behind the client's back, at most so many at a time", async () => {
  let gate = Promise.withResolvers<void>();
  gate.resolve();
  const tiles: typeof noise = async (z, x, y, scale) => {
    await gate.promise;
    return noise(z, x, y, scale);
  };
  await using api = await TestApi.start({
    folder: folder.path("."),
    caches: () => ({ live: { maxAge: "1ms", staleRefreshes: 2 } }),
    origin: { tiles },
  });
  const urls = Array.from({ length: 8 }, (_one, x) => `${api.server.url}/tiles/live/3/${x}/0`);
  await Promise.all(urls.map(get));
  expect(api.origin.requests.total).toBe(8);
  await new Promise((resolve) => setTimeout(resolve, 5));
  // The source answers nobody now: who is answered did not wait for it.
  gate = Promise.withResolvers<void>();
  expect((await Promise.all(urls.map(get))).every((answer) => answer.startsWith("200"))).toBe(true);
  await expect.poll(() => api.origin.requests.total).toBe(10);
  expect((await Promise.all(urls.map(get))).every((answer) => answer.startsWith("200"))).toBe(true);
  expect(api.origin.requests.total).toBe(10);
  gate.resolve();
});

test("below the deepest level a tile is cut out of the one above, unless that is switched off", async () => {
  const caches = () => ({ live: {} });
  await using api = await TestApi.start({ folder: folder.path("."), caches });
  const answer = await api.fetch("/tiles/live/14/0/0");
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/png"]);
  const etag = answer.headers.get("etag") ?? "";
  expect((await api.fetch("/tiles/live/14/0/0", { headers: { "if-none-match": etag } })).status).toBe(304);
  // Only the tile of level 12 was asked for.
  expect([...api.origin.requests.byPath.keys()]).toEqual(["/tiles/12/0/0.png"]);
  expect((await api.fetch("/tiles/live/22/0/0")).status).toBe(404);
  const more = { caches: () => ({ plain: {} }), enlarge: false, data: false };
  await using plain = await TestApi.start({ folder: folder.path("."), ...more });
  expect((await plain.fetch("/tiles/plain/14/0/0")).status).toBe(404);
});

test("an upstream that fails is told as one, and asked again by the next client", async () => {
  let broken = true;
  const tiles: typeof noise = (z, x, y, scale) =>
    broken ? { data: Buffer.from("<html>busy</html>"), mimeType: "text/html" } : noise(z, x, y, scale);
  await using api = await TestApi.start({ folder: folder.path("."), caches: () => ({ live: {} }), origin: { tiles } });
  const failed = await api.fetch("/tiles/live/3/1/1");
  expect([failed.status, await failed.json()]).toMatchObject([502, { error: { code: "tile.notImage" } }]);
  broken = false;
  expect((await api.fetch("/tiles/live/3/1/1")).status).toBe(200);
});

test("a map is answered while a job has the host busy", async () => {
  await using api = await TestApi.start({
    folder: folder.path("."),
    caches: () => ({ live: {} }),
    origin: { latencyMs: 50 },
  });
  const { body } = await api.post("/api/jobs", {
    source: "noise",
    bbox: [-180, -85, 180, 85],
    zooms: "6",
    store: "busy.gpkg",
  });
  const { id } = body as { id: string };
  await expect.poll(() => api.origin.requests.total, { timeout: 10_000 }).toBeGreaterThan(100);
  const waits: number[] = [];
  for (let x = 0; x < 10; x++) {
    const startedMs = performance.now();
    expect((await api.fetch(`/tiles/live/4/${x}/3`)).status).toBe(200);
    waits.push(performance.now() - startedMs);
  }
  const job = (await (await api.fetch(`/api/jobs/${id}`)).json()) as { state: string };
  expect(job.state).toBe("running");
  // One attempt takes 50 ms; behind the job's line it would be seconds.
  expect(waits.toSorted((a, b) => a - b)[5]).toBeLessThan(500);
});

test("pages of other origins may draw the tiles and read the documents, and nothing else", async () => {
  await using api = await TestApi.start({ folder: folder.path("."), caches: () => ({ live: {} }) });
  const origin = { headers: { origin: "https://map.example" } };
  for (const path of [
    "/tiles/live/0/0/0",
    "/tilejson/live.json",
    "/ogc",
    "/wmts?SERVICE=WMTS&REQUEST=GetCapabilities",
  ]) {
    const { headers } = await api.fetch(path, origin);
    expect([path, headers.get("access-control-allow-origin")]).toEqual([path, "*"]);
    expect([path, headers.get("cross-origin-resource-policy")]).toEqual([path, "cross-origin"]);
  }
  for (const path of ["/api/status", "/api/caches", "/metrics", "/"])
    expect([path, (await api.fetch(path, origin)).headers.get("access-control-allow-origin")]).toEqual([path, null]);
  const preflight = await api.fetch("/tiles/live/0/0/0", { ...origin, method: "OPTIONS" });
  expect([preflight.status, preflight.headers.get("access-control-allow-methods")]).toEqual([204, "GET, HEAD"]);
  const refused = await api.fetch("/api/jobs", { ...origin, method: "OPTIONS" });
  expect(refused.headers.get("access-control-allow-origin")).toBe(null);
});

import { expect, test } from "vitest";
import { noiseTiles } from "../../../test/origin/index.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { Tokens } from "../access/tokens.ts";
import { TestApi, type ApiServerOptions } from "../fixtures/api_server.ts";

const folder = useTempFolder();
const start = (options: Partial<ApiServerOptions> = {}): Promise<TestApi> =>
  TestApi.start({ folder: folder.path("."), caches: () => ({ live: {} }), ...options });

const read = async (api: TestApi, path: string): Promise<Buffer> =>
  Buffer.from(await (await api.fetch(path)).arrayBuffer());

test("a source is shown as it is now, past the cache, which stays as it was", async () => {
  const noise = await noiseTiles();
  let shift = 0;
  const tiles: typeof noise = (z, x, y, scale) => noise(z, x + shift, y, scale);
  await using api = await start({ origin: { tiles } });
  const [old, now] = await Promise.all([noise(4, 1, 1, 1), noise(4, 2, 1, 1)]);
  expect((await read(api, "/tiles/live/4/1/1")).equals(old?.data ?? Buffer.of())).toBe(true);
  shift = 1;
  const answer = await api.fetch("/api/caches/live/source/4/1/1");
  expect([answer.status, answer.headers.get("cache-control"), answer.headers.get("content-type")]).toEqual([
    200,
    "no-store",
    "image/png",
  ]);
  expect(Buffer.from(await answer.arrayBuffer()).equals(now?.data ?? Buffer.of())).toBe(true);
  expect(old?.data).not.toEqual(now?.data);
  expect((await read(api, "/tiles/live/4/1/1")).equals(old?.data ?? Buffer.of())).toBe(true);
  // A tile that was only looked at is not there.
  await read(api, "/api/caches/live/source/4/7/7");
  const info = await (await api.fetch("/api/caches/live/tiles/4/7/7")).json();
  expect(info).toMatchObject({ state: "missing" });
});

test("it is the operator's, and no other site's page can make it ask", async () => {
  const tokens = { operator: "operator-0123456789", reader: "reader-0123456789abc" };
  await using api = await start({ tokens: new Tokens(tokens) });
  const ask = (headers: Record<string, string>) => api.fetch("/api/caches/live/source/4/1/1", { headers });
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const foreign = { ...bearer(tokens.operator), origin: "https://elsewhere.example" };
  const answers = [{}, bearer(tokens.reader), foreign, bearer(tokens.operator)].map(ask);
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([401, 403, 403, 200]);
  expect(api.origin.requests.total).toBe(1);
});

test("what cannot be asked for is told, and not asked for", async () => {
  await using api = await start();
  const asked = [
    ["/api/caches/none/source/0/0/0", 404, "cache.missing"],
    ["/api/caches/live/source/4/16/0", 404, "grid.level"],
    ["/api/caches/live/source/13/0/0", 404, "tile.missing"],
    ["/api/caches/live/source/a/0/0", 400, "request.invalid"],
  ] as const;
  for (const [path, status, code] of asked) {
    const answer = await api.fetch(path);
    expect([path, answer.status, await answer.json()]).toMatchObject([path, status, { error: { code } }]);
  }
  expect(api.origin.requests.total).toBe(0);
});

test("a cache that is only read has no source to show", async () => {
  await using api = await start();
  await read(api, "/tiles/live/0/0/0");
  await using archive = await TestApi.start({
    folder: folder.path("other"),
    files: [folder.path("live.gpkg")],
    data: false,
  });
  const answer = await archive.fetch("/api/caches/live/source/0/0/0");
  expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: "argument.invalid" } }]);
});

test("a file that a job has filled is compared with what the job asked for", async () => {
  const noise = await noiseTiles();
  let shift = 0;
  await using api = await start({ origin: { tiles: (z, x, y, scale) => noise(z, x + shift, y, scale) } });
  const world = { source: "noise", bbox: [-180, -85, 180, 85], zooms: "0-2", store: "world.gpkg" };
  expect((await api.post("/api/jobs", world)).status).toBe(201);
  const cache = async (): Promise<unknown> => (await api.fetch("/api/caches/world")).json();
  await expect.poll(cache, { timeout: 10_000 }).toMatchObject({ live: false, source: { id: "noise", title: "noise" } });
  await expect.poll(async () => (await api.fetch("/tiles/world/2/1/1")).status, { timeout: 10_000 }).toBe(200);
  shift = 1;
  const now = await noise(2, 2, 1, 1);
  expect((await read(api, "/api/caches/world/source/2/1/1")).equals(now?.data ?? Buffer.of())).toBe(true);
  const old = await noise(2, 1, 1, 1);
  expect((await read(api, "/tiles/world/2/1/1")).equals(old?.data ?? Buffer.of())).toBe(true);
  expect((await api.fetch("/api/caches/world/source/13/0/0")).status).toBe(404);
});

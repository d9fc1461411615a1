import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openStore } from "../../store/index.ts";
import { noiseTiles } from "../../../test/origin/index.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { TestApi, type ApiServerOptions } from "../fixtures/api_server.ts";
import { estimateShape, failedShape, jobShape } from "./job_shapes.ts";
import type { z } from "zod";

type Job = z.infer<typeof jobShape>;

const folder = useTempFolder();
const start = (options: Partial<ApiServerOptions> = {}): Promise<TestApi> =>
  TestApi.start({ folder: folder.path("."), ...options });

const WORLD = { source: "noise", bbox: [-180, -85, 180, 85], zooms: "0-3", store: "world.gpkg" };

async function create(api: TestApi, request: object = WORLD): Promise<Job> {
  const { status, body } = await api.post("/api/jobs", request);
  expect([status, status === 201 ? null : body]).toEqual([201, null]);
  return jobShape.parse(body);
}

/** The job once it is in one of these states. */
const waitFor = (api: TestApi, id: string, ...states: Job["state"][]): Promise<Job> =>
  waitUntil(api, id, ({ state }) => states.includes(state));

async function waitUntil(api: TestApi, id: string, isThere: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await api.get(`/api/jobs/${id}`, jobShape);
    if (isThere(job)) return job;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function act(api: TestApi, id: string, action: string): Promise<Job> {
  const { status, body } = await api.post(`/api/jobs/${id}/${action}`);
  expect([status, status === 200 ? null : body]).toEqual([200, null]);
  return jobShape.parse(body);
}

function nested(levels: number): unknown[] {
  let list: unknown[] = [];
  for (let level = 0; level < levels; level++) list = [list];
  return list;
}

const codeOf = ({ body }: { body: unknown }): string => (body as { error: { code: string } }).error.code;
const messageOf = ({ body }: { body: unknown }): string => (body as { error: { message: string } }).error.message;

describe("a job", () => {
  test("fills a file of the data folder, which is served under its name from the first tile on", async () => {
    await using api = await start();
    const { id, cache } = await create(api);
    expect(cache).toBe(null);
    const job = await waitFor(api, id, "done");
    expect(job).toMatchObject({
      cache: "world",
      planned: 85,
      actions: ["remove"],
      report: { stored: 85, complete: true },
    });
    const noise = await noiseTiles();
    const [answer, tile] = [await api.fetch("/tiles/world/3/5/2"), await noise(3, 5, 2, 1)];
    expect(Buffer.from(await answer.arrayBuffer()).equals(Buffer.from(tile?.data ?? []))).toBe(true);
    const store = await openStore(folder.path("data/world.gpkg"), { mode: "read" });
    expect((await store.count()).present).toBe(85);
    await store.close();
  });

  test("is paused, resumed and cancelled, and keeps what it has", async () => {
    await using api = await start({ origin: { latencyMs: 20 } });
    const { id } = await create(api, { ...WORLD, zooms: "5" });
    await waitUntil(api, id, ({ progress }) => (progress?.stored ?? 0) > 0);
    const paused = await act(api, id, "pause");
    expect(paused).toMatchObject({ state: "paused", actions: ["resume", "cancel"] });
    expect((await act(api, id, "resume")).state).toMatch(/queued|running/);
    await waitUntil(api, id, ({ progress }) => (progress?.stored ?? 0) > 0);
    const cancelled = await act(api, id, "cancel");
    expect(cancelled.state).toBe("cancelled");
    const { present = 0, stored = 0, cancelled: left = 0 } = cancelled.report ?? {};
    expect(present + stored + left).toBe(1024);
    expect(present).toBe(paused.report?.stored);
    expect(await api.post(`/api/jobs/${id}/pause`)).toMatchObject({ status: 409 });
    // Also what was cancelled can go on, with what it has.
    expect((await act(api, id, "resume")).state).toMatch(/queued|running/);
    expect((await act(api, id, "cancel")).state).toBe("cancelled");
    expect((await api.fetch(`/api/jobs/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await api.fetch(`/api/jobs/${id}`)).status).toBe(404);
  });

  test("tells its failed tiles with the reason, and fetches them on demand", async () => {
    const gone = new Set(["/tiles/2/1/1.png", "/tiles/2/2/1.png"]);
    await using api = await start({
      origin: {
        tiles: async (z, x, y) => {
          if (gone.has(`/tiles/${z}/${x}/${y}.png`))
            return { data: Buffer.from("<html>no</html>"), mimeType: "text/html" };
          return (await noiseTiles())(z, x, y, 1);
        },
      },
    });
    const { id } = await create(api, { ...WORLD, zooms: [2], retries: 0 });
    expect(await waitFor(api, id, "incomplete")).toMatchObject({ actions: ["retry", "remove"], report: { failed: 2 } });
    const { failed, next } = await api.get(`/api/jobs/${id}/failed?limit=1`, failedShape);
    expect(failed).toMatchObject([{ z: 2, y: 1, code: "tile.notImage" }]);
    expect((await api.get(`/api/jobs/${id}/failed?after=${next}`, failedShape)).failed).toHaveLength(1);
    gone.clear();
    await act(api, id, "retry");
    expect((await waitFor(api, id, "done")).report).toMatchObject({ planned: 2, stored: 2 });
  });

  test("fills a live cache itself when no file is named", async () => {
    await using api = await start({ caches: () => ({ live: {} }) });
    const { id } = await create(api, { source: "live", bbox: WORLD.bbox, zooms: [1] });
    expect(await waitFor(api, id, "done")).toMatchObject({ cache: "live", report: { stored: 4 } });
    const before = api.origin.requests.total;
    expect((await api.fetch("/tiles/live/1/1/1")).status).toBe(200);
    expect(api.origin.requests.total).toBe(before);
  });

  test("may name the URL of a host that is allowed", async () => {
    await using api = await start();
    const { id } = await create(api, { ...WORLD, source: api.origin.template, zooms: [1] });
    expect((await waitFor(api, id, "done")).report?.stored).toBe(4);
  });

  test("takes polygons of GeoJSON", async () => {
    await using api = await start();
    const ring = [
      [0, 0],
      [40, 0],
      [40, 40],
      [0, 0],
    ];
    const coverage = { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } };
    const { id } = await create(api, { source: "noise", coverage, zooms: "4", store: "part.mbtiles" });
    const { planned } = await waitFor(api, id, "done");
    expect(planned).toBeGreaterThan(2);
    expect(planned).toBeLessThan(9);
  });
});

describe("a request that cannot be met", () => {
  test.each<[string, object, number, string, RegExp]>([
    ["no area", { source: "noise", zooms: "1", store: "a.gpkg" }, 400, "argument.invalid", /either bbox or coverage/],
    ["no zooms", { source: "noise", bbox: WORLD.bbox, store: "a.gpkg" }, 400, "request.invalid", /zooms: /],
    ["a word that nobody knows", { ...WORLD, sauce: "noise" }, 400, "request.invalid", /sauce/],
    ["text for a box", { ...WORLD, bbox: "0,0,1,1" }, 400, "request.invalid", /bbox: .*openapi|openapi.*bbox: /],
    ["a box beyond the Earth", { ...WORLD, bbox: [0, 0, 1, 95] }, 400, "bbox.invalid", /./],
    ["a place above the data folder", { ...WORLD, store: "../a.gpkg" }, 400, "argument.invalid", /data folder/],
    ["an absolute place", { ...WORLD, store: "/etc/a.gpkg" }, 400, "argument.invalid", /data folder/],
    ["the folder of the jobs", { ...WORLD, store: ".jobs" }, 400, "argument.invalid", /data folder/],
    ["no file", { ...WORLD, store: undefined }, 400, "argument.invalid", /alps\.gpkg/],
    [
      "a key in the URL",
      { ...WORLD, source: "https://a.example/{z}/{x}/{y}?key=abc" },
      400,
      "source.invalid",
      /\*\*\*/,
    ],
    ["zooms that are none", { ...WORLD, zooms: "x" }, 400, "argument.invalid", /zoom/],
    ["GeoJSON that is none", { ...WORLD, bbox: undefined, coverage: { type: "Point" } }, 400, "coverage.invalid", /./],
    [
      "GeoJSON without a bottom",
      { ...WORLD, bbox: undefined, coverage: { type: "Polygon", coordinates: nested(40) } },
      400,
      "request.invalid",
      /at most 32 levels/,
    ],
    [
      "GeoJSON whose type is no word",
      { ...WORLD, bbox: undefined, coverage: { type: "FeatureCollection", features: [{ type: { toString: 1 } }] } },
      400,
      "coverage.invalid",
      /expected polygons/,
    ],
  ])("%s", async (_what, request, status, code, message) => {
    await using api = await start();
    const answer = await api.post("/api/jobs", request);
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
    expect(messageOf(answer)).toMatch(message);
  });

  test.each<[string, string, number, string]>([
    ["a file of this machine", "/etc/passwd", 400, "source.invalid"],
    ["a file's URL", "file:///etc/passwd", 400, "source.invalid"],
    ["a host that was not allowed", "http://tiles.invalid/{z}/{x}/{y}.png", 403, "http.forbidden"],
    ["a variable of the environment", "http://127.0.0.1/{z}/{x}/{y}.png?a=${HOME}", 400, "source.invalid"],
    ["an unknown name", "nobody", 400, "source.invalid"],
    ["what its terms forbid", "osm", 403, "source.policy"],
  ])("%s as its source", async (_what, source, status, code) => {
    await using api = await start();
    for (const path of ["/api/estimate", "/api/jobs"]) {
      const answer = await api.post(path, { ...WORLD, source });
      expect([path, answer.status, codeOf(answer)]).toEqual([path, status, code]);
      expect(messageOf(answer)).not.toContain(process.env["HOME"]);
    }
    expect(api.origin.requests.total).toBe(0);
  });

  test("is told before it is begun: too many tiles, zooms that the source does not serve", async () => {
    await using api = await start({ maxJobTiles: 10 });
    const many = await api.post("/api/jobs", WORLD);
    expect([many.status, messageOf(many)]).toEqual([400, expect.stringMatching(/at most 10 tiles .*, got 85/)]);
    const deep = await api.post("/api/jobs", { ...WORLD, zooms: "13" });
    expect([deep.status, codeOf(deep)]).toEqual([404, "grid.level"]);
    expect(api.origin.requests.total).toBe(0);
  });

  test("asked twice at once is done once: two resumes, then a cancel that holds", async () => {
    await using api = await start({ origin: { latencyMs: 20 } });
    const { id } = await create(api, { ...WORLD, zooms: "5" });
    await waitUntil(api, id, ({ progress }) => (progress?.stored ?? 0) > 0);
    await act(api, id, "pause");
    const answers = await Promise.all([1, 2].map(() => api.post(`/api/jobs/${id}/resume`)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
    expect((await act(api, id, "cancel")).state).toBe("cancelled");
    const stored = (await waitFor(api, id, "cancelled")).report?.stored;
    await new Promise((resolve) => setTimeout(resolve, 200));
    const later = await api.get(`/api/jobs/${id}`, jobShape);
    expect([later.state, later.report?.stored]).toEqual(["cancelled", stored]);
  });

  test("removed and asked for again at once is one of both, on the disk as well", async () => {
    await using api = await start({ origin: { faults: { seed: 1, status500: 1 } } });
    const { id } = await create(api, { ...WORLD, zooms: "0" });
    await waitFor(api, id, "incomplete");
    const [removed, again] = await Promise.all([
      api.fetch(`/api/jobs/${id}`, { method: "DELETE" }),
      api.post(`/api/jobs/${id}/retry`),
    ]);
    expect([removed.status, again.status]).toEqual([204, 404]);
    expect(existsSync(folder.path(`data/.jobs/${id}.json`))).toBe(false);
  });

  test("a server without a data folder says what to do", async () => {
    await using api = await start({ data: false });
    expect(messageOf(await api.post("/api/jobs", WORLD))).toMatch(/--data DIR/);
  });
});

describe("an estimate", () => {
  test("counts exactly and at once, and asks for a few tiles only on request", async () => {
    await using api = await start();
    const { store: _store, ...wanted } = WORLD;
    const first = estimateShape.parse((await api.post("/api/estimate", wanted)).body);
    expect(first).toMatchObject({ planned: 85, sampled: 0, bytes: null, allowed: true, reason: null });
    expect(first.levels).toEqual([1, 4, 16, 64].map((count, z) => ({ z, count })));
    expect(api.origin.requests.total).toBe(0);
    const second = estimateShape.parse((await api.post("/api/estimate", { ...wanted, sample: true })).body);
    expect(second.sampled).toBeGreaterThan(0);
    expect(second.bytes).toBeGreaterThan(85 * 1000);
    expect(second.seconds).toBeGreaterThan(0);
  });

  test("has bytes and time of a service that needs a second for a tile", async () => {
    await using api = await start({ origin: { latencyMs: 1_000 } });
    const { body } = await api.post("/api/estimate", { ...WORLD, sample: true });
    const { sampled, bytes, tilesPerSecond } = estimateShape.parse(body);
    expect(sampled).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(85 * 1000);
    expect(tilesPerSecond).toBeLessThanOrEqual(12);
  });

  test("says why a job would be refused", async () => {
    await using api = await start({ maxJobTiles: 10 });
    const { body } = await api.post("/api/estimate", WORLD);
    expect(estimateShape.parse(body)).toMatchObject({ allowed: false, maxTiles: 10 });
    const osm = { ...WORLD, source: "osm" };
    expect((await api.post("/api/estimate", osm)).status).toBe(403);
  });
});

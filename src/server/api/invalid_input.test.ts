import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getGrid } from "../../grid/index.ts";
import { openStore } from "../../store/index.ts";
import { pngTile } from "../../../test/support/tile_bytes.ts";
import { TestApi } from "../fixtures/api_server.ts";

let folder: string;
let api: TestApi;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tilth-input-"));
  const store = await openStore(join(folder, "world.gpkg"), { mode: "write", grid: getGrid("WebMercatorQuad") });
  await store.putMany([{ kind: "tile", tile: { z: 0, x: 0, y: 0 }, data: pngTile(), fetchedAtMs: 1 }]);
  await store.close();
  const limits = { signInsPerMinute: 1000 };
  api = await TestApi.start({ folder, files: [join(folder, "world.gpkg")], limits });
});

afterAll(async () => {
  await api[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const JOB = { source: "noise", bbox: [0, 0, 1, 1], zooms: "0-1", store: "a.gpkg" };
const ring = (count: number): number[][] =>
  Array.from({ length: count }, (_, index) => [index / count, (index * 7) % 10]);

/** Bodies of a job that cannot be met. */
const BAD_JOBS: unknown[] = [
  ...["{", "", "[1", '"text"', "null", "[]", "5", "{}"].map((text) => new String(text)),
  ...[5, "", null, "x".repeat(5000), "nobody", "/etc/passwd", "http://10.0.0.1/{z}/{x}/{y}", "ftp://a/{z}"].map(
    (source) => ({ ...JOB, source }),
  ),
  ...["a", [1, 2], [1, 2, 3, "4"], [0, 0, 0, 0], [0, 0, 1, 95], [1, 2, 3, null], null].map((bbox) => ({
    ...JOB,
    bbox,
  })),
  ...[
    {},
    { type: "Point" },
    { type: "Polygon" },
    { type: "Polygon", coordinates: [[[0, 0]]] },
    [],
    "x",
    { type: "Polygon", coordinates: [ring(30_000)] },
  ].map((coverage) => ({ ...JOB, bbox: undefined, coverage })),
  ...["", "x", "0-99", "5-1", 5, [], [-1], [0.5], ["1"], [31], {}, null].map((zooms) => ({ ...JOB, zooms })),
  ...["", "../a.gpkg", "/etc/a", ".jobs", "a.exe", 5, "x".repeat(300), "cache:nobody"].map((store) => ({
    ...JOB,
    store,
  })),
  ...["", "x", 5, "EPSG:0", "x".repeat(300)].map((grid) => ({ ...JOB, grid })),
  ...["x", 5, null].flatMap((value) => [
    { ...JOB, resampling: value },
    { ...JOB, format: value },
  ]),
  ...[0, 101, 0.5, "80"].map((quality) => ({ ...JOB, quality })),
  ...[-1, 1000, 1.5, "2"].map((retries) => ({ ...JOB, retries })),
  ...["", "x", 5, "-1d", "x".repeat(50)].map((refresh) => ({ ...JOB, refresh })),
  { ...JOB, sauce: 1, pepper: 2 },
  { ...JOB, coverage: { type: "Polygon", coordinates: [ring(4)] } },
  { ...JOB, zooms: "0-13" },
];

const WINDOW = "minX=0&minY=0&maxX=1&maxY=1";
/** By what `/openapi.json` calls the route: addresses, or bodies, that are not right. */
const BAD: Record<string, { paths?: string[]; bodies?: unknown[] }> = {
  "POST /api/session": {
    bodies: [
      ...["{", "", "[]"].map((text) => new String(text)),
      {},
      { token: 5 },
      { token: "x".repeat(2000) },
      { token: "x", name: "y" },
    ],
  },
  "GET /api/crs": {
    paths: ["?limit=0", "?limit=x", "?limit=1000", "?limit=1.5", `?query=${"x".repeat(200)}`, "?query=a&query=b"],
  },
  "GET /api/crs/{code}": {
    paths: ["/nothing", "/EPSG:0", "/%00", `/${"x".repeat(60)}`, `/${"x".repeat(400)}`, "/%zz"],
  },
  "GET /api/caches/{cache}": { paths: ["/nobody", `/${"x".repeat(200)}`] },
  "GET /api/caches/{cache}/coverage/{z}": {
    paths: [
      "/world/coverage/0",
      `/world/coverage/x?${WINDOW}`,
      `/world/coverage/99?${WINDOW}`,
      `/nobody/coverage/0?${WINDOW}`,
      "/world/coverage/3?minX=5&minY=0&maxX=1&maxY=1",
      "/world/coverage/3?minX=-1&minY=0&maxX=x&maxY=1",
      "/world/coverage/12?minX=0&minY=0&maxX=4095&maxY=4095",
    ],
  },
  "GET /api/caches/{cache}/tiles/{z}/{x}/{y}": {
    paths: ["/world/tiles/x/0/0", "/world/tiles/0/1/0", "/world/tiles/30/-1/0.5", "/nobody/tiles/0/0/0"],
  },
  "GET /api/caches/{cache}/source/{z}/{x}/{y}": {
    paths: ["/world/source/x/0/0", "/world/source/0/1/0", "/world/source/30/-1/0.5", "/nobody/source/0/0/0"],
  },
  "POST /api/estimate": { bodies: [...BAD_JOBS, { ...JOB, sample: "yes" }] },
  "POST /api/jobs": { bodies: [...BAD_JOBS, { ...JOB, sample: true }] },
  "GET /api/jobs": {
    paths: ["?state=x", "?limit=0", "?limit=x", "?limit=1e9", "?after=nobody", `?after=${"x".repeat(100)}`],
  },
  "GET /api/jobs/{id}": { paths: ["/nobody", `/${"x".repeat(100)}`, `/${"x".repeat(400)}`] },
  "DELETE /api/jobs/{id}": { paths: ["/nobody", `/${"x".repeat(100)}`] },
  "POST /api/jobs/{id}/pause": { paths: ["/nobody/pause"] },
  "POST /api/jobs/{id}/resume": { paths: ["/nobody/resume"] },
  "POST /api/jobs/{id}/cancel": { paths: ["/nobody/cancel"] },
  "POST /api/jobs/{id}/retry": { paths: ["/nobody/retry"] },
  "GET /api/jobs/{id}/failed": {
    paths: ["/nobody/failed", "/nobody/failed?limit=0", "/nobody/failed?after=-1", "/nobody/failed?after=x"],
  },
  // This server has no cluster, which it says; what is wrong of itself is told before that.
  "GET /api/cluster/seeds": { paths: ["", "?limit=0", "?limit=x", "?limit=1e9"] },
  "GET /api/cluster/seeds/{id}": { paths: ["/nobody", `/${"x".repeat(100)}`, `/${"x".repeat(400)}`] },
  "POST /api/cluster/seeds/{id}/pause": { paths: ["/nobody/pause"] },
  "POST /api/cluster/seeds/{id}/resume": { paths: ["/nobody/resume"] },
  "POST /api/cluster/seeds/{id}/cancel": { paths: ["/nobody/cancel"] },
  "POST /api/cluster/seeds/{id}/retry": { paths: ["/nobody/retry"] },
  "GET /api/events": { paths: ["?after=x", "?after=-1", "?after=0.5"] },
};

/** Words of the libraries that check, and of the language. */
const JARGON =
  /Invalid|received|Too (?:small|big)|Unrecognized|[<>]=|NaN|undefined|FST_|\bzod\b|querystring|RegExp|\[object/;
/** What was expected, or what to do. */
const NEXT_STEP = /expected|; (?:list|see|send|those)|leave it out/;

async function expectPlain(method: string, path: string, body: string | undefined): Promise<void> {
  const headers = body === undefined ? undefined : { "content-type": "application/json" };
  const answer = await api.fetch(path, { method, headers, body });
  const said: unknown = await answer.json();
  const { code = "", message = "" } = (said as { error?: { code: string; message: string } }).error ?? {};
  const place = `${method} ${path.slice(0, 100)} ${body?.slice(0, 200)} -> ${answer.status} ${JSON.stringify(said).slice(0, 300)}`;
  expect([place, answer.status >= 400 && answer.status < 500]).toEqual([place, true]);
  expect([place, /^[a-z]+\.[a-zA-Z]+$/.test(code)]).toEqual([place, true]);
  expect([place, JARGON.test(message), NEXT_STEP.test(message), message.length < 1200]).toEqual([
    place,
    false,
    true,
    true,
  ]);
}

describe("what cannot be met is told in plain words, with what to do", () => {
  test.each(Object.entries(BAD))("%s", async (route, { paths = [], bodies = [] }) => {
    const [method = "", path = ""] = route.split(" ");
    const base = path.replace(/\/\{.*/, "");
    for (const one of paths) await expectPlain(method, `${base}${one}`, undefined);
    for (const body of bodies)
      await expectPlain(method, path, body instanceof String ? body.toString() : JSON.stringify(body));
    expect(api.origin.requests.total).toBe(0);
  });

  test("every route that takes something is among them", async () => {
    const { paths } = (await (await api.fetch("/openapi.json")).json()) as {
      paths: Record<string, Record<string, object>>;
    };
    const taking = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([method, operation]) =>
        path.startsWith("/api") && ("parameters" in operation || "requestBody" in operation)
          ? [`${method.toUpperCase()} ${path}`]
          : [],
      ),
    );
    expect(taking.toSorted()).toEqual(Object.keys(BAD).toSorted());
  });

  test("a body that is no JSON, or is too large", async () => {
    const text = await api.fetch("/api/jobs", { method: "POST", body: "x", headers: { "content-type": "text/plain" } });
    expect([text.status, await text.json()]).toMatchObject([
      415,
      { error: { message: /Content-Type: application\/json/ } },
    ]);
    const huge = await api.fetch("/api/jobs", {
      method: "POST",
      body: `"${"x".repeat(2_000_000)}"`,
      headers: { "content-type": "application/json" },
    });
    expect([huge.status, await huge.json()]).toMatchObject([413, { error: { message: /at most 1 MiB/ } }]);
  });
});

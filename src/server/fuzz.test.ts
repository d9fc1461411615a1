import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { getGrid } from "../grid/index.ts";
import { openStore } from "../store/index.ts";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { pngTile } from "../../test/support/tile_bytes.ts";
import { Tokens } from "./access/tokens.ts";
import { TestApi } from "./fixtures/api_server.ts";
import type { FuzzWords } from "./fixtures/fuzz_bodies.ts";
import { fuzzRequests } from "./fixtures/fuzz_requests.ts";
import { OddClient, sendRaw } from "./fixtures/send_odd.ts";

const folder = useTempFolder();
const OPERATOR = "operator-0123456789";
const READER = "reader-0123456789ab";
const UNLIMITED = 1e9;
/** A request of which its headers alone were kept would be 10 MB and more after 5,000 of them; jobs that are listed take 1 MB. */
const MAX_GROWTH_BYTES = 8 * 1024 * 1024;
const PNG = pngTile(256);

/** A server with everything: a file, a live cache, jobs, tokens. Only its own upstream can be fetched from. */
async function startAll(): Promise<TestApi> {
  const world = folder.path("world.gpkg");
  const store = await openStore(world, { mode: "write", grid: getGrid("WebMercatorQuad") });
  await store.putMany([{ kind: "tile", tile: { z: 0, x: 0, y: 0 }, data: PNG, fetchedAtMs: 1 }]);
  await store.close();
  return TestApi.start({
    folder: folder.path("."),
    files: [world],
    caches: () => ({ live: {} }),
    maxJobTiles: 64,
    tokens: new Tokens({ operator: OPERATOR, reader: READER }),
    limits: { perMinute: UNLIMITED, signInsPerMinute: UNLIMITED },
  });
}

const wordsOf = (api: TestApi): FuzzWords => ({
  sources: ["noise", "live", api.origin.template],
  stores: ["a.gpkg", "b.mbtiles", "c", "cache:live"],
  caches: ["world", "live", "a"],
  tokens: [OPERATOR, OPERATOR, OPERATOR, READER],
});

const asOperator = { headers: { authorization: `Bearer ${OPERATOR}` } };

async function untilJobsRest(api: TestApi): Promise<void> {
  const read = async () =>
    (await (await api.fetch("/api/jobs?limit=1000", asOperator)).json()) as { jobs: { state: string }[] };
  const restless = async (): Promise<number> =>
    (await read()).jobs.filter(({ state }) => state === "queued" || state === "running").length;
  await vi.waitFor(async () => expect(await restless()).toBe(0), { timeout: 60_000, interval: 50 });
}

/** Bytes that are in use once everything unused has been thrown away. */
function readUsedBytes(): number {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Sends so many. @returns how often each status came */
async function fuzz(api: TestApi, numRuns: number): Promise<Map<number, number>> {
  using client = new OddClient(api.server.url);
  const statuses = new Map<number, number>();
  let lastJob = "none";
  await fc.assert(
    fc.asyncProperty(fuzzRequests(wordsOf(api)), async (request) => {
      const path = request.path.replaceAll("JOB", lastJob);
      const { status, text } = await client.send({ ...request, path });
      if (status === 201) lastJob = (JSON.parse(text) as { id: string }).id;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      expect([request.method, path, status < 500 ? "" : text]).toEqual([request.method, path, ""]);
    }),
    // What follows on a failure depends on what was sent before: there is nothing to shrink.
    { numRuns, endOnFailure: true },
  );
  await untilJobsRest(api);
  return statuses;
}

test("10,000 odd requests to a whole server get an answer below 500, and nothing is kept of them", async () => {
  await using api = await startAll();
  const first = await fuzz(api, 5000);
  const usedBytes = readUsedBytes();
  await fuzz(api, 5000);
  expect(readUsedBytes() - usedBytes).toBeLessThan(MAX_GROWTH_BYTES);
  // Not all of them were turned away at the door.
  for (const [status, least] of [
    [200, 100],
    [201, 10],
    [400, 100],
    [403, 10],
    [404, 100],
  ] as const)
    expect([status, (first.get(status) ?? 0) >= least]).toEqual([status, true]);
  const { hosts } = (await (await api.fetch("/api/hosts", asOperator)).json()) as {
    hosts: { host: string; requests: number }[];
  };
  expect(hosts.filter(({ requests }) => requests > 0).map(({ host }) => host)).toEqual([new URL(api.origin.url).host]);
  const tile = await api.fetch("/tiles/world/0/0/0", asOperator);
  expect(Buffer.from(await tile.arrayBuffer())).toEqual(Buffer.from(PNG));
}, 300_000);

test("bytes that are no HTTP, or far too much of it, do not bring it down", async () => {
  await using api = await startAll();
  const port = Number(new URL(api.server.url).port);
  const odd = [
    "",
    "\r\n\r\n",
    "GET\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET /tiles/world/0/0/0 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    `GET /${"a".repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${"b".repeat(100_000)}\r\n\r\n`,
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\nx",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc",
    "\u0016\u0003\u0001\u0000\u00a5\u0001\u0000",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  ];
  for (const bytes of odd) {
    const answer = await sendRaw(port, bytes);
    expect(answer).not.toMatch(/^HTTP\/1\.1 5/);
    // What is answered by Node itself has no body; all else has that of every error.
    if (answer.includes("{")) expect(answer).toMatch(/\{"error":\{"code":"[a-z]+\.[a-zA-Z]+","message":"expected /);
  }
  expect((await api.fetch("/tiles/world/0/0/0", asOperator)).status).toBe(200);
});

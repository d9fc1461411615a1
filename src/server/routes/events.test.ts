import type { ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { createApp } from "../app.ts";
import { TestApi } from "../fixtures/api_server.ts";
import { memoryCache } from "../fixtures/memory_cache.ts";
import { CacheRegistry } from "../served_cache.ts";

const folder = useTempFolder();

interface Event {
  id: number;
  event: string;
  data: { id?: string; state?: string; progress?: { requests: number } | null };
}

/** Reads events until `isLast` says so; then hangs up. */
async function readEvents(
  api: TestApi,
  isLast: (event: Event) => boolean,
  lastEventId?: number,
  onOpen?: () => Promise<unknown>,
): Promise<Event[]> {
  const hangUp = new AbortController();
  const headers: Record<string, string> = lastEventId === undefined ? {} : { "last-event-id": String(lastEventId) };
  const answer = await api.fetch("/api/events", { headers, signal: hangUp.signal });
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  const events: Event[] = [];
  let text = "";
  const opened = onOpen?.();
  for await (const chunk of answer.body ?? []) {
    text += Buffer.from(chunk as Uint8Array).toString();
    const frames = text.split("\n\n");
    text = frames.pop() ?? "";
    const told = frames.filter((frame) => !frame.startsWith(":")).map(parseFrame);
    // They have no id, and come when a file of a job is opened; see swap_files.test.ts.
    events.push(...told.filter(({ event }) => event !== "caches"));
    if (events.some(isLast)) break;
  }
  await opened;
  hangUp.abort();
  return events;
}

function parseFrame(frame: string): Event {
  const fields = new Map(
    frame.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
  );
  return {
    id: Number(fields.get("id")),
    event: fields.get("event") ?? "",
    data: JSON.parse(fields.get("data") ?? "null") as Event["data"],
  };
}

const WORLD = { source: "noise", bbox: [-180, -85, 180, 85], zooms: "0-4", store: "world.gpkg" };
const isDone = ({ data }: Event): boolean => data.state === "done";

test("many watchers see a job from its first word to its last, each change once", async () => {
  await using api = await TestApi.start({ folder: folder.path("."), origin: { latencyMs: 30 } });
  const [first, ...others] = await Promise.all([
    readEvents(api, isDone, undefined, () => api.post("/api/jobs", WORLD)),
    ...Array.from({ length: 9 }, () => readEvents(api, isDone)),
  ]);
  const told = first?.filter(({ event }) => event === "job") ?? [];
  expect(told.map(({ data }) => data.state)).toEqual(expect.arrayContaining(["queued", "running", "done"]));
  expect(told.map(({ id }) => id)).toEqual(told.map((_event, index) => (told[0]?.id ?? 0) + index));
  expect(told.some(({ data }) => (data.progress?.requests ?? 0) > 0)).toBe(true);
  for (const other of others) expect(other.filter(({ event }) => event === "job").at(-1)).toEqual(told.at(-1));
});

test("a watcher that comes back goes on where it left, also after a restart of the server", async () => {
  const start = (port = 0): Promise<TestApi> =>
    TestApi.start({ folder: folder.path("."), origin: { latencyMs: 60, port } });
  const seen: Event[] = [];
  let port: number;
  {
    await using api = await start();
    port = Number(new URL(api.origin.url).port);
    const begin = (): Promise<unknown> => api.post("/api/jobs", { ...WORLD, zooms: "5" });
    const isRunning = ({ data }: Event): boolean => (data.progress?.requests ?? 0) > 0;
    seen.push(...(await readEvents(api, isRunning, undefined, begin)));
    const last = seen.at(-1)?.id ?? 0;
    const more = await readEvents(api, ({ id }) => id > last, last);
    expect(more.map(({ event, id }) => [event, id])[0]).toEqual(["job", last + 1]);
    seen.push(...more);
  }
  await using api = await start(port);
  const last = seen.at(-1)?.id ?? 0;
  const after = await readEvents(api, isDone, last);
  // What was told while the server ended is not kept over the restart: the page lists anew.
  expect(after.every(({ id }) => id > last)).toBe(true);
  expect(after.at(-1)?.data.state).toBe("done");
});

test("a watcher that was away too long, or was somewhere else, is told to list anew", async () => {
  await using api = await TestApi.start({ folder: folder.path(".") });
  const elsewhere = await readEvents(api, ({ event }) => event === "reset", 999_999);
  expect(elsewhere.map(({ event }) => event)).toEqual(["reset"]);
  await readEvents(api, isDone, undefined, () => api.post("/api/jobs", WORLD));
  const odd = await readEvents(api, ({ event }) => event === "ready", Number.NaN);
  expect(odd[0]?.event).toBe("ready");
});

test("the head alone is answered at once", async () => {
  await using api = await TestApi.start({ folder: folder.path(".") });
  const answer = await api.fetch("/api/events", { method: "HEAD", signal: AbortSignal.timeout(5000) });
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
});

test("watchers do not keep the server from ending", async () => {
  const api = await TestApi.start({ folder: folder.path(".") });
  const watching = readEvents(api, () => false);
  await expect.poll(async () => (await api.fetch("/health")).status).toBe(200);
  const startedMs = performance.now();
  await api[Symbol.asyncDispose]();
  await watching;
  expect(performance.now() - startedMs).toBeLessThan(3000);
});

test("what is told after the server has ended a line that its watcher reads slowly goes to nobody", async () => {
  await using registry = new CacheRegistry();
  const cache = await memoryCache("one", { z: 0, x: 0, y: 0 }, new Uint8Array(1));
  registry.put(cache);
  const app = await createApp({ registry });
  const lines: ServerResponse[] = [];
  const seen: unknown[] = [];
  app.server.on("request", (_request, response: ServerResponse) => {
    lines.push(response);
    response.once("prefinish", () => {
      seen.push("ended");
      registry.update(cache);
    });
    response.on("error", (error) => seen.push(error));
  });
  const answer = await fetch(`${await app.listen({ port: 0 })}/api/events`);
  do {
    for (let count = 0; count < 10_000; count++) registry.update(cache);
    // Time for all that the system takes; what then remains, waits for the watcher.
    await setTimeout(10);
  } while (lines[0]?.writableLength === 0);
  await app.close();
  await expect(answer.text()).rejects.toThrow("terminated");
  expect(seen).toEqual(["ended"]);
});

test("one address may watch so often, and again when it has closed a line", async () => {
  await using api = await TestApi.start({ folder: folder.path("."), data: false });
  const open = async (): Promise<{ status: number; close: () => void }> => {
    const hangUp = new AbortController();
    const { status } = await api.fetch("/api/events", { signal: hangUp.signal });
    return { status, close: () => hangUp.abort() };
  };
  const lines = await Promise.all(Array.from({ length: 100 }, open));
  expect(lines.every(({ status }) => status === 200)).toBe(true);
  expect((await open()).status).toBe(429);
  lines[0]?.close();
  await expect.poll(async () => (await open()).status).toBe(200);
});

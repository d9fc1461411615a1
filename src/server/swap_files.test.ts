import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openCaches } from "../config/index.ts";
import { silentLogger, systemClock, type Logger } from "../core/index.ts";
import { getGrid } from "../grid/index.ts";
import { openStore } from "../store/index.ts";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { TestApi } from "./fixtures/api_server.ts";
import { CacheRegistry } from "./served_cache.ts";
import { SwapFiles } from "./swap_files.ts";

const folder = useTempFolder();
const AT = { z: 2, x: 1, y: 0 };
let registry: CacheRegistry;
let swaps: SwapFiles;
let written: string | null;
const warn = vi.fn<Logger["warn"]>();

/** A file whose tile says `text`. */
async function write(name: string, text: string, z = 2): Promise<string> {
  const store = await openStore(folder.path(name), { mode: "write", grid: getGrid("WebMercatorQuad") });
  const data = Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.from(text)]);
  await store.putMany([{ kind: "tile", tile: { ...AT, z }, data, fetchedAtMs: 1 }]);
  await store.close();
  return folder.path(name);
}

const replace = (by: string, name: string): void => renameSync(folder.path(by), folder.path(name));
const read = (name = "world", z = 2): Promise<string> =>
  registry.use(name, async ({ cache }) => {
    const { data } = await cache.getTile({ ...AT, z });
    expect(cache.store.findNow?.({ ...AT, z })?.data ?? data).toEqual(data);
    return Buffer.from(data ?? []).toString("latin1", 8);
  });

async function look(times = 2): Promise<void> {
  for (let count = 0; count < times; count++) await swaps.look();
}

beforeEach(() => {
  registry = new CacheRegistry();
  written = null;
  warn.mockClear();
  const isWritten = (location: string): boolean => location === written;
  swaps = new SwapFiles({ registry, clock: systemClock, logger: { ...silentLogger, warn }, isWritten });
});

afterEach(async () => {
  await swaps[Symbol.asyncDispose]();
  await registry.close();
});

async function serve(path: string): Promise<void> {
  for (const cache of await openCaches([path])) registry.put(cache);
}

describe("a file that is replaced", () => {
  test.each(["world.gpkg", "world.mbtiles", "world"])("%s is served anew, with its levels", async (name) => {
    await serve(await write(name, "old"));
    const extension = name.slice("world".length);
    await write(`new${extension}`, "new", 3);
    if (extension === "") renameSync(folder.path("world"), folder.path("before"));
    replace(`new${extension}`, name);
    await look(1);
    // Seen once: it may be half there.
    if (extension !== "") expect(await read()).toBe("old");
    await look(1);
    expect(await read("world", 3)).toBe("new");
    expect(registry.find("world")).toMatchObject({ minZoom: 3, maxZoom: 3 });
    const served = registry.find("world");
    await look(3);
    expect(registry.find("world")).toBe(served);
  });

  test("is left to whoever reads the old one until they are done", async () => {
    await serve(await write("world.gpkg", "old"));
    const gate = Promise.withResolvers<void>();
    const reading = registry.use("world", async ({ cache }) => {
      await gate.promise;
      return Buffer.from((await cache.getTile(AT)).data ?? []).toString("latin1", 8);
    });
    await write("new.gpkg", "new");
    replace("new.gpkg", "world.gpkg");
    await look();
    expect(await read()).toBe("new");
    gate.resolve();
    expect(await reading).toBe("old");
  });

  test("by a broken or half copied one stays as it was, is told once, and is taken when it is whole", async () => {
    await serve(await write("world.gpkg", "old"));
    const whole = readFileSync(await write("new.gpkg", "new"));
    for (const part of [whole.subarray(0, whole.length >> 1), Buffer.from("no database at all"), Buffer.alloc(0)]) {
      writeFileSync(folder.path("part.gpkg"), part);
      replace("part.gpkg", "world.gpkg");
      warn.mockClear();
      await look(5);
      expect(await read()).toBe("old");
      expect(warn.mock.calls.map(([event, fields]) => [event, fields?.["cache"]])).toEqual([
        ["Cache:KeptOld", "world"],
      ]);
    }
    copyFileSync(folder.path("new.gpkg"), folder.path("world.gpkg"));
    await look();
    expect(await read()).toBe("new");
  });

  test("by nothing stays as it was, until there is one again", async () => {
    await serve(await write("world.gpkg", "old"));
    rmSync(folder.path("world.gpkg"));
    await look(4);
    expect(await read()).toBe("old");
    expect(warn).toHaveBeenCalledTimes(1);
    await write("world.gpkg", "new");
    await look();
    expect(await read()).toBe("new");
  });

  test("by what a job of the server adds to it is served with its new levels when the job is done", async () => {
    const path = await write("world.gpkg", "old");
    await serve(path);
    written = path;
    // A job of the server itself writes: the file is the same one.
    await write("world.gpkg", "more", 3);
    await look(3);
    const before = registry.find("world");
    expect(before).toMatchObject({ maxZoom: 2 });
    written = null;
    await look();
    expect(registry.find("world")).toMatchObject({ minZoom: 2, maxZoom: 3 });
  });

  test("is not looked for any more once the server ends", async () => {
    await serve(await write("world.gpkg", "old"));
    await write("new.gpkg", "new");
    replace("new.gpkg", "world.gpkg");
    await look(1);
    await swaps[Symbol.asyncDispose]();
    await look(3);
    expect(await read()).toBe("old");
  });
});

test("a server answers every request over a swap, at first with the old tile, then with the new one, and tells its watchers", async () => {
  const path = await write("world.gpkg", "old");
  await write("new.gpkg", "new");
  await using api = await TestApi.start({ folder: folder.path("."), files: [path], data: false });
  const hangUp = new AbortController();
  const events = await api.fetch("/api/events", { signal: hangUp.signal });
  const told = (async () => {
    let text = "";
    for await (const chunk of events.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (text.includes("event: caches\n")) return true;
    }
    return false;
  })();
  const answers: string[] = [];
  const ask = async (): Promise<void> => {
    const answer = await api.fetch("/tiles/world/2/1/0");
    answers.push(`${answer.status} ${Buffer.from(await answer.arrayBuffer()).toString("latin1", 8)}`);
  };
  for (let count = 0; count < 50; count++) await ask();
  replace("new.gpkg", "world.gpkg");
  const startedMs = performance.now();
  while (answers.at(-1) !== "200 new" && performance.now() - startedMs < 20_000)
    await Promise.all([ask(), ask(), ask()]);
  expect(answers.slice(0, 50)).toEqual(Array.from({ length: 50 }, () => "200 old"));
  const first = answers.indexOf("200 new");
  expect(new Set(answers)).toEqual(new Set(["200 old", "200 new"]));
  // Three are under way at once: what began before the swap may end after it.
  expect(answers.slice(first + 3).filter((answer) => answer !== "200 new")).toEqual([]);
  expect(await told).toBe(true);
  hangUp.abort();
});

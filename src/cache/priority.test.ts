import { afterEach, describe, expect, test } from "vitest";
import { FakeClock, flush } from "../../test/support/fake_clock.ts";
import { bytesAnswer, FakeSource, tileAnswer } from "../../test/support/fake_source.ts";
import { pngTile } from "../../test/support/png_tile.ts";
import { flushMany } from "../../test/support/start_warp.ts";
import { makeGrid, tileToText, webMercatorQuad, type TileCoord } from "../grid/index.ts";
import { HostState } from "../net/index.ts";
import { WarpPlanner } from "../reproject/index.ts";
import { fetchTiles } from "../source/index.ts";
import { openMemoryStore } from "../store/index.ts";
import { ReprojectedSource } from "./reprojected_source.ts";
import { TileCache } from "./tile_cache.ts";

describe("a tile of a cache", () => {
  const tile = { z: 3, x: 2, y: 1 };

  /** A cache over one host; the source answers when the gate opens. */
  async function setUp() {
    const gate = Promise.withResolvers<void>();
    const host = new HostState("h", { concurrency: 4 }, new FakeClock());
    const answer = async (asked: TileCoord) => {
      await gate.promise;
      return tileAnswer(asked);
    };
    const source = new FakeSource({ hosts: [host], answer });
    const store = openMemoryStore({ grid: webMercatorQuad() });
    await store.putMany([{ kind: "tile", tile: { ...tile, x: 0 }, data: new Uint8Array([1]), fetchedAtMs: 1 }]);
    const staleWhileRefresh = { maxRefreshes: 3 };
    return { cache: new TileCache({ store, source, maxAgeMs: 1000, staleWhileRefresh }), gate, host };
  }

  test.each([
    ["is live when a person may wait for it", {}, { inFlightLive: 1, inFlightBatch: 0 }],
    ["is as it was asked for", { priority: "batch" as const }, { inFlightLive: 0, inFlightBatch: 1 }],
  ])("%s", async (_what, options, expected) => {
    const { cache, gate, host } = await setUp();
    const asked = cache.getTile(tile, options);
    await flush();
    expect(host.status).toMatchObject(expected);
    gate.resolve();
    expect(await asked).toMatchObject({ status: "present" });
    await cache.close();
  });

  test("that is renewed behind the caller's back is batch: nobody waits", async () => {
    const { cache, gate, host } = await setUp();
    expect(await cache.getTile({ ...tile, x: 0 })).toMatchObject({ fetchedAtMs: 1 });
    await flush();
    expect(host.status).toMatchObject({ inFlightLive: 0, inFlightBatch: 1 });
    gate.resolve();
    await cache.close();
  });
});

describe("a warped tile that a person waits for, on a host that a seed is busy with", () => {
  /** Europe; tiles of 600 m, made of level 8 of web mercator. */
  const grid = makeGrid({ crs: "EPSG:3035", bbox: [2_500_000, 1_500_000, 7_500_000, 5_500_000], resolutions: [600] });
  const upstreamGrid = webMercatorQuad();
  const planner = new WarpPlanner({ destination: grid, source: upstreamGrid, minZoom: 0, maxZoom: 12 });
  const sourcesOf = (tile: TileCoord): string[] =>
    planner.plan([tile]).flatMap(({ sources }) => sources.map(tileToText));
  const opened: ReprojectedSource[] = [];
  afterEach(async () => {
    for (const source of opened.splice(0)) await source.close();
  });

  /** A seed of a metatile with two requests under way that do not end; `answerAll` lets those and all others end. */
  async function startSeed() {
    const body = await pngTile({ z: 0, x: 3, y: 7 });
    const clock = new FakeClock();
    const host = new HostState("h", { concurrency: 2 }, clock);
    const waiting: (() => void)[] = [];
    let isOpen = false;
    const answer = async () => {
      if (!isOpen) await new Promise<void>((resolve) => waiting.push(resolve));
      return bytesAnswer(body);
    };
    const upstream = new FakeSource({ hosts: [host], answer, info: { maxZoom: 12 } });
    const source = new ReprojectedSource(upstream, { grid, threads: 1, clock });
    opened.push(source);
    const tiles = Array.from({ length: 16 }, (_, i): TileCoord => ({ z: 0, x: 8 + (i % 4), y: 12 + (i >> 2) }));
    const settled: string[] = [];
    const seed = fetchTiles(source, {
      batches: (async function* () {
        yield tiles.map((tile) => ({ tile }));
      })(),
      settle: (_request, outcome) => void settled.push("result" in outcome ? outcome.result.kind : "failed"),
      signal: new AbortController().signal,
      clock,
    });
    await flushMany();
    expect(upstream.asked).toHaveLength(2);
    const answerOne = async (): Promise<void> => {
      waiting.shift()?.();
      await flushMany();
    };
    const answerAll = async (): Promise<void> => {
      isOpen = true;
      for (const resolve of waiting.splice(0)) resolve();
      await flushMany();
    };
    return { answerAll, answerOne, host, seed, settled, source, tiles, upstream };
  }

  test("asks for its source tiles next, those that the seed had planned too, and each is asked for once", async () => {
    const { answerAll, answerOne, host, seed, settled, source, tiles, upstream } = await startSeed();
    const last = tiles.at(-1) as TileCoord;
    const wanted = sourcesOf(last).filter((name) => !upstream.asked.includes(name));
    const made = source.fetchTile(last);
    await flushMany();
    expect(wanted.length).toBeGreaterThan(1);
    for (const _ of wanted) await answerOne();
    expect(upstream.asked.slice(2, 2 + wanted.length).toSorted()).toEqual(wanted.toSorted());
    expect(host.status.inFlightLive).toBeGreaterThan(0);
    await answerAll();
    expect(await made).toMatchObject({ kind: "tile" });
    expect(await seed).toBe("done");
    expect(settled).toEqual(tiles.map(() => "tile"));
    expect(new Set(upstream.asked).size).toBe(upstream.asked.length);
    expect(host.status).toMatchObject({ inFlight: 0, requests: upstream.asked.length });
  });

  test("leaves what the seed waits for to be fetched all the same when the person goes", async () => {
    const { answerAll, seed, settled, source, tiles, upstream } = await startSeed();
    const leaving = new AbortController();
    const made = source.fetchTile(tiles.at(-1) as TileCoord, { signal: leaving.signal });
    await flushMany();
    leaving.abort();
    await expect(made).rejects.toMatchObject({ code: "cancelled" });
    await answerAll();
    expect(await seed).toBe("done");
    expect(settled).toEqual(tiles.map(() => "tile"));
    expect(new Set(upstream.asked).size).toBe(upstream.asked.length);
  });
});

import { afterEach, describe, expect, test } from "vitest";
import { FakeClock, flush } from "../../test/support/fake_clock.ts";
import { bytesAnswer, FakeSource, type FakeSourceOptions } from "../../test/support/fake_source.ts";
import { pngTile } from "../../test/support/png_tile.ts";
import { flushMany, refused } from "../../test/support/start_warp.ts";
import { makeGrid, type TileCoord } from "../grid/index.ts";
import { ReprojectedSource } from "./reprojected_source.ts";

/** Europe; tiles of 600 m, made of level 8 of web mercator. */
const grid = makeGrid({ crs: "EPSG:3035", bbox: [2_500_000, 1_500_000, 7_500_000, 5_500_000], resolutions: [600] });
const body = await pngTile({ z: 0, x: 3, y: 7 });
const other = await pngTile({ z: 0, x: 9, y: 1 });
const screen = Array.from({ length: 30 }, (_, i): TileCoord => ({ z: 0, x: 8 + (i % 6), y: 12 + Math.floor(i / 6) }));
const tile = { z: 0, x: 9, y: 13 };
const opened: ReprojectedSource[] = [];

afterEach(async () => {
  for (const source of opened.splice(0)) await source.close();
});

function open(answer: FakeSourceOptions["answer"] = () => bytesAnswer(body), more: { sourceMaxAgeMs?: number } = {}) {
  const upstream = new FakeSource({ answer, info: { maxZoom: 12 } });
  const clock = new FakeClock();
  const source = new ReprojectedSource(upstream, { grid, threads: 1, clock, ...more });
  opened.push(source);
  return { clock, source, upstream };
}

describe("tiles asked for one by one at the same moment", () => {
  test("ask for each of their source tiles once", async () => {
    const { source, upstream } = open(async () => {
      await flush();
      return bytesAnswer(body);
    });
    const made = await Promise.all(screen.map((one) => source.fetchTile(one)));
    expect(new Set(made.map(({ kind }) => kind))).toEqual(new Set(["tile"]));
    expect(upstream.asked.length).toBeGreaterThan(20);
    expect(new Set(upstream.asked).size).toBe(upstream.asked.length);
  });

  test("come whoever of them leaves, and no request is broken off or repeated that another waits for", async () => {
    const gate = Promise.withResolvers<void>();
    const { source, upstream } = open(async () => {
      await gate.promise;
      return bytesAnswer(body);
    });
    const first = new AbortController();
    const leaving = source.fetchTile(tile, { signal: first.signal });
    await flush();
    const staying = source.fetchTile(tile);
    await flush();
    first.abort();
    await expect(leaving).rejects.toMatchObject({ code: "cancelled" });
    gate.resolve();
    expect(await staying).toMatchObject({ kind: "tile" });
    expect(new Set(upstream.asked).size).toBe(upstream.asked.length);
  });

  test("break their requests off when the last has gone, whichever that is", async () => {
    const { source, upstream } = open(() => "hang");
    const controllers = [new AbortController(), new AbortController()];
    const asking = controllers.map(({ signal }) => source.fetchTile(tile, { signal }));
    const ended = Promise.allSettled(asking);
    await flush();
    const running = upstream.inFlight;
    expect(running).toBeGreaterThan(0);
    controllers[0]?.abort();
    await flushMany();
    expect(upstream.inFlight).toBe(running);
    controllers[1]?.abort();
    await flushMany();
    expect(upstream.inFlight).toBe(0);
    expect(await ended).toMatchObject([{ reason: { code: "cancelled" } }, { reason: { code: "cancelled" } }]);
  });

  test("fail together for a source tile that cannot be had, which is asked for again later", async () => {
    let up = false;
    const { source, upstream } = open(async () => {
      await flush();
      return up ? bytesAnswer(body) : refused;
    });
    const failed = await Promise.allSettled([source.fetchTile(tile), source.fetchTile(tile)]);
    expect(failed).toMatchObject([{ reason: { code: "http.status" } }, { reason: { code: "http.status" } }]);
    expect(new Set(upstream.asked).size).toBe(upstream.asked.length);
    up = true;
    expect(await source.fetchTile(tile)).toMatchObject({ kind: "tile" });
  });
});

describe("source tiles that have grown old", () => {
  test("are fetched and decoded again; younger ones are not", async () => {
    let today = body;
    const { clock, source, upstream } = open(() => bytesAnswer(today), { sourceMaxAgeMs: 1000 });
    const first = await source.fetchTile(tile);
    const asked = upstream.asked.length;
    today = other;
    await clock.advance(1000);
    expect(await source.fetchTile(tile)).toEqual(first);
    expect(upstream.asked).toHaveLength(asked);
    await clock.advance(1);
    const second = await source.fetchTile(tile);
    expect(upstream.asked).toHaveLength(2 * asked);
    expect(second).toMatchObject({ kind: "tile" });
    const fresh = await open(() => bytesAnswer(other)).source.fetchTile(tile);
    expect(second).toEqual(fresh);
    expect(second).not.toEqual(first);
  });

  test("an age that is no number is refused", () => {
    expect(() => open(undefined, { sourceMaxAgeMs: Number.NaN })).toThrowError(
      expect.objectContaining({ code: "argument.invalid" }),
    );
  });
});

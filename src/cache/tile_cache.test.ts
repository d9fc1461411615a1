import { describe, expect, test } from "vitest";
import { TilthError } from "../core/index.ts";
import { makeGrid, webMercatorQuad, worldCrs84Quad } from "../grid/index.ts";
import { openMemoryStore } from "../store/index.ts";
import { flush } from "../../test/support/fake_clock.ts";
import { EMPTY_ANSWER, FakeSource, tileAnswer, type FakeSourceOptions } from "../../test/support/fake_source.ts";
import { wrapStore } from "../../test/support/wrap_store.ts";
import { TileCache } from "./tile_cache.ts";

const grid = webMercatorQuad();
const tile = { z: 3, x: 2, y: 1 };
const broken = new TilthError("http.status", "status 403", { fields: { status: 403 } });

/** A cache whose tiles are stale after 100 ms of its own time. */
function setUp(answer?: FakeSourceOptions["answer"]) {
  const time = { nowMs: 1000 };
  const source = new FakeSource({ answer });
  const store = openMemoryStore({ grid });
  const cache = new TileCache({ store, source, maxAgeMs: 100, now: () => time.nowMs });
  return { cache, source, store, time };
}

const textOf = (data: Uint8Array | null): string => new TextDecoder().decode(data ?? undefined);

describe("TileCache.getTile", () => {
  test("asked for one tile a thousand times at once fetches it once and keeps it", async () => {
    const { cache, source, store } = setUp();
    const answers = await Promise.all(Array.from({ length: 1000 }, () => cache.getTile(tile)));
    expect(new Set(answers.map(({ data }) => textOf(data)))).toEqual(new Set(["3/2/1"]));
    expect(source.asked).toEqual(["3/2/1"]);
    expect(await store.has(tile)).toBe(true);
    await cache.getTile(tile);
    expect(source.asked).toHaveLength(1);
  });

  test("keeps how many attempts a tile took", async () => {
    const busy = new TilthError("http.status", "status 500", { fields: { status: 500 } });
    const { cache, store } = setUp((asked, attempt) => (asked.x === 2 && attempt === 1 ? busy : tileAnswer(asked)));
    expect(await cache.getTile(tile)).toMatchObject({ attempts: 2 });
    await cache.getTile({ ...tile, x: 3 });
    expect(await store.find({ ...tile, x: 3 })).toMatchObject({ attempts: 1 });
  });

  test("asks with the validators for a stale tile and renews it on 'not modified'", async () => {
    const sent: unknown[] = [];
    const { cache, time } = setUp((asked, attempt, { etag }) => {
      sent.push(etag);
      return attempt === 1 ? tileAnswer(asked, '"v1"') : { kind: "notModified", etag: '"v2"', lastModified: null };
    });
    await cache.getTile(tile);
    time.nowMs = 1101;
    expect(await cache.getTile(tile)).toMatchObject({ fetchedAtMs: 1101, etag: '"v2"' });
    expect(sent).toEqual([undefined, '"v1"']);
    expect(textOf((await cache.getTile(tile)).data)).toBe("3/2/1");
    expect(sent).toHaveLength(2);
  });

  test("gives a stale tile when the source fails, and the source's error when there is none", async () => {
    const { cache, time } = setUp((asked, attempt) => (attempt === 1 && asked.x === 2 ? tileAnswer(asked) : broken));
    const first = await cache.getTile(tile);
    time.nowMs = 5000;
    expect(await cache.getTile(tile)).toEqual(first);
    await expect(cache.getTile({ ...tile, x: 5 })).rejects.toMatchObject({ code: "http.status" });
  });

  test("gives a stale tile no more when the source says that it is gone", async () => {
    const { cache, store, time } = setUp((asked, attempt) => (attempt === 1 ? tileAnswer(asked) : EMPTY_ANSWER));
    await cache.getTile(tile);
    time.nowMs = 5000;
    await expect(cache.getTile(tile)).rejects.toMatchObject({ code: "tile.missing" });
    expect(await store.find(tile)).toMatchObject({ status: "empty", fetchedAtMs: 5000 });
  });

  test("remembers that there is no tile, and asks again when that is stale", async () => {
    const { cache, source, time } = setUp((asked, attempt) => (attempt === 1 ? EMPTY_ANSWER : tileAnswer(asked)));
    await expect(cache.getTile(tile)).rejects.toMatchObject({ code: "tile.missing" });
    await expect(cache.getTile(tile)).rejects.toMatchObject({ code: "tile.missing" });
    expect(source.asked).toHaveLength(1);
    time.nowMs = 1101;
    expect(textOf((await cache.getTile(tile)).data)).toBe("3/2/1");
  });

  test("without a source answers from the store alone, however old", async () => {
    const { store } = setUp();
    const cache = new TileCache({ store, source: null, maxAgeMs: 1 });
    await expect(cache.getTile(tile)).rejects.toMatchObject({ code: "tile.missing" });
    await store.putMany([{ kind: "tile", tile, data: new Uint8Array([9]), fetchedAtMs: 0 }]);
    expect((await cache.getTile(tile)).data).toEqual(new Uint8Array([9]));
  });

  test("aborts the fetch when all who asked have gone, and a stale tile does not hide the cancel", async () => {
    const { cache, source, time } = setUp((asked, attempt) => (attempt === 1 ? tileAnswer(asked) : "hang"));
    await cache.getTile(tile);
    time.nowMs = 5000;
    const controllers = [new AbortController(), new AbortController()];
    const waiting = controllers.map(({ signal }) => cache.getTile(tile, { signal }));
    const ended = Promise.allSettled(waiting);
    await flush();
    controllers[0]?.abort();
    await flush();
    expect(source.inFlight).toBe(1);
    controllers[1]?.abort();
    expect(await ended).toMatchObject([{ reason: { code: "cancelled" } }, { reason: { code: "cancelled" } }]);
    await flush();
    expect(source.inFlight).toBe(0);
  });

  test("passes an error of the store on when no tile is at hand", async () => {
    const { store } = setUp();
    const putMany = (): Promise<void> => Promise.reject(new TilthError("store.full", "full"));
    const cache = new TileCache({ store: wrapStore(store, { putMany }), source: new FakeSource() });
    await expect(cache.getTile(tile)).rejects.toMatchObject({ code: "store.full" });
  });
});

describe("TileCache with staleWhileRefresh", () => {
  /** Tiles of the row x = 0..9 are kept at 1000 ms; it is 5000 ms now, and the source answers when the gate opens. */
  async function setUpStale(answer: FakeSourceOptions["answer"] = (asked) => tileAnswer(asked, '"v2"')) {
    const gate = Promise.withResolvers<void>();
    const source = new FakeSource({
      answer: async (asked, attempt, options) => {
        await gate.promise;
        return answer(asked, attempt, options);
      },
    });
    const store = openMemoryStore({ grid });
    const old = Array.from({ length: 10 }, (_, x) => ({ z: 4, x, y: 0 }));
    await store.putMany(
      old.map((one) => ({ kind: "tile" as const, tile: one, data: new Uint8Array([1]), fetchedAtMs: 1000 })),
    );
    const now = (): number => 5000;
    const cache = new TileCache({ store, source, maxAgeMs: 100, now, staleWhileRefresh: { maxRefreshes: 3 } });
    return { cache, gate, old, source, store };
  }
  const first = { z: 4, x: 0, y: 0 };

  test("gives the stale tile at once, renews it once, and then gives the new one", async () => {
    const { cache, gate, source } = await setUpStale();
    const answers = await Promise.all(Array.from({ length: 20 }, () => cache.getTile(first)));
    expect(new Set(answers.map(({ fetchedAtMs }) => fetchedAtMs))).toEqual(new Set([1000]));
    gate.resolve();
    await flush();
    expect(await cache.getTile(first)).toMatchObject({ fetchedAtMs: 5000, etag: '"v2"' });
    expect(source.asked).toEqual(["4/0/0"]);
  });

  test("renews only so many at a time; the others are given all the same and renewed later", async () => {
    const { cache, gate, old, source } = await setUpStale();
    for (const one of old) expect((await cache.getTile(one)).fetchedAtMs).toBe(1000);
    expect(source.inFlight).toBe(3);
    gate.resolve();
    await flush();
    await cache.getTile(old[9] ?? first);
    await flush();
    expect(source.asked).toEqual(["4/0/0", "4/1/0", "4/2/0", "4/9/0"]);
  });

  test("says missing at once for a stale mark of emptiness, and finds the tile that has come since", async () => {
    const { cache, gate, store } = await setUpStale();
    await store.putMany([{ kind: "empty", tile: first, fetchedAtMs: 1000 }]);
    await expect(cache.getTile(first)).rejects.toMatchObject({ code: "tile.missing" });
    gate.resolve();
    await flush();
    expect(await cache.getTile(first)).toMatchObject({ status: "present", fetchedAtMs: 5000 });
  });

  test("a renewal that fails harms nobody and is tried again", async () => {
    const { cache, gate, source } = await setUpStale(() => broken);
    gate.resolve();
    for (let turn = 0; turn < 2; turn++) {
      expect((await cache.getTile(first)).fetchedAtMs).toBe(1000);
      await flush();
    }
    expect(source.asked).toHaveLength(2);
  });

  test("a tile that was never there is waited for", async () => {
    const { cache, gate } = await setUpStale();
    gate.resolve();
    expect(textOf((await cache.getTile(tile)).data)).toBe("3/2/1");
  });

  test("close breaks renewals off and waits for them", async () => {
    const { cache, gate, source } = await setUpStale(() => "hang");
    gate.resolve();
    await cache.getTile(first);
    await flush();
    expect(source.inFlight).toBe(1);
    await cache.close();
    expect([source.inFlight, source.closed]).toEqual([0, 1]);
  });

  test.each([0, -1, 1.5, Number.NaN])("refuses %d refreshes", (maxRefreshes) => {
    const make = (): TileCache =>
      new TileCache({ store: openMemoryStore({ grid }), source: null, staleWhileRefresh: { maxRefreshes } });
    expect(make).toThrowError(expect.objectContaining({ code: "argument.invalid" }));
  });
});

describe("TileCache.getTiles", () => {
  const row = Array.from({ length: 40 }, (_, x) => ({ z: 6, x, y: 0 }));

  test("gives tiles in the order asked with null where there is none, and never has more under way than asked for", async () => {
    const { cache, source } = setUp(async (asked) => {
      for (let turns = asked.x % 5; turns > 0; turns--) await flush();
      return asked.x % 3 === 0 ? EMPTY_ANSWER : tileAnswer(asked);
    });
    const answers = await Array.fromAsync(cache.getTiles(row, { concurrency: 4 }));
    expect(answers.map(({ tile: { x } }) => x)).toEqual(row.map(({ x }) => x));
    expect(answers.map(({ stored }) => stored !== null)).toEqual(row.map(({ x }) => x % 3 !== 0));
    expect(source.maxInFlight).toBe(4);
  });

  test("throws the first error in order; those after it are not left unhandled", async () => {
    const { cache } = setUp((asked) => (asked.x > 4 ? broken : tileAnswer(asked)));
    const seen: number[] = [];
    const walk = async (): Promise<void> => {
      for await (const { tile: one } of cache.getTiles(row)) seen.push(one.x);
    };
    await expect(walk()).rejects.toMatchObject({ code: "http.status" });
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    await flush();
  });
});

describe("a TileCache", () => {
  test("refuses a store in another grid than the source's", () => {
    const source = new FakeSource({ grid: worldCrs84Quad() });
    expect(() => new TileCache({ store: openMemoryStore({ grid }), source })).toThrowError(
      expect.objectContaining({ code: "store.mismatch" }),
    );
    expect(() => new TileCache({ store: openMemoryStore({ grid: worldCrs84Quad() }), source })).not.toThrow();
  });

  test("refuses grids whose addresses mean other tiles, on whatever level and by whatever measure", () => {
    const base = { crs: "EPSG:3035", bbox: [2_500_000, 1_500_000, 7_500_000, 5_500_000] } as const;
    const own = makeGrid({ ...base, bbox: [...base.bbox], resolutions: [1200, 600] });
    const open = (other: typeof own): TileCache =>
      new TileCache({ store: openMemoryStore({ grid: own }), source: new FakeSource({ grid: other }) });
    const [x0, y0, x1, y1] = base.bbox;
    const moved = makeGrid({ ...base, bbox: [x0 + 1000, y0 + 1000, x1 + 1000, y1 + 1000], resolutions: [1200, 600] });
    const finer = makeGrid({ ...base, bbox: [...base.bbox], resolutions: [1200, 400] });
    for (const other of [moved, finer])
      expect(() => open(other)).toThrowError(expect.objectContaining({ code: "store.mismatch" }));
    expect(() => open(makeGrid({ ...base, bbox: [...base.bbox], resolutions: [1200, 600, 300] }))).not.toThrow();
    expect(() => open(makeGrid({ ...base, bbox: [...base.bbox], resolutions: [1200] }))).not.toThrow();
    const large = new FakeSource({ grid: webMercatorQuad(512) });
    expect(() => new TileCache({ store: openMemoryStore({ grid }), source: large })).toThrowError(
      expect.objectContaining({ code: "store.mismatch" }),
    );
  });

  test("closes its source and its store", async () => {
    const { cache, source } = setUp();
    await cache.close();
    expect(source.closed).toBe(1);
    await expect(cache.getTile(tile)).rejects.toMatchObject({ code: "argument.invalid" });
  });
});

describe("TileCache.fetchUnkept", () => {
  test("gives what the source has now, asks it once for many, and keeps nothing", async () => {
    let version = 1;
    const { cache, source, store } = setUp(() => ({
      ...tileAnswer(tile),
      data: new TextEncoder().encode(`version ${version}`),
    }));
    await cache.getTile(tile);
    version = 2;
    const answers = await Promise.all(Array.from({ length: 100 }, () => cache.fetchUnkept(tile)));
    expect(new Set(answers.map(textOf))).toEqual(new Set(["version 2"]));
    expect(source.asked).toHaveLength(2);
    expect(textOf((await store.get(tile)).data)).toBe("version 1");
    await cache.fetchUnkept({ ...tile, x: 3 });
    expect(await store.has({ ...tile, x: 3 })).toBe(false);
  });

  test("tells what the source lacks, and its errors, though there is a tile in the store", async () => {
    let answer: ReturnType<NonNullable<FakeSourceOptions["answer"]>> = tileAnswer(tile);
    const { cache, store } = setUp(() => answer);
    await cache.getTile(tile);
    answer = EMPTY_ANSWER;
    await expect(cache.fetchUnkept(tile)).rejects.toMatchObject({ code: "tile.missing" });
    answer = broken;
    await expect(cache.fetchUnkept(tile)).rejects.toThrow("status 403");
    expect(await store.find(tile)).toMatchObject({ status: "present" });
    const archive = new TileCache({ store: openMemoryStore({ grid }), source: null });
    await expect(archive.fetchUnkept(tile)).rejects.toMatchObject({ code: "tile.missing" });
  });
});

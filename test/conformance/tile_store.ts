import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isTilthError } from "../../src/core/index.ts";
import { rangeCount, webMercatorQuad, worldCrs84Quad, type TileCoord, type TileRange } from "../../src/grid/index.ts";
import {
  PRESENCE,
  type OpenStoreOptions,
  type StoredTile,
  type TileRecord,
  type TileStore,
  type TileWrite,
} from "../../src/store/index.ts";
import { startWriter } from "../support/start_writer.ts";

/** What differs from store to store. */
export interface StoreUnderTest {
  open(location: string, options: OpenStoreOptions): Promise<TileStore>;
  /** Name within a temporary folder. */
  fileName: string;
  /** False for a store that ends with its close; the tests of files are then not made. */
  isPersistent: boolean;
  /** Names that the folder around it holds after a close. */
  leaves: readonly string[];
  /** False for a store that takes several writers at once. @default true */
  hasOneWriter?: boolean;
  /** What `openStore` of another process is given for a location. @default the location */
  addressOf?: (location: string) => string;
}

const grid = webMercatorQuad();
const PNG = Buffer.from("89504e470d0a1a0a", "hex");

/** Bytes that begin like a PNG and differ from each other. */
export function tileBytes(seed: number, sizeBytes = 300): Uint8Array {
  const data = Buffer.alloc(Math.max(sizeBytes, 12), seed & 0xff);
  PNG.copy(data);
  data.writeUInt32LE(seed >>> 0, 8);
  return data;
}

function tile(z: number, x: number, y: number, seed = z * 1e6 + x * 1e3 + y): TileWrite {
  return { kind: "tile", tile: { z, x, y }, data: tileBytes(seed), fetchedAtMs: 1_700_000_000_000, sourceId: "test" };
}

function empty(z: number, x: number, y: number, fetchedAtMs = 1_700_000_000_000): TileWrite {
  return { kind: "empty", tile: { z, x, y }, fetchedAtMs };
}

const range = (z: number, minX: number, minY: number, maxX: number, maxY: number): TileRange => ({
  z,
  minX,
  minY,
  maxX,
  maxY,
});
const sha256 = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");

async function collect(tiles: AsyncIterable<StoredTile>): Promise<StoredTile[]> {
  const all: StoredTile[] = [];
  for await (const one of tiles) all.push(one);
  return all;
}

const texts = (tiles: readonly { tile: TileCoord }[]): string[] =>
  tiles.map(({ tile: { z, x, y } }) => `${z}/${x}/${y}`).toSorted();

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: unknown) => (isTilthError(error) ? error.code : String(error)),
  );
}

/** The promises of the role `TileStore`, held by every implementation. */
export function describeTileStore(name: string, subject: StoreUnderTest): void {
  describe(`TileStore: ${name}`, () => {
    let folder = "";
    let location = "";
    const opened: TileStore[] = [];

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "tilth-store-"));
      location = join(folder, subject.fileName);
    });
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
      await rm(folder, { recursive: true, force: true });
    });

    async function open(options: Partial<OpenStoreOptions> = {}): Promise<TileStore> {
      const store = await subject.open(location, { mode: "write", grid, ...options });
      opened.push(store);
      return store;
    }

    it("gives back every byte and everything that was said of a tile", async () => {
      const store = await open();
      const data = randomBytes(20_000);
      PNG.copy(data);
      const at = { z: 3, x: 5, y: 2 };
      await store.putMany([
        {
          kind: "tile",
          tile: at,
          data,
          fetchedAtMs: 1_700_000_000_123,
          etag: '"a"',
          lastModified: "Wed, 21 Oct 2015 07:28:00 GMT",
          sourceId: "s",
          attempts: 3,
        },
      ]);
      const found = await store.get(at);
      expect(Buffer.compare(Buffer.from(found.data ?? []), data)).toBe(0);
      expect({ ...found, data: null }).toEqual({
        tile: at,
        status: "present",
        fetchedAtMs: 1_700_000_000_123,
        sizeBytes: 20_000,
        etag: '"a"',
        lastModified: "Wed, 21 Oct 2015 07:28:00 GMT",
        sha256: sha256(data),
        sourceId: "s",
        attempts: 3,
        data: null,
      });
      expect(await store.has(at)).toBe(true);
      expect(store.metadata.format).toBe("png");
    });

    it("keeps the attempts of each tile and mark however it is read, and knows when nobody has told them", async () => {
      const store = await open();
      await store.putMany([
        { ...tile(4, 0, 0), attempts: 1 } as TileWrite,
        { ...tile(4, 1, 0), attempts: 4 } as TileWrite,
        { ...tile(4, 2, 0), attempts: null } as TileWrite,
        tile(4, 3, 0),
        { ...empty(4, 4, 0), attempts: 2 } as TileWrite,
        empty(4, 5, 0),
      ]);
      const expected = [1, 4, null, null, 2, null];
      const byColumn = (records: readonly TileRecord[]): (number | null)[] =>
        records.toSorted((a, b) => a.tile.x - b.tile.x).map(({ attempts }) => attempts);
      const coords = expected.map((_, x) => ({ z: 4, x, y: 0 }));
      const found = await Promise.all(coords.map((coord) => store.find(coord)));
      expect(found.map((one) => one?.attempts)).toEqual(expected);
      expect(byColumn(await store.readRecords(range(4, 0, 0, 5, 0)))).toEqual(expected);
      expect(byColumn(await collect(store.list({ withData: false })))).toEqual(expected);
      if (store.findNow !== undefined)
        expect(coords.map((coord) => store.findNow?.(coord)?.attempts)).toEqual(expected);
      const renewed = (x: number, attempts?: number): TileWrite => {
        const write = { kind: "renew", tile: { z: 4, x, y: 0 }, fetchedAtMs: 1_800_000_000_000 } as const;
        return attempts === undefined ? write : { ...write, attempts };
      };
      await store.putMany([renewed(0, 2), renewed(1), renewed(2, 5), { ...tile(4, 4, 0), attempts: 7 } as TileWrite]);
      expect(byColumn(await store.readRecords(range(4, 0, 0, 5, 0)))).toEqual([2, 4, 5, null, 7, null]);
    });

    it("refuses attempts that are no count", async () => {
      const store = await open();
      for (const attempts of [0, -1, 1.5, Number.NaN])
        expect(await codeOf(store.putMany([{ ...tile(3, 1, 1), attempts } as TileWrite]))).toBe("argument.invalid");
    });

    it("keeps rows apart: nothing is known of the tile's mirror image and neighbours", async () => {
      const store = await open();
      await store.putMany([tile(3, 5, 2)]);
      for (const at of [
        { z: 3, x: 5, y: 5 },
        { z: 3, x: 2, y: 5 },
        { z: 3, x: 5, y: 3 },
        { z: 2, x: 5, y: 2 },
      ]) {
        expect(await store.find(at)).toBeNull();
        expect(await store.has(at)).toBe(false);
      }
      expect(await codeOf(store.get({ z: 3, x: 5, y: 5 }))).toBe("tile.missing");
    });

    it("holds tiles whose bytes are part of a larger buffer, and does not take the buffer away", async () => {
      const store = await open();
      const pool = Buffer.alloc(1000, 7);
      PNG.copy(pool, 100);
      const write: TileWrite = {
        kind: "tile",
        tile: { z: 1, x: 0, y: 0 },
        data: pool.subarray(100, 150),
        fetchedAtMs: 1,
      };
      const written = store.putMany([write]);
      const expected = Buffer.from(pool.subarray(100, 150));
      pool.fill(0);
      await written;
      expect(pool.length).toBe(1000);
      expect(Buffer.from((await store.get({ z: 1, x: 0, y: 0 })).data ?? [])).toEqual(expected);
    });

    it("answers presence row by row from the top left", async () => {
      const store = await open();
      await store.putMany([tile(4, 3, 5), tile(4, 4, 6), empty(4, 5, 5), tile(4, 9, 5), tile(5, 3, 5)]);
      const { present, empty: none, missing } = PRESENCE;
      expect([...(await store.readPresence(range(4, 3, 5, 5, 6)))]).toEqual([
        present,
        missing,
        none,
        missing,
        present,
        missing,
      ]);
      expect([...(await store.readPresence(range(4, 10, 5, 12, 6)))]).toEqual([0, 0, 0, 0, 0, 0]);
    });

    it("counts what is older than asked for as missing", async () => {
      const store = await open();
      await store.putMany([
        { ...tile(2, 0, 0), fetchedAtMs: 1000 } as TileWrite,
        { ...tile(2, 1, 0), fetchedAtMs: 2000 } as TileWrite,
        empty(2, 2, 0, 1000),
        empty(2, 3, 0, 2000),
      ]);
      const presence = await store.readPresence(range(2, 0, 0, 3, 0), { staleBeforeMs: 2000 });
      expect([...presence]).toEqual([PRESENCE.missing, PRESENCE.present, PRESENCE.missing, PRESENCE.empty]);
    });

    it("tells the smallest range around the tiles of each level", async () => {
      const store = await open();
      expect(await store.readExtents()).toEqual([]);
      const last = 2 ** 12 - 1;
      await store.putMany([
        tile(3, 5, 2),
        tile(5, 9, 4),
        tile(5, 3, 20),
        tile(5, 30, 11),
        tile(12, 0, 7),
        tile(12, last, last),
      ]);
      // The service has nothing there: that is no tile.
      await store.putMany([empty(5, 31, 31), empty(4, 0, 0)]);
      expect(await store.readExtents()).toEqual([
        range(3, 5, 2, 5, 2),
        range(5, 3, 4, 30, 20),
        range(12, 0, 7, last, last),
      ]);
      await store.delete({
        tiles: [
          { z: 5, x: 30, y: 11 },
          { z: 5, x: 9, y: 4 },
          { z: 3, x: 5, y: 2 },
        ],
      });
      expect(await store.readExtents()).toEqual([range(5, 3, 20, 3, 20), range(12, 0, 7, last, last)]);
      if (!subject.isPersistent) return;
      await store.close();
      const again = await open({ mode: "read" });
      expect(await again.readExtents()).toEqual([range(5, 3, 20, 3, 20), range(12, 0, 7, last, last)]);
    });

    it("answers for both edges of the world and for a whole wide row", async () => {
      const store = await open();
      const last = 2 ** 12 - 1;
      await store.putMany([tile(12, 0, 7), tile(12, last, 7), empty(12, last, 8), tile(12, 2000, 7)]);
      const presence = await store.readPresence(range(12, 0, 7, last, 8));
      const known = [...presence.entries()].filter(([, value]) => value !== PRESENCE.missing);
      expect(known).toEqual([
        [0, 1],
        [2000, 1],
        [last, 1],
        [2 * (last + 1) - 1, 2],
      ]);
      expect([...(await store.readPresence(range(12, last - 1, 7, last, 7)))]).toEqual([0, 1]);
    });

    it("refuses ranges outside of the grid or larger than the answer may be", async () => {
      const store = await open();
      for (const bad of [
        range(2, 0, 0, 4, 0),
        range(2, -1, 0, 0, 0),
        range(2, 2, 0, 1, 0),
        range(12, 0, 0, 1024, 1023),
      ]) {
        expect(await codeOf(store.readPresence(bad))).toBe("argument.invalid");
        expect(await codeOf(store.readRecords(bad))).toBe("argument.invalid");
      }
      expect(await codeOf(store.readPresence(range(99, 0, 0, 0, 0)))).toBe("grid.level");
    });

    it("lets a known-empty mark take the place of bytes, and bytes that of a mark", async () => {
      const store = await open();
      await store.putMany([tile(3, 1, 1), empty(3, 2, 2)]);
      await store.putMany([empty(3, 1, 1), tile(3, 2, 2)]);
      expect(await store.find({ z: 3, x: 1, y: 1 })).toMatchObject({
        status: "empty",
        data: null,
        sha256: null,
        sizeBytes: 0,
      });
      expect(await store.has({ z: 3, x: 1, y: 1 })).toBe(false);
      expect(await codeOf(store.get({ z: 3, x: 1, y: 1 }))).toBe("tile.missing");
      expect(await store.find({ z: 3, x: 2, y: 2 })).toMatchObject({ status: "present" });
      expect(await store.count()).toEqual({ present: 1, empty: 1, sizeBytes: 300 });
      expect(await store.checkIntegrity()).toEqual([]);
    });

    it("takes the last of several writes to one address", async () => {
      const store = await open();
      await store.putMany([tile(3, 1, 1, 1), empty(3, 1, 1), tile(3, 1, 1, 2)]);
      expect((await store.get({ z: 3, x: 1, y: 1 })).sha256).toBe(sha256(tileBytes(2)));
      await store.putMany([tile(3, 1, 1, 3)]);
      expect((await store.get({ z: 3, x: 1, y: 1 })).data).toEqual(new Uint8Array(tileBytes(3)));
      expect(await store.count()).toEqual({ present: 1, empty: 0, sizeBytes: 300 });
    });

    it("renews a tile without its bytes, keeps validators that are not given, and knows nothing of others", async () => {
      const store = await open();
      await store.putMany([{ ...tile(3, 1, 1), etag: '"a"', lastModified: "then" } as TileWrite, empty(3, 3, 3, 5)]);
      await store.putMany([
        { kind: "renew", tile: { z: 3, x: 1, y: 1 }, fetchedAtMs: 1_800_000_000_000, etag: '"b"' },
        { kind: "renew", tile: { z: 3, x: 2, y: 2 }, fetchedAtMs: 1_800_000_000_000 },
        { kind: "renew", tile: { z: 3, x: 3, y: 3 }, fetchedAtMs: 1_800_000_000_000 },
      ]);
      const found = await store.get({ z: 3, x: 1, y: 1 });
      expect(found).toMatchObject({
        fetchedAtMs: 1_800_000_000_000,
        etag: '"b"',
        lastModified: "then",
        sizeBytes: 300,
      });
      expect(found.data).toEqual(new Uint8Array(tileBytes(3_001_001)));
      expect(await store.find({ z: 3, x: 2, y: 2 })).toBeNull();
      expect(await store.find({ z: 3, x: 3, y: 3 })).toMatchObject({ status: "empty", fetchedAtMs: 5 });
    });

    it("writes all of a batch or nothing", async () => {
      const store = await open();
      const outside: TileWrite = { ...tile(3, 1, 1), tile: { z: 3, x: 8, y: 0 } } as TileWrite;
      const none: TileWrite = { ...tile(3, 1, 1), data: new Uint8Array() } as TileWrite;
      const noTime: TileWrite = { ...tile(3, 1, 1), fetchedAtMs: Number.NaN } as TileWrite;
      for (const bad of [outside, none, noTime])
        expect(await codeOf(store.putMany([tile(3, 0, 0), bad]))).toBe("argument.invalid");
      expect(await store.find({ z: 3, x: 0, y: 0 })).toBeNull();
      await store.putMany([]);
      expect(await store.count()).toEqual({ present: 0, empty: 0, sizeBytes: 0 });
    });

    it("does concurrent writes in the order in which they were asked for", async () => {
      const store = await open();
      await Promise.all(Array.from({ length: 20 }, (_, seed) => store.putMany([tile(3, 1, 1, seed)])));
      expect((await store.get({ z: 3, x: 1, y: 1 })).sha256).toBe(sha256(tileBytes(19)));
    });

    it("reads the records of a range without bytes", async () => {
      const store = await open();
      await store.putMany([
        { ...tile(4, 3, 5), etag: '"x"' } as TileWrite,
        empty(4, 4, 5),
        tile(4, 5, 6),
        tile(4, 6, 6),
      ]);
      const records = await store.readRecords(range(4, 3, 5, 5, 6));
      expect(texts(records)).toEqual(["4/3/5", "4/4/5", "4/5/6"]);
      expect(records.find((record) => record.tile.x === 3)).toMatchObject({
        etag: '"x"',
        status: "present",
        sizeBytes: 300,
      });
      expect(records.find((record) => record.tile.x === 4)).toMatchObject({ status: "empty", sha256: null });
      expect(records.every((record) => !("data" in record))).toBe(true);
    });

    it("deletes by range, by age, by address and by all of them together", async () => {
      const store = await open();
      const at = (x: number, y: number, fetchedAtMs: number): TileWrite =>
        ({ ...tile(4, x, y), fetchedAtMs }) as TileWrite;
      await store.putMany([at(0, 0, 10), at(1, 0, 20), at(2, 0, 30), empty(4, 3, 0, 10), at(0, 9, 10), tile(5, 0, 0)]);
      expect(
        await store.delete({
          range: range(4, 0, 0, 2, 0),
          fetchedBeforeMs: 20,
          tiles: [
            { z: 4, x: 0, y: 0 },
            { z: 4, x: 1, y: 0 },
          ],
        }),
      ).toBe(1);
      expect(texts(await collect(store.list()))).toEqual(["4/0/9", "4/1/0", "4/2/0", "4/3/0", "5/0/0"]);
      expect(
        await store.delete({
          tiles: [
            { z: 4, x: 2, y: 0 },
            { z: 4, x: 15, y: 15 },
          ],
        }),
      ).toBe(1);
      expect(await store.delete({ fetchedBeforeMs: 20 })).toBe(2);
      expect(texts(await collect(store.list()))).toEqual(["4/1/0", "5/0/0"]);
      expect(await store.delete({ range: range(5, 0, 0, 3, 3) })).toBe(1);
      expect(await store.delete({ tiles: [] })).toBe(0);
      expect(await store.delete({})).toBe(1);
      expect(await store.listLevels()).toEqual([]);
      expect(await store.delete({})).toBe(0);
      expect(await store.checkIntegrity()).toEqual([]);
    });

    it("lists every address once, level by level, across the borders of its pages", async () => {
      const store = await open();
      const writes = Array.from({ length: 1300 }, (_, i) =>
        i % 3 === 2 ? empty(7, i % 100, Math.floor(i / 100)) : tile(7, i % 100, Math.floor(i / 100)),
      );
      await store.putMany([tile(9, 1, 1), ...writes, tile(0, 0, 0)]);
      const all = await collect(store.list());
      const levels = all.map((one) => one.tile.z);
      expect(levels).toEqual(levels.toSorted((a, b) => a - b));
      expect(texts(all)).toEqual(texts([tile(9, 1, 1), ...writes, tile(0, 0, 0)]));
      for (const one of all) {
        const { z, x, y } = one.tile;
        expect(one.data === null ? null : sha256(one.data)).toBe(
          one.status === "empty" ? null : sha256(tileBytes(z * 1e6 + x * 1e3 + y)),
        );
      }
      const within = await collect(store.list({ range: range(7, 10, 2, 12, 3), withData: false }));
      expect(within.length).toBe(6);
      expect(within.every((one) => one.data === null)).toBe(true);
    });

    it("lists large tiles page by page and lets go early", async () => {
      const store = await open();
      const large = (i: number): TileWrite => ({
        kind: "tile",
        tile: { z: 6, x: i, y: 0 },
        data: tileBytes(i, 1_000_000),
        fetchedAtMs: 1,
      });
      await store.putMany(Array.from({ length: 12 }, (_, i) => large(i)));
      expect((await collect(store.list())).map((one) => one.data?.byteLength)).toEqual(
        Array.from({ length: 12 }, () => 1_000_000),
      );
      for await (const one of store.list()) {
        expect(one.tile.z).toBe(6);
        break;
      }
      await store.putMany([tile(6, 20, 20)]);
      expect((await store.count()).present).toBe(13);
    });

    it("goes on with its list while what it has listed is forgotten", async () => {
      const store = await open();
      const writes = Array.from({ length: 1300 }, (_, i) =>
        i % 3 === 2 ? empty(7, i % 100, Math.floor(i / 100)) : tile(7, i % 100, Math.floor(i / 100)),
      );
      await store.putMany([tile(3, 1, 1), ...writes]);
      const listed: StoredTile[] = [];
      for await (const one of store.list({ withData: false })) {
        listed.push(one);
        if (listed.length % 100 === 0) await store.delete({ tiles: listed.slice(-100).map((each) => each.tile) });
      }
      expect(texts(listed)).toEqual(texts([tile(3, 1, 1), ...writes]));
      expect((await collect(store.list({ withData: false }))).length).toBe(1);
    });

    it("counts, as a whole and by level", async () => {
      const store = await open();
      await store.putMany([tile(1, 0, 0), tile(2, 0, 0), tile(2, 1, 0), empty(2, 3, 3), empty(4, 3, 3)]);
      expect(await store.count()).toEqual({ present: 3, empty: 2, sizeBytes: 900 });
      expect(await store.count({ z: 2 })).toEqual({ present: 2, empty: 1, sizeBytes: 600 });
      expect(await store.count({ z: 3 })).toEqual({ present: 0, empty: 0, sizeBytes: 0 });
      expect(await store.listLevels()).toEqual([1, 2, 4]);
    });

    it("keeps tasks and metadata", async () => {
      const store = await open({ metadata: { title: "A 'title'", attribution: "(c) me" } });
      expect(store.metadata).toMatchObject({ title: "A 'title'", attribution: "(c) me", format: null, sourceId: null });
      await store.putTask({ id: "b", definition: '{"a":1}', report: null, updatedAtMs: 2 });
      await store.putTask({ id: "a", definition: "{}", report: null, updatedAtMs: 1 });
      await store.putTask({ id: "b", definition: '{"a":1}', report: '{"ok":true}', updatedAtMs: 3 });
      expect(await store.listTasks()).toEqual([
        { id: "a", definition: "{}", report: null, updatedAtMs: 1 },
        { id: "b", definition: '{"a":1}', report: '{"ok":true}', updatedAtMs: 3 },
      ]);
      await store.updateMetadata({ description: "what it is", sourceId: "s" });
      expect(store.metadata).toMatchObject({ title: "A 'title'", description: "what it is", sourceId: "s" });
    });

    it("keeps the source of each tile, whatever source the file has later", async () => {
      const store = await open({ metadata: { sourceId: "first" } });
      const from = (x: number, y: number, sourceId: string | null): TileWrite => ({
        kind: "tile",
        tile: { z: 1, x, y },
        data: tileBytes(2 * x + y),
        fetchedAtMs: 1,
        sourceId,
      });
      await store.putMany([from(0, 0, "first"), from(1, 0, "other")]);
      await store.updateMetadata({ sourceId: "second" });
      await store.putMany([from(0, 1, "second"), from(1, 1, null)]);
      const expected = { "0/0": "first", "1/0": "other", "0/1": "second", "1/1": null };
      const bySource = (records: readonly TileRecord[]): Record<string, string | null> =>
        Object.fromEntries(records.map(({ tile: { x, y }, sourceId }) => [`${x}/${y}`, sourceId]));
      expect(bySource(await store.readRecords(range(1, 0, 0, 1, 1)))).toEqual(expected);
      expect(bySource(await Array.fromAsync(store.list()))).toEqual(expected);
      const found = [0, 1].flatMap((x) => [0, 1].map(async (y) => store.get({ z: 1, x, y })));
      expect(bySource(await Promise.all(found))).toEqual(expected);
    });

    it("finds at once what it finds, where it can", async () => {
      const store = await open();
      await store.putMany([tile(2, 1, 0), empty(2, 2, 0)]);
      const coords = [1, 2, 3].map((x) => ({ z: 2, x, y: 0 }));
      const { findNow } = store;
      if (findNow === undefined) {
        expect(["memory", "directory", "postgres"]).toContain(store.kind);
        return;
      }
      for (const coord of coords) expect(findNow(coord)).toEqual(await store.find(coord));
      expect(findNow(coords[0] as TileCoord)?.status).toBe("present");
      await store.putMany([tile(2, 3, 0)]);
      expect(findNow(coords[2] as TileCoord)?.data).toEqual(new Uint8Array(tileBytes(2_003_000)));
      await store.delete({ tiles: coords });
      expect(coords.map((coord) => findNow(coord))).toEqual([null, null, null]);
      await store.close();
      expect(() => findNow(coords[0] as TileCoord)).toThrow(expect.objectContaining({ code: "argument.invalid" }));
    });

    it("rejects at once when its signal is aborted, and goes on working", async () => {
      const store = await open();
      await store.putMany([tile(3, 1, 1), tile(3, 2, 1)]);
      const aborted = AbortSignal.abort();
      const at = { z: 3, x: 1, y: 1 };
      const calls = [
        store.has(at, { signal: aborted }),
        store.find(at, { signal: aborted }),
        store.get(at, { signal: aborted }),
        store.readPresence(range(3, 0, 0, 1, 1), { signal: aborted }),
        store.readRecords(range(3, 0, 0, 1, 1), { signal: aborted }),
        store.delete({}, { signal: aborted }),
        store.count({ signal: aborted }),
        store.listLevels({ signal: aborted }),
        store.readExtents({ signal: aborted }),
        collect(store.list({ signal: aborted })),
      ];
      expect(await Promise.all(calls.map(codeOf))).toEqual(calls.map(() => "cancelled"));
      const controller = new AbortController();
      const listing = (async () => {
        for await (const _one of store.list({ signal: controller.signal })) controller.abort();
      })();
      expect(await codeOf(listing)).toBe("cancelled");
      expect((await store.count()).present).toBe(2);
    });

    it("closes twice, and does nothing after that", async () => {
      const store = await open();
      await store.putMany([tile(3, 1, 1)]);
      await Promise.all([store.close(), store.close()]);
      await store.close();
      expect(await codeOf(store.count())).toBe("argument.invalid");
      expect(await codeOf(store.putMany([tile(3, 1, 1)]))).toBe("argument.invalid");
    });

    it("behaves like a map of addresses, whatever is done to it", async () => {
      const coord = fc
        .record({ z: fc.integer({ min: 0, max: 3 }), x: fc.nat(7), y: fc.nat(7) })
        .map(({ z, x, y }) => ({ z, x: x % 2 ** z, y: y % 2 ** z }));
      const time = fc.integer({ min: 1, max: 5 }).map((n) => n * 1000);
      const write: fc.Arbitrary<TileWrite> = fc.oneof(
        fc.record({
          kind: fc.constant("tile" as const),
          tile: coord,
          data: fc.nat(9).map((seed) => tileBytes(seed, 20)),
          fetchedAtMs: time,
        }),
        fc.record({ kind: fc.constant("empty" as const), tile: coord, fetchedAtMs: time }),
        fc.record({ kind: fc.constant("renew" as const), tile: coord, fetchedAtMs: time }),
      );
      const step = fc.oneof(
        {
          weight: 4,
          arbitrary: fc.array(write, { minLength: 1, maxLength: 12 }).map((writes) => ({ do: "put" as const, writes })),
        },
        {
          weight: 1,
          arbitrary: fc.record({
            do: fc.constant("delete" as const),
            before: time,
            tiles: fc.option(fc.array(coord, { maxLength: 5 }), { nil: undefined }),
          }),
        },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
          const store = await subject.open(join(folder, `${randomBytes(8).toString("hex")}-${subject.fileName}`), {
            mode: "write",
            grid,
          });
          try {
            const model = new Map<string, ModelTile>();
            for (const one of steps) {
              if (one.do === "put") {
                await store.putMany(one.writes);
                for (const each of one.writes) applyToModel(model, each);
              } else {
                const deleted = deleteFromModel(model, one.before, one.tiles);
                expect(await store.delete({ fetchedBeforeMs: one.before, tiles: one.tiles })).toBe(deleted);
              }
            }
            await expectLikeModel(store, model);
          } finally {
            await store.close();
          }
        }),
        { numRuns: subject.isPersistent ? 25 : 100 },
      );
    });

    const addressOf = subject.addressOf ?? ((path: string) => path);
    if (subject.isPersistent) describeFiles();

    function describeFiles(): void {
      it("opens again with everything in it, and leaves nothing else behind", async () => {
        const store = await open({ metadata: { title: "T", description: "D", attribution: "A", sourceId: "s" } });
        await store.putMany([tile(3, 1, 6), empty(3, 2, 2), tile(1, 0, 0)]);
        await store.putTask({ id: "a", definition: "{}", report: "{}", updatedAtMs: 1 });
        const records = await store.readRecords(range(3, 0, 0, 7, 7));
        await store.close();
        expect((await readdir(folder)).toSorted()).toEqual(subject.leaves.toSorted());
        for (const mode of ["read", "write"] as const) {
          const again = await open({ mode });
          expect(again.metadata).toEqual({
            title: "T",
            description: "D",
            attribution: "A",
            format: "png",
            sourceId: "s",
          });
          expect(again.grid.id).toBe("WebMercatorQuad");
          expect(again.readOnly).toBe(mode === "read");
          expect(await again.readRecords(range(3, 0, 0, 7, 7))).toEqual(records);
          expect((await again.get({ z: 3, x: 1, y: 6 })).data).toEqual(new Uint8Array(tileBytes(3_001_006)));
          expect(await again.count()).toEqual({ present: 2, empty: 1, sizeBytes: 600 });
          expect(await again.listTasks()).toHaveLength(1);
          expect(await again.checkIntegrity()).toEqual([]);
          await again.close();
        }
        expect((await readdir(folder)).toSorted()).toEqual(subject.leaves.toSorted());
      });

      it("needs no grid to open what is there, and refuses another grid or source", async () => {
        const store = await open({ metadata: { sourceId: "one" } });
        await store.putMany([tile(2, 1, 1)]);
        await store.close();
        expect((await open({ mode: "read", grid: undefined })).grid.id).toBe("WebMercatorQuad");
        const wrong: Partial<OpenStoreOptions>[] = [
          { grid: worldCrs84Quad() },
          { grid: webMercatorQuad(512) },
          { metadata: { sourceId: "two" } },
        ];
        for (const options of wrong) {
          for (const mode of ["read", "write"] as const)
            expect(await codeOf(open({ ...options, mode }))).toBe("store.mismatch");
        }
        const same = await open({ metadata: { sourceId: "one" } });
        expect((await same.count()).present).toBe(1);
      });

      it("remembers a source that is named later", async () => {
        await (await open()).close();
        await (await open({ metadata: { sourceId: "late" } })).close();
        expect((await open({ mode: "read" })).metadata.sourceId).toBe("late");
      });

      it("keeps the tile size of its grid", async () => {
        await (await open({ grid: webMercatorQuad(512) })).close();
        expect((await open({ mode: "read", grid: undefined })).grid.getMatrix(0).tileWidth).toBe(512);
      });

      it("refuses writes when it was opened for reading, and changes no byte", async () => {
        const store = await open();
        await store.putMany([tile(2, 1, 1)]);
        await store.close();
        const reader = await open({ mode: "read" });
        const calls = [
          reader.putMany([tile(2, 0, 0)]),
          reader.delete({}),
          reader.putTask({ id: "a", definition: "{}", report: null, updatedAtMs: 1 }),
          reader.updateMetadata({ title: "x" }),
        ];
        expect(await Promise.all(calls.map(codeOf))).toEqual(calls.map(() => "store.readOnly"));
        expect((await reader.count()).present).toBe(1);
      });

      it("says that there is nothing to read, and makes nothing", async () => {
        expect(await codeOf(open({ mode: "read" }))).toBe("store.missing");
        expect(await codeOf(open({ grid: undefined }))).toBe("argument.invalid");
        expect(await readdir(folder)).toEqual([]);
      });

      if (subject.hasOneWriter ?? true) describeOneWriter();
      else describeManyWriters();

      it("holds whole batches and only those after a kill at any moment", async () => {
        for (const afterMs of [0, 7, 23, 61]) {
          const child = await startWriter(WRITE_TILES, addressOf(location));
          await new Promise((resolve) => setTimeout(resolve, afterMs));
          child.process.kill("SIGKILL");
          await child.exited;
          for (const mode of ["read", "write"] as const) {
            const store = await open({ mode });
            await expectWholeBatches(store, child.committed());
            await store.close();
          }
          expect((await readdir(folder)).toSorted()).toEqual(subject.leaves.toSorted());
        }
      });
    }

    function describeOneWriter(): void {
      it("has one writer within a process and any number of readers beside it", async () => {
        const writer = await open();
        await writer.putMany([tile(2, 1, 1)]);
        expect(await codeOf(open())).toBe("store.locked");
        const reader = await open({ mode: "read" });
        expect((await reader.count()).present).toBe(1);
        await writer.putMany([tile(2, 2, 1)]);
        expect((await reader.count()).present).toBe(2);
        await reader.close();
        const waiting = open({ lockTimeoutMs: 10_000 });
        const impatient = codeOf(open({ lockTimeoutMs: 10_000, signal: AbortSignal.timeout(50) }));
        expect(await impatient).not.toBe("store.locked");
        await writer.close();
        expect((await (await waiting).count()).present).toBe(2);
      });

      it("has one writer among processes, and takes over from one that was killed", async () => {
        const child = await startWriter(WRITE_TILES, addressOf(location));
        try {
          expect(await codeOf(open())).toBe("store.locked");
          child.process.kill("SIGKILL");
          await child.exited;
          const store = await open();
          await store.putMany([tile(2, 1, 1)]);
          expect(await store.has({ z: 2, x: 1, y: 1 })).toBe(true);
        } finally {
          child.process.kill("SIGKILL");
        }
      });
    }

    function describeManyWriters(): void {
      it("has any number of writers at once, and readers beside them", async () => {
        const [one, other, reader] = [await open(), await open(), await open({ mode: "read" })];
        const columns = Array.from({ length: 16 }, (_, x) => x);
        await Promise.all(
          columns.flatMap((x) => [
            one.putMany([tile(4, x, 1, 1), tile(4, x, 2, 1), tile(4, x, 3, 1)]),
            other.putMany([tile(4, x, 3, 2), tile(4, x, 2, 2), tile(4, x, 4, 2)]),
          ]),
        );
        expect(await reader.count()).toEqual({ present: 64, empty: 0, sizeBytes: 64 * 300 });
        const hashes = new Set((await collect(reader.list())).map(({ sha256: hash }) => hash));
        expect(hashes).toEqual(new Set([sha256(tileBytes(1)), sha256(tileBytes(2))]));
        await one.putMany([tile(4, 0, 3, 1)]);
        await other.putMany([tile(4, 0, 3, 3)]);
        expect((await one.get({ z: 4, x: 0, y: 3 })).sha256).toBe(sha256(tileBytes(3)));
        expect(await one.checkIntegrity()).toEqual([]);
      });

      it("has writers among processes, and loses nothing of others when one is killed", async () => {
        const child = await startWriter(WRITE_TILES, addressOf(location));
        try {
          const store = await open();
          await store.putMany([tile(2, 1, 1)]);
          child.process.kill("SIGKILL");
          await child.exited;
          await store.putMany([tile(2, 2, 1)]);
          expect((await store.count({ z: 2 })).present).toBe(2);
          expect(await store.checkIntegrity()).toEqual([]);
        } finally {
          child.process.kill("SIGKILL");
        }
      });
    }
  });
}

const WRITE_TILES = new URL("./write_until_killed.ts", import.meta.url);

/** Must match `write_until_killed.ts`. */
export const KILLED_BATCH_TILES = 50;

async function expectWholeBatches(store: TileStore, committed: number): Promise<void> {
  expect(await store.checkIntegrity()).toEqual([]);
  const perBatch = new Map<number, number>();
  for await (const one of store.list()) {
    const batch = one.tile.x;
    perBatch.set(batch, (perBatch.get(batch) ?? 0) + 1);
    expect(one.sha256).toBe(sha256(one.data ?? new Uint8Array()));
  }
  for (const [batch, count] of perBatch) expect([batch, count]).toEqual([batch, KILLED_BATCH_TILES]);
  for (let batch = 0; batch <= committed; batch += 1) expect(perBatch.has(batch)).toBe(true);
}

interface ModelTile {
  tile: TileCoord;
  data: Uint8Array | null;
  fetchedAtMs: number;
}

function applyToModel(model: Map<string, ModelTile>, write: TileWrite): void {
  const { z, x, y } = write.tile;
  const key = `${z}/${x}/${y}`;
  const old = model.get(key);
  if (write.kind === "renew") {
    if (old !== undefined && old.data !== null) model.set(key, { ...old, fetchedAtMs: write.fetchedAtMs });
    return;
  }
  model.set(key, { tile: write.tile, data: write.kind === "tile" ? write.data : null, fetchedAtMs: write.fetchedAtMs });
}

function deleteFromModel(
  model: Map<string, ModelTile>,
  before: number,
  tiles: readonly TileCoord[] | undefined,
): number {
  const wanted = tiles === undefined ? null : new Set(texts(tiles.map((one) => ({ tile: one }))));
  let count = 0;
  for (const [key, { fetchedAtMs }] of model) {
    if (fetchedAtMs >= before || wanted?.has(key) === false) continue;
    model.delete(key);
    count += 1;
  }
  return count;
}

async function expectLikeModel(store: TileStore, model: ReadonlyMap<string, ModelTile>): Promise<void> {
  const listed = await collect(store.list());
  expect(texts(listed)).toEqual([...model.keys()].toSorted());
  for (const one of listed) {
    const { z, x, y } = one.tile;
    const expected = model.get(`${z}/${x}/${y}`);
    expect(one.fetchedAtMs).toBe(expected?.fetchedAtMs);
    expect(one.data === null ? null : sha256(one.data)).toBe(
      expected === undefined || expected.data === null ? null : sha256(expected.data),
    );
  }
  for (const staleBeforeMs of [undefined, 3000]) {
    const whole = grid.levelRange(3);
    const presence = await store.readPresence(whole, { staleBeforeMs });
    const expected = new Uint8Array(rangeCount(whole));
    for (const { tile: at, data, fetchedAtMs } of model.values()) {
      if (at.z === 3 && fetchedAtMs >= (staleBeforeMs ?? 0))
        expected[at.y * 8 + at.x] = data === null ? PRESENCE.empty : PRESENCE.present;
    }
    expect([...presence]).toEqual([...expected]);
  }
  const present = [...model.values()].flatMap(({ data }) => (data === null ? [] : [data]));
  expect(await store.count()).toEqual({
    present: present.length,
    empty: model.size - present.length,
    sizeBytes: present.reduce((sum, data) => sum + data.byteLength, 0),
  });
  expect(await store.listLevels()).toEqual(
    [...new Set([...model.values()].map((one) => one.tile.z))].toSorted((a, b) => a - b),
  );
  const xs = (z: number): number[] =>
    [...model.values()].flatMap(({ tile: at, data }) => (at.z === z && data !== null ? [at.x] : []));
  expect((await store.readExtents()).map(({ z, minX, maxX }) => [z, minX, maxX])).toEqual(
    grid.matrices.flatMap((_, z) => (xs(z).length > 0 ? [[z, Math.min(...xs(z)), Math.max(...xs(z))]] : [])),
  );
  expect(await store.checkIntegrity()).toEqual([]);
}

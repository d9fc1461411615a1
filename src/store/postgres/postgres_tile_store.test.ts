import { createHash, randomBytes } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { tileBytes } from "../../../test/conformance/tile_store.ts";
import { CutProxy } from "../../../test/support/cut_proxy.ts";
import { usePostgres } from "../../../test/support/postgres.ts";
import { isTilthError } from "../../core/index.ts";
import { webMercatorQuad } from "../../grid/index.ts";
import { openPostgres, type PostgresDatabase } from "../../postgres/index.ts";
import { listLayers, openStore } from "../open_store.ts";
import type { TileWrite } from "../tile_store.ts";
import { openPostgresStore, type OpenPostgresStoreOptions } from "./open_postgres_store.ts";
import type { PostgresTileStore } from "./postgres_tile_store.ts";
import { PRESENCE_QUERY, presenceValues } from "./read_tiles.ts";

const server = usePostgres();
const grid = webMercatorQuad();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function openDatabase(url = server().url): Promise<PostgresDatabase> {
  const database = await openPostgres(url);
  closers.push(() => database.close());
  return database;
}

async function open(
  database: PostgresDatabase,
  options: Partial<OpenPostgresStoreOptions> = {},
): Promise<PostgresTileStore> {
  const layer = randomBytes(6).toString("hex");
  const store = await openPostgresStore(database, { mode: "write", grid, layer, ...options });
  closers.push(() => store.close());
  return store;
}

function tile(x: number, seed: number, z = 10): TileWrite {
  return { kind: "tile", tile: { z, x, y: 1 }, data: tileBytes(seed), fetchedAtMs: 1000 };
}

const hashOf = (seed: number): string => createHash("sha256").update(tileBytes(seed)).digest("hex");

async function hasContent(database: PostgresDatabase, seed: number): Promise<boolean> {
  const text = "SELECT 1 FROM tilth.content WHERE sha256 = decode($1, 'hex')";
  return (await database.query(text, [hashOf(seed)])).length > 0;
}

describe("contents", () => {
  it("are kept once for all caches, and go with their last tile", async () => {
    const database = await openDatabase();
    const [one, other] = [await open(database), await open(database)];
    await one.putMany([tile(1, 11), tile(2, 11), tile(3, 12)]);
    await other.putMany([tile(1, 11)]);
    const [row] = await database.query<{ n: number }>("SELECT count(*) AS n FROM tilth.content");
    expect(row?.n).toBe(2);
    await one.delete({});
    expect([await hasContent(database, 11), await hasContent(database, 12)]).toEqual([true, false]);
    await other.putMany([tile(1, 13)]);
    await other.close();
    expect([await hasContent(database, 11), await hasContent(database, 13)]).toEqual([false, true]);
    expect(await database.query("SELECT 1 FROM tilth.released")).toEqual([]);
  });

  it("stay when a writer has just found them there", async () => {
    const database = await openDatabase();
    const [one, other] = [await open(database), await open(database)];
    await one.putMany([tile(1, 21)]);
    await database.transaction(async (transaction) => {
      await other.putManyWithin(transaction, [tile(5, 21)]);
      // Its last tile that anybody can see goes, while the new one is not committed.
      expect(await one.delete({})).toBe(1);
      expect(await hasContent(database, 21)).toBe(true);
    });
    expect((await other.get({ z: 10, x: 5, y: 1 })).sha256).toBe(hashOf(21));
    expect(await other.checkIntegrity()).toEqual([]);
    await other.delete({});
    expect(await hasContent(database, 21)).toBe(false);
  });

  it("are written again when they are removed under a writer's hands", async () => {
    const database = await openDatabase();
    const store = await open(database);
    await store.putMany([tile(1, 31)]);
    const writing: Promise<void>[] = [];
    await database.transaction(async (transaction) => {
      // As `removeReleased` does it: locked, then removed.
      await transaction.query("SELECT 1 FROM tilth.content WHERE sha256 = decode($1, 'hex') FOR UPDATE", [hashOf(31)]);
      writing.push(store.putMany([tile(2, 31)]));
      await expect
        .poll(() =>
          server().run("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%KEY SHARE%'"),
        )
        .toHaveLength(1);
      await transaction.query("DELETE FROM tilth.tile WHERE sha256 = decode($1, 'hex')", [hashOf(31)]);
      await transaction.query("DELETE FROM tilth.content WHERE sha256 = decode($1, 'hex')", [hashOf(31)]);
    });
    await Promise.all(writing);
    expect((await store.get({ z: 10, x: 2, y: 1 })).sha256).toBe(hashOf(31));
    expect(await store.checkIntegrity()).toEqual([]);
  });

  it("are whole after writers and a remover have worked on the same few for a while", async () => {
    const databases = await Promise.all([openDatabase(), openDatabase(), openDatabase()]);
    const layer = "busy";
    const stores = await Promise.all(databases.map((database) => open(database, { layer })));
    const [first, second, remover] = stores as [PostgresTileStore, PostgresTileStore, PostgresTileStore];
    const write = async (store: PostgresTileStore, from: number): Promise<void> => {
      for (let i = 0; i < 40; i += 1)
        await store.putMany(Array.from({ length: 8 }, (_, x) => tile((x * from) % 8, 40 + ((i * from + x) % 5))));
    };
    const remove = async (): Promise<void> => {
      for (let i = 0; i < 40; i += 1) await remover.delete({ tiles: [{ z: 10, x: i % 8, y: 1 }] });
    };
    await Promise.all([write(first, 3), write(second, 5), remove()]);
    expect(await first.checkIntegrity()).toEqual([]);
    await remover.delete({});
    await first.removeUnused();
    const left = await Promise.all([40, 41, 42, 43, 44].map((seed) => hasContent(databases[0], seed)));
    expect(left).toEqual([false, false, false, false, false]);
  });

  it("that are damaged or gone are found", async () => {
    const database = await openDatabase();
    const store = await open(database);
    await store.putMany([tile(1, 51), tile(2, 52), tile(3, 53)]);
    const change = (text: string, seed: number): Promise<unknown> => database.query(text, [hashOf(seed)]);
    await change(
      "UPDATE tilth.content SET data = set_byte(data, 20, 255 - get_byte(data, 20)) WHERE sha256 = decode($1, 'hex')",
      51,
    );
    await change("DELETE FROM tilth.content WHERE sha256 = decode($1, 'hex')", 52);
    await change("UPDATE tilth.content SET data = data || data WHERE sha256 = decode($1, 'hex')", 53);
    const findings = await store.checkIntegrity();
    expect(findings.slice(0, 1)).toEqual(["1 tiles have no bytes"]);
    expect(findings.at(-1)).toMatch(/^2 of 1000 contents/);
    await store.delete({});
    await server().run("DELETE FROM tilth.content");
  });
});

describe("putManyWithin", () => {
  it("is kept or lost with the caller's transaction", async () => {
    const database = await openDatabase();
    const store = await open(database);
    await database.query("CREATE TABLE IF NOT EXISTS done (n int)");
    const work = (fails: boolean): Promise<void> =>
      database.transaction(async (transaction) => {
        await store.putManyWithin(transaction, [
          tile(1, 61),
          { kind: "empty", tile: { z: 3, x: 1, y: 1 }, fetchedAtMs: 1 },
        ]);
        await transaction.query("INSERT INTO done VALUES (1)");
        if (fails) throw new Error("lost");
      });
    await expect(work(true)).rejects.toThrow("lost");
    expect([await store.count(), await database.query("SELECT 1 FROM done")]).toEqual([
      { present: 0, empty: 0, sizeBytes: 0 },
      [],
    ]);
    await work(false);
    expect(await store.count()).toEqual({ present: 1, empty: 1, sizeBytes: 300 });
    expect((await openPostgresStore(database, { mode: "read", layer: nameOf(store) })).metadata.format).toBe("png");
  });
});

describe("presence", () => {
  it("comes from the index alone, column by column", async () => {
    const database = await openDatabase();
    const store = await open(database);
    const writes = Array.from({ length: 3000 }, (_, i): TileWrite => ({
      kind: "tile",
      tile: { z: 13, x: Math.floor(i / 10), y: i % 10 },
      data: tileBytes(i % 7),
      fetchedAtMs: 1000,
    }));
    await store.putMany(writes);
    await server().run("VACUUM (ANALYZE) tilth.tile");
    const [cache] = await database.query<{ id: number }>("SELECT id FROM tilth.cache WHERE name = $1", [nameOf(store)]);
    const values = presenceValues(cache?.id ?? 0, { z: 13, minX: 100, minY: 2, maxX: 110, maxY: 5 });
    const plan = await database.query<{ "QUERY PLAN": string }>(
      `EXPLAIN (ANALYZE, BUFFERS OFF) ${PRESENCE_QUERY}`,
      values,
    );
    const text = plan.map((row) => row["QUERY PLAN"]).join("\n");
    expect(text).toMatch(/Index Only Scan using tile_12_14_pkey/);
    expect(text).not.toMatch(/Seq Scan|Bitmap/);
    for (const [, fetches] of text.matchAll(/Heap Fetches: (\d+)/g)) expect(fetches).toBe("0");
  });
});

describe("the address of a cache", () => {
  it("names one of several, and shows no secret", async () => {
    const database = await openDatabase();
    const [one] = [await open(database), await open(database)];
    await expect(openStore(server().url, { mode: "read" })).rejects.toMatchObject({ code: "argument.invalid" });
    expect(await listLayers(server().url)).toContain(nameOf(one));
    const store = await openStore(`${server().url}?layer=${nameOf(one)}`, { mode: "read" });
    closers.push(() => store.close());
    const { host, pathname } = new URL(server().url);
    expect(store.location).toBe(`postgres://${host}${pathname}?layer=${nameOf(one)}`);
  });

  it("of tables that a newer program has made is refused, for reading too", async () => {
    const database = await openDatabase();
    await open(database);
    await database.query("INSERT INTO tilth.migration VALUES ('store', 999, now())");
    for (const mode of ["read", "write"] as const)
      await expect(openPostgresStore(database, { mode, grid, layer: "x" })).rejects.toMatchObject({
        code: "postgres.newerSchema",
      });
    await database.query("DELETE FROM tilth.migration WHERE version = 999");
  });
});

describe("a server that goes away", () => {
  it("is waited for by those who read, and told to those who write", async () => {
    const proxy = await CutProxy.start(Number(new URL(server().url).port));
    closers.push(() => proxy.close());
    const store = await open(await openDatabase(proxy.urlOf(server().url)));
    await store.putMany([tile(1, 71)]);
    proxy.refuse();
    const error: unknown = await store.putMany([tile(2, 72)]).catch((caught: unknown) => caught);
    expect(isTilthError(error, "postgres.unreachable")).toBe(true);
    const reading = store.get({ z: 10, x: 1, y: 1 });
    const stopped = store.count({ signal: AbortSignal.timeout(50) });
    await expect(stopped).rejects.toMatchObject({ code: "cancelled" });
    proxy.open();
    expect((await reading).sha256).toBe(hashOf(71));
    await store.putMany([tile(2, 72)]);
    expect((await store.count()).present).toBe(2);
  });
});

function nameOf(store: PostgresTileStore): string {
  return new URL(store.location).searchParams.get("layer") ?? "";
}

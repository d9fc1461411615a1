/**
 * What does a cache in PostgreSQL cost beside a GeoPackage, and how should a batch of tiles be handed to the server?
 * `node bench/postgres_store.ts [rounds]`: batches of 500 random tiles of 18 kB, in turns (the machine is noisy: judge the ratios), then
 * reads, presence, sizes and what equal tiles save. The server is the one of the tests (embedded, or that of TILTH_TEST_POSTGRES); with
 * `fsync` on, as it is in earnest.
 */
import { hash } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { webMercatorQuad } from "../src/grid/index.ts";
import { openPostgres, type PostgresDatabase } from "../src/postgres/index.ts";
import { openGeopackageStore, openPostgresStore, type TileStore, type TileWrite } from "../src/store/index.ts";
import { startPostgres } from "../test/support/postgres.ts";

const TILES = 6_000;
const TILE_BYTES = 18_000;
const BATCH = 500;
const rounds = Number(process.argv[2] ?? 3);
const grid = webMercatorQuad();

const tiles = Array.from({ length: TILES }, (_, i) => ({ x: 1000 + (i >> 6), y: 1000 + (i & 63), data: randomTile() }));

function randomTile(): Buffer {
  const data = Buffer.allocUnsafeSlow(TILE_BYTES);
  for (let at = 0; at < TILE_BYTES; at += 4) data.writeUInt32LE((Math.random() * 2 ** 32) >>> 0, at);
  data.write("\x89PNG\r\n\x1a\n", "latin1");
  return data;
}

interface Measured {
  ms: number;
  cpuMs: number;
  loopMs: number;
}

async function measure(run: () => Promise<unknown>): Promise<Measured> {
  const cpu = process.cpuUsage();
  const loop = performance.eventLoopUtilization();
  const started = performance.now();
  await run();
  const { user, system } = process.cpuUsage(cpu);
  const ms = performance.now() - started;
  return { ms, cpuMs: (user + system) / 1000, loopMs: performance.eventLoopUtilization(loop).active };
}

function say(name: string, count: number, { ms, cpuMs, loopMs }: Measured): void {
  const each = (value: number): string => `${((value * 1000) / count).toFixed(0)} us`;
  const rate = `${Math.round((count / ms) * 1000)}/s`;
  console.log(`${name.padEnd(44)} ${rate.padStart(9)}  ${each(cpuMs)} CPU and ${each(loopMs)} of the event loop each`);
}

function* batches(z: number, sameBytes = false): Generator<TileWrite[]> {
  for (let start = 0; start < TILES; start += BATCH)
    yield tiles.slice(start, start + BATCH).map(({ x, y, data }, i): TileWrite => ({
      kind: "tile",
      tile: { z, x, y },
      data: sameBytes ? (tiles[i % 10]?.data ?? data) : data,
      fetchedAtMs: Date.now(),
      etag: '"5f2b-1c9a"',
      sourceId: "bench",
    }));
}

async function fill(store: TileStore, z: number, sameBytes = false): Promise<void> {
  for (const batch of batches(z, sameBytes)) await store.putMany(batch);
}

/** The usual ways: an array of bytes, hashed here; and one value that the server cuts and hashes, as the store does it. */
async function insertArrays(database: PostgresDatabase): Promise<void> {
  const text = "INSERT INTO as_arrays SELECT * FROM unnest($1::bytea[], $2::bytea[]) ON CONFLICT DO NOTHING";
  for (const batch of batches(12)) {
    const data = batch.map((write) => (write.kind === "tile" ? write.data : new Uint8Array()));
    await database.query(text, [data.map((each) => hash("sha256", each, "buffer")), data]);
  }
}

async function insertCut(database: PostgresDatabase): Promise<void> {
  const text = `INSERT INTO as_cut SELECT sha256(d), d FROM unnest($2::int[], $3::int[]) g(o, l),
    LATERAL (SELECT substring($1::bytea FROM o FOR l) AS d OFFSET 0) s ON CONFLICT DO NOTHING`;
  for (const batch of batches(12)) {
    const data = batch.map((write) => (write.kind === "tile" ? write.data : new Uint8Array()));
    const offsets = data.map((_, i) => 1 + i * TILE_BYTES);
    await database.query(text, [Buffer.concat(data), offsets, data.map(({ byteLength }) => byteLength)]);
  }
}

async function compareWays(database: PostgresDatabase): Promise<void> {
  for (const table of ["as_arrays", "as_cut"]) {
    await database.query(`CREATE TABLE ${table} (sha256 bytea PRIMARY KEY, data bytea NOT NULL)`);
    await database.query(`ALTER TABLE ${table} ALTER data SET STORAGE EXTERNAL`);
  }
  for (let round = 0; round < rounds; round += 1) {
    say("bytes alone: arrays, hashed here", TILES, await measure(() => insertArrays(database)));
    say("bytes alone: one value, cut and hashed there", TILES, await measure(() => insertCut(database)));
    await database.query("TRUNCATE as_arrays, as_cut");
  }
}

async function compareStores(database: PostgresDatabase, folder: string): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const path = join(folder, `${round}.gpkg`);
    const file = await openGeopackageStore(path, { mode: "write", grid });
    say("putMany: GeoPackage", TILES, await measure(async () => fill(file, 12)));
    await file.close();
    await database.query("DROP SCHEMA IF EXISTS tilth CASCADE");
    const store = await openPostgresStore(database, { mode: "write", grid, layer: "bench" });
    say("putMany: PostgreSQL", TILES, await measure(() => fill(store, 12)));
    say("putMany: PostgreSQL, all there already", TILES, await measure(() => fill(store, 12)));
    const others = await Promise.all(
      [1, 2, 3].map(() => openPostgresStore(database, { mode: "write", grid, layer: "bench" })),
    );
    const three = (): Promise<unknown> => Promise.all(others.map((other, i) => fill(other, 13 + i, true)));
    say("putMany: PostgreSQL, 3 writers, 10 contents", 3 * TILES, await measure(three));
    if (round === rounds - 1) await readBack(database, store, path);
  }
}

async function readBack(database: PostgresDatabase, store: TileStore, path: string): Promise<void> {
  await database.query("VACUUM (ANALYZE) tilth.tile");
  const file = await openGeopackageStore(path, { mode: "read" });
  for (const each of [file, store]) {
    const find = async (): Promise<void> => {
      let next = 0;
      const reader = async (): Promise<void> => {
        for (let tile = tiles[next++]; tile !== undefined; tile = tiles[next++])
          await each.get({ z: 12, x: tile.x, y: tile.y });
      };
      await Promise.all([reader(), reader(), reader(), reader()]);
    };
    say(`get, 4 at once: ${each.kind}`, TILES, await measure(find));
    const range = { z: 12, minX: 1000, minY: 900, maxX: 1063, maxY: 1155 };
    const presence = async (): Promise<void> => {
      for (let i = 0; i < 50; i += 1) await each.readPresence(range);
    };
    say(`readPresence of 64 x 256: ${each.kind}`, 50, await measure(presence));
  }
  const sizes = `SELECT sum(pg_total_relation_size(c.oid)) FILTER (WHERE c.relname LIKE 'tile%') AS tile,
    sum(pg_total_relation_size(c.oid)) FILTER (WHERE c.relname = 'content') AS content
    FROM pg_class c WHERE c.relnamespace = 'tilth'::regnamespace AND c.relkind = 'r'`;
  const [row] = await database.query<{ tile: string; content: string }>(sizes);
  const perTile = Number(row?.tile) / (4 * TILES);
  const perContent = Number(row?.content) / TILES;
  console.log(`${4 * TILES} addresses of ${TILES} contents: ${perTile.toFixed(0)} bytes an address with indexes`);
  console.log(
    `a content of ${TILE_BYTES}: ${perContent.toFixed(0)} bytes; GeoPackage ${(statSync(path).size / TILES).toFixed(0)}`,
  );
  await file.close();
}

const folder = mkdtempSync(join(tmpdir(), "tilth-bench-"));
const server = await startPostgres({ settings: { fsync: "on", full_page_writes: "on", max_wal_size: "4GB" } });
try {
  await using database = await openPostgres(server.url, { maxConnections: 5 });
  await compareWays(database);
  await compareStores(database, folder);
} finally {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}

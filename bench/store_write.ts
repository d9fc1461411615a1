/**
 * What does the GeoPackage store cost beyond bare SQLite inserts?
 * `node bench/store_write.ts [rounds]`: putMany in batches of 500 against single-threaded loops over node:sqlite, in turns
 * (the machine is noisy: judge the ratios), 5,461 random tiles of 19 kB each time.
 */
import { hash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { webMercatorQuad } from "../src/grid/index.ts";
import { openGeopackageStore, openMbtilesStore, type TileStore, type TileWrite } from "../src/store/index.ts";

const TILES = 5_461;
const TILE_BYTES = 19_000;
const BATCH = 500;
const rounds = Number(process.argv[2] ?? 5);

const tiles = Array.from({ length: TILES }, (_, i) => {
  const data = Buffer.allocUnsafeSlow(TILE_BYTES);
  for (let at = 0; at < TILE_BYTES; at += 4) data.writeUInt32LE((Math.random() * 2 ** 32) >>> 0, at);
  data.write("\x89PNG\r\n\x1a\n", "latin1");
  return { z: 12, x: 1000 + (i >> 6), y: 1000 + (i & 63), data };
});

const TABLE = `CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, z INTEGER NOT NULL, x INTEGER NOT NULL, y INTEGER NOT NULL,
  d BLOB NOT NULL, UNIQUE (z, x, y))`;

/** The simplest thing that could work: SQLite's defaults, one thread. */
function bare(path: string, options: { hashed: boolean; wal: boolean }): void {
  const db = new DatabaseSync(path);
  if (options.wal) db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  db.exec(TABLE);
  const insert = db.prepare("INSERT INTO t (z, x, y, d) VALUES (?, ?, ?, ?)");
  for (let start = 0; start < TILES; start += BATCH) {
    db.exec("BEGIN");
    for (const { z, x, y, data } of tiles.slice(start, start + BATCH)) {
      insert.run(z, x, y, data);
      if (options.hashed) hash("sha256", data, "hex");
    }
    db.exec("COMMIT");
  }
  db.close();
}

/** One batch is written while the next one is put together, as the seed does it. */
async function store(open: () => Promise<TileStore>): Promise<Measured> {
  const opened = await open();
  // The thread's start (some 50 ms, once) is no cost of writing.
  const measured = startMeasuring();
  let writing: Promise<void> = Promise.resolve();
  for (let start = 0; start < TILES; start += BATCH) {
    const batch = tiles.slice(start, start + BATCH).map(({ z, x, y, data }): TileWrite => ({
      kind: "tile",
      tile: { z, x, y },
      data,
      fetchedAtMs: Date.now(),
      etag: '"5f2b-1c9a"',
      lastModified: "Wed, 21 Oct 2015 07:28:00 GMT",
      sourceId: "bench",
    }));
    await writing;
    writing = opened.putMany(batch);
  }
  await writing;
  await opened.close();
  return measured();
}

interface Measured {
  ms: number;
  cpuMs: number;
  loopMs: number;
}

function startMeasuring(): () => Measured {
  const cpu = process.cpuUsage();
  const loop = performance.eventLoopUtilization();
  const started = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    const { active } = performance.eventLoopUtilization(loop);
    return { ms: performance.now() - started, cpuMs: (user + system) / 1000, loopMs: active };
  };
}

const folder = mkdtempSync(join(tmpdir(), "tilth-bench-"));
const results = new Map<string, { ms: number[]; cpuMs: number[]; loopMs: number[] }>();

async function measure(name: string, run: (path: string) => Promise<Measured> | void): Promise<void> {
  const path = join(folder, `bench${name.includes("mbtiles") ? ".mbtiles" : ".gpkg"}`);
  const measured = startMeasuring();
  const { ms, cpuMs, loopMs } = (await run(path)) ?? measured();
  const result = results.get(name) ?? { ms: [], cpuMs: [], loopMs: [] };
  result.ms.push(ms);
  result.cpuMs.push(cpuMs);
  // A loop that never waits is active all the time, whatever the event loop believes.
  result.loopMs.push(name.startsWith("bare") ? ms : loopMs);
  results.set(name, result);
  rmSync(path, { force: true });
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const write = { mode: "write", grid: webMercatorQuad() } as const;

for (let round = 0; round < rounds; round += 1) {
  await measure("bare inserts", (path) => bare(path, { hashed: false, wal: false }));
  await measure("bare inserts + hash", (path) => bare(path, { hashed: true, wal: false }));
  await measure("bare inserts + hash, WAL", (path) => bare(path, { hashed: true, wal: true }));
  await measure("geopackage store", (path) => store(() => openGeopackageStore(path, write)));
  await measure("mbtiles store", (path) => store(() => openMbtilesStore(path, write)));
}
rmSync(folder, { recursive: true, force: true });

const reference = results.get("bare inserts + hash");
for (const [name, { ms, cpuMs, loopMs }] of results) {
  const perTile = (values: number[]): string => ((median(values) / TILES) * 1000).toFixed(0).padStart(4);
  const ratio = (a: number[], b: number[] | undefined): string => (median(a) / median(b ?? [])).toFixed(2);
  console.log(
    `${name.padEnd(26)} ${((TILES / median(ms)) * 1000).toFixed(0).padStart(6)} tiles/s  CPU ${perTile(cpuMs)} us/tile  ` +
      `event loop ${perTile(loopMs)} us/tile  wall x${ratio(ms, reference?.ms)}  CPU x${ratio(cpuMs, reference?.cpuMs)}`,
  );
}

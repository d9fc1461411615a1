import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openStore, type TileStore } from "../../src/store/index.ts";
import {
  noiseTiles,
  startOrigin,
  type FaultPlan,
  type Origin,
  type OriginOptions,
  type TileProvider,
} from "../origin/index.ts";
import { runTilth, type TilthRun } from "../support/run_tilth.ts";
import { useTempFolder } from "../support/temp_folder.ts";

const WORLD = ["--bbox", "-180,-85.06,180,85.06"];
const folder = useTempFolder();
const origins: Origin[] = [];
const noise = await noiseTiles();

afterEach(async () => {
  for (const origin of origins.splice(0)) await origin.close();
});

async function start(options: Partial<OriginOptions> = {}): Promise<Origin> {
  const origin = await startOrigin({ tiles: noise, ...options });
  origins.push(origin);
  return origin;
}

async function seed(origin: Origin, zoom: string, ...more: string[]): Promise<TilthRun> {
  return runTilth([
    "seed",
    origin.template,
    ...WORLD,
    "--zoom",
    zoom,
    "--out",
    folder.path("out.gpkg"),
    "--json",
    ...more,
  ]);
}

/** Every tile of the file as `z/x/y` -> bytes in hex. */
async function readTiles(path: string): Promise<Map<string, string>> {
  const store = await openStore(path, { mode: "read" });
  const tiles = new Map<string, string>();
  for await (const { tile, data } of store.list()) {
    if (data !== null) tiles.set(`${tile.z}/${tile.x}/${tile.y}`, Buffer.from(data).toString("hex"));
  }
  await store.close();
  return tiles;
}

async function expectExact(path: string, maxZoom: number, provider: TileProvider = noise): Promise<void> {
  const tiles = await readTiles(path);
  let count = 0;
  for (let z = 0; z <= maxZoom; z++) {
    for (let x = 0; x < 2 ** z; x++) {
      for (let y = 0; y < 2 ** z; y++) {
        const expected = await provider(z, x, y, 1);
        expect(
          tiles.get(`${z}/${x}/${y}`) === Buffer.from(expected?.data ?? []).toString("hex"),
          `${z}/${x}/${y}`,
        ).toBe(true);
        count += 1;
      }
    }
  }
  expect(tiles.size).toBe(count);
}

describe("tilth seed", () => {
  test("fills a file, proves it, and fetches nothing the second time", async () => {
    const origin = await start();
    const first = await seed(origin, "0-4");
    expect(first.stderr).not.toContain("tilth:");
    expect(first.code).toBe(0);
    expect(first.report).toMatchObject({
      planned: 341,
      present: 0,
      stored: 341,
      empty: 0,
      failed: 0,
      cancelled: 0,
      complete: true,
    });
    await expectExact(folder.path("out.gpkg"), 4);
    expect(readdirSync(folder.path("."))).toEqual(["out.gpkg"]);
    const requests = origin.requests.total;
    const second = await seed(origin, "0-4");
    expect(second.report).toMatchObject({ planned: 341, present: 341, stored: 0, requests: 0, complete: true });
    expect(origin.requests.total).toBe(requests);
    expect((await runTilth(["verify", folder.path("out.gpkg")])).code).toBe(0);
  });

  test.each(["out.mbtiles", "folder"])("writes %s with the same bytes", async (name) => {
    const origin = await start();
    const run = await runTilth([
      "seed",
      origin.template,
      ...WORLD,
      "--zoom",
      "0-3",
      "--out",
      folder.path(name),
      "--json",
    ]);
    expect(run.code).toBe(0);
    await expectExact(folder.path(name), 3);
  });

  test("what the service does not have is empty, known, and not asked for again until a refresh", async () => {
    const half: TileProvider = (z, x, y) => (x % 2 === 0 ? noise(z, x, y, 1) : null);
    const origin = await start({ tiles: half });
    const first = await seed(origin, "0-2");
    expect(first.report).toMatchObject({ planned: 21, stored: 11, empty: 10, complete: true });
    const requests = origin.requests.total;
    expect((await seed(origin, "0-2")).report).toMatchObject({ present: 11, empty: 10, requests: 0 });
    expect(origin.requests.total).toBe(requests);
    const refreshed = await seed(origin, "0-2", "--refresh", "0s");
    expect(refreshed.report).toMatchObject({
      planned: 21,
      stored: 11,
      empty: 10,
      requests: 21,
      bytes: 0,
      complete: true,
    });
  });

  test("comes through 500, resets, cut bodies, HTML pages, empty bodies and throttling with the same bytes as a clean seed", async () => {
    const faults: FaultPlan = {
      seed: 7,
      status500: 0.05,
      cut: 0.01,
      reset: 0.01,
      html: 0.01,
      emptyBody: 0.01,
      throttle: { every: 150, retryAfterS: 0.2 },
    };
    const origin = await start({ faults });
    const run = await seed(origin, "0-5");
    expect(run.stderr).not.toContain("tilth:");
    expect(run.report).toMatchObject({ planned: 1365, stored: 1365, failed: 0, complete: true });
    expect(run.code).toBe(0);
    expect(Number(run.report?.["retries"])).toBeGreaterThan(50);
    await expectExact(folder.path("out.gpkg"), 5);
  });

  test("a tile that hangs costs its own timeout, not the others'", async () => {
    const origin = await start({ faults: { seed: 3, hang: 0.02 } });
    const run = await seed(origin, "0-4", "--timeout", "1s");
    expect(run.report).toMatchObject({ stored: 341, complete: true });
  });

  test("tiles that fail for good: exit 3, listed, and fetched from the list when the service is well", async () => {
    const faults: FaultPlan = { seed: 5, permanent500: 0.04 };
    const origin = await start({ faults });
    const list = folder.path("failed.jsonl");
    const run = await seed(origin, "0-4", "--failed", list, "--retries", "1");
    expect(run.code).toBe(3);
    const lines = readFileSync(list, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { code: string });
    expect(lines).toHaveLength(Number(run.report?.["failed"]));
    expect(lines.length).toBeGreaterThan(3);
    expect(new Set(lines.map((line) => line.code))).toEqual(new Set(["http.status"]));
    faults.permanent500 = 0;
    const retry = await runTilth([
      "seed",
      origin.template,
      "--retry-failed",
      list,
      "--out",
      folder.path("out.gpkg"),
      "--json",
    ]);
    expect(retry.code).toBe(0);
    expect(retry.report).toMatchObject({ planned: lines.length, stored: lines.length });
    await expectExact(folder.path("out.gpkg"), 4);
  });

  test("a dead host: the breaker opens, few requests are made, every tile fails with a reason, exit 3", async () => {
    const origin = await start({ faults: { seed: 1, dead: "reset" } });
    const run = await seed(origin, "0-6", "--failed", folder.path("failed.jsonl"));
    expect(run.code).toBe(3);
    expect(run.report).toMatchObject({ planned: 5461, stored: 0, failed: 5461, stopped: "hostDead" });
    expect(origin.requests.total).toBeLessThan(150);
    expect(readFileSync(folder.path("failed.jsonl"), "utf8").split("\n").length).toBeLessThan(1500);
  }, 90_000);

  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s while the upstream hangs: exit 130, what was fetched is kept, and the next run goes on",
    async (signal) => {
      const faults: FaultPlan = { seed: 1 };
      const origin = await start({ faults });
      const running = runTilth(
        ["seed", origin.template, ...WORLD, "--zoom", "0-4", "--out", folder.path("out.gpkg"), "--json"],
        {
          onStart: (child) => {
            const timer = setInterval(() => {
              if (origin.requests.total < 100) return;
              faults.dead = "hang";
              if (origin.requests.total < 150) return;
              clearInterval(timer);
              child.kill(signal);
            }, 1);
            setTimeout(() => {
              clearInterval(timer);
              child.kill(signal);
            }, 3000);
          },
        },
      );
      const run = await running;
      expect(run.code).toBe(130);
      const report = run.report as Record<string, number>;
      expect(report["stored"]).toBeGreaterThan(0);
      expect(report["cancelled"]).toBeGreaterThan(0);
      expect(report["planned"]).toBe((report["stored"] ?? 0) + (report["cancelled"] ?? 0));
      expect((await readTiles(folder.path("out.gpkg"))).size).toBe(report["stored"]);
      delete faults.dead;
      const next = await seed(origin, "0-4");
      expect(next.report).toMatchObject({ present: report["stored"], complete: true });
      await expectExact(folder.path("out.gpkg"), 4);
    },
  );

  test("killed at random moments and resumed each time, nothing is lost and little is fetched twice", async () => {
    const origin = await start({ latencyMs: 2 });
    for (let round = 0; round < 6; round++) {
      await runTilth(
        ["seed", origin.template, ...WORLD, "--zoom", "0-5", "--out", folder.path("out.gpkg"), "--quiet"],
        {
          onStart: (child) => setTimeout(() => child.kill("SIGKILL"), 350 + round * 90),
        },
      );
    }
    const last = await seed(origin, "0-5");
    expect(last.code).toBe(0);
    await expectExact(folder.path("out.gpkg"), 5);
    expect((await runTilth(["verify", folder.path("out.gpkg"), "--json"])).report).toMatchObject({
      whole: true,
      tiles: 1365,
      integrity: [],
    });
  });

  test("verify finds a tile that was changed behind its back, repair fetches just that one", async () => {
    const origin = await start();
    await seed(origin, "0-3");
    const { DatabaseSync } = await import("node:sqlite");
    const db = new DatabaseSync(folder.path("out.gpkg"));
    const { table_name: table } = db
      .prepare("SELECT table_name FROM gpkg_contents WHERE data_type = 'tiles'")
      .get() as { table_name: string };
    db.exec(
      `UPDATE "${table}" SET tile_data = substr(tile_data, 1, 500) WHERE zoom_level = 3 AND tile_column = 2 AND tile_row = 5`,
    );
    db.exec(`DELETE FROM "${table}" WHERE zoom_level = 3 AND tile_column = 4 AND tile_row = 4`);
    db.close();
    const verified = await runTilth(["verify", folder.path("out.gpkg"), "--json"]);
    expect(verified.code).toBe(3);
    expect(verified.report).toMatchObject({ whole: false, damaged: 1 });
    const requests = origin.requests.total;
    const repaired = await runTilth(["repair", folder.path("out.gpkg"), "--json"]);
    expect(repaired.code).toBe(0);
    expect(origin.requests.total - requests).toBe(2);
    await expectExact(folder.path("out.gpkg"), 3);
  });

  test("--dry-run counts and samples, and writes nothing", async () => {
    const origin = await start();
    const run = await seed(origin, "0-16", "--dry-run");
    expect(run.code).toBe(0);
    expect(run.report).toMatchObject({ dryRun: true, planned: (4 ** 17 - 1) / 3 });
    expect(Number(run.report?.["bytes"])).toBeGreaterThan(1e13);
    expect(existsSync(folder.path("out.gpkg"))).toBe(false);
  });

  test("a key from the environment is sent and never shown or stored", async () => {
    const seen: string[] = [];
    const key = "s3cr3t-k3y-0815";
    const origin = await start({
      faults: { seed: 1, permanent500: 0.3 },
      onRequest: (path, request) => seen.push(`${path} ${String(request.headers["x-auth"])}`),
    });
    const run = await runTilth(
      [
        "seed",
        origin.template,
        ...WORLD,
        "--zoom",
        "0-2",
        "--out",
        folder.path("out.gpkg"),
        "--failed",
        folder.path("failed.jsonl"),
        "--retries",
        "0",
        "--verbose",
        "--header",
        "x-auth=${MY_KEY}",
      ],
      { env: { MY_KEY: key } },
    );
    expect(seen[0]).toContain(key);
    for (const text of [
      run.stdout,
      run.stderr,
      readFileSync(folder.path("failed.jsonl"), "utf8"),
      readFileSync(folder.path("out.gpkg"), "latin1"),
    ])
      expect(text).not.toContain(key);
  });
});

describe("what is refused leaves everything as it was", () => {
  test.each([
    [["seed", "http://127.0.0.1:1/{z}/{x}/{y}", "--bbox", "1,2,3", "--zoom", "1", "--out", "x.gpkg"], 2, "bbox"],
    [["seed", "http://127.0.0.1:1/{z}/{x}/{y}", "--bbox", "0,0,0,0", "--zoom", "1", "--out", "x.gpkg"], 2, "no area"],
    [["seed", "http://127.0.0.1:1/{z}/{x}/{y}", "--bbox", "0,0,1,1", "--zoom", "9-2", "--out", "x.gpkg"], 2, "zooms"],
    [["seed", "http://127.0.0.1:1/{z}/{x}/{y}", "--bbox", "0,0,1,1", "--out", "x.gpkg"], 2, "--zoom"],
    [["seed", "http://127.0.0.1:1/{z}/{x}/{y}", "--bbox", "0,0,1,1", "--zoom", "1"], 2, "--out"],
    [["seed", "http://127.0.0.1:1/nothing", "--bbox", "0,0,1,1", "--zoom", "1", "--out", "x.gpkg"], 2, ""],
    [["seed", "osm", "--bbox", "0,0,1,1", "--zoom", "1", "--out", "x.gpkg"], 2, "bulk"],
    [
      ["seed", "https://tile.openstreetmap.org/{z}/{x}/{y}.png", "--bbox", "0,0,1,1", "--zoom", "1", "--out", "x.gpkg"],
      2,
      "openstreetmap",
    ],
    [["seed", "--nonsense"], 2, "nonsense"],
    [["explode"], 2, "explode"],
  ])("%j exits %i", async (args, code, word) => {
    const run = await runTilth(args, { cwd: folder.path(".") });
    expect(run.code).toBe(code);
    expect(run.stderr.toLowerCase()).toContain(word);
    expect(run.stderr).not.toMatch(/\n\s+at /);
    expect(readdirSync(folder.path("."))).toEqual([]);
  });

  test("a file that is no GeoPackage, and a cache of another grid or source", async () => {
    const origin = await start();
    writeFileSync(
      folder.path("out.gpkg"),
      "this is not a database, it is a letter to my aunt, and it is long enough to be looked at",
    );
    const before = readFileSync(folder.path("out.gpkg"));
    const notOne = await seed(origin, "0-1");
    expect(notOne.code).toBe(1);
    expect(notOne.stderr).not.toMatch(/\n\s+at /);
    expect(readFileSync(folder.path("out.gpkg"))).toEqual(before);
    const other = folder.path("other.gpkg");
    await runTilth(["seed", origin.template, ...WORLD, "--zoom", "0-1", "--out", other, "--json"]);
    const bytes = readFileSync(other);
    const wrongGrid = await runTilth([
      "seed",
      origin.template,
      "--grid",
      "WorldCRS84Quad",
      "--bbox",
      "0,0,1,1",
      "--zoom",
      "1",
      "--out",
      other,
    ]);
    const wrongSource = await runTilth([
      "seed",
      `${origin.url}/tiles/{z}/{x}/{y}.jpg`,
      "--bbox",
      "0,0,1,1",
      "--zoom",
      "1",
      "--out",
      other,
    ]);
    expect([wrongGrid.code, wrongSource.code]).toEqual([1, 1]);
    expect(readFileSync(other)).toEqual(bytes);
  });

  test("a second process on the same file gets a clear line while the first goes on", async () => {
    const origin = await start({ latencyMs: 30 });
    let second: Promise<TilthRun> | undefined;
    const first = await runTilth(
      [
        "seed",
        origin.template,
        ...WORLD,
        "--zoom",
        "0-4",
        "--out",
        folder.path("out.gpkg"),
        "--json",
        "--concurrency",
        "8",
      ],
      {
        onStart: () => {
          const timer = setInterval(() => {
            if (origin.requests.total < 20) return;
            clearInterval(timer);
            second = runTilth([
              "seed",
              origin.template,
              ...WORLD,
              "--zoom",
              "0-4",
              "--out",
              folder.path("out.gpkg"),
              "--json",
            ]);
          }, 5);
        },
      },
    );
    expect(first.code).toBe(0);
    const refused = await second;
    expect(refused?.code).toBe(1);
    expect(refused?.stdout).toContain("store.locked");
  });
});

/** Lon/lat box around the tiles of one level, drawn in by a hundredth of a tile. */
async function extentOf(store: TileStore, z: number): Promise<number[]> {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const range = store.grid.levelRange(z);
  for await (const { tile } of store.list({ withData: false, range })) {
    const [minX, minY, maxX, maxY] = store.grid.tileToBbox(tile);
    const [dx, dy] = [(maxX - minX) / 100, (maxY - minY) / 100];
    const [west, south] = store.grid.crs.toLonLat(minX + dx, minY + dy);
    const [east, north] = store.grid.crs.toLonLat(maxX - dx, maxY - dy);
    box.splice(
      0,
      4,
      Math.min(box[0] ?? 0, west),
      Math.min(box[1] ?? 0, south),
      Math.max(box[2] ?? 0, east),
      Math.max(box[3] ?? 0, north),
    );
  }
  return box;
}

const realData = process.env["TILTH_REAL_DATA"];
if (realData !== undefined) {
  const { archiveTiles } = await import("../origin/index.ts");
  const readable = (name: string): boolean =>
    !name.startsWith("INVALID") && !/^(empty_table|mapproxy_cache)/.test(name);
  const files = [
    ...readdirSync(`${realData}/mbtiles`).map((name) => `mbtiles/${name}`),
    ...readdirSync(`${realData}/gpkg`).map((name) => `gpkg/${name}`),
  ]
    .filter((file) => readable(basename(file)))
    .map((file) => `${realData}/${file}`);
  describe("real archives, served over HTTP and seeded", () => {
    test.each(files.map((file) => [basename(file), file]))("%s arrives byte for byte", async (name, file) => {
      const { tiles, store } = await archiveTiles(file);
      const origin = await start({ tiles });
      const standard = store.grid.id === "WebMercatorQuad" || store.grid.id === "WorldCRS84Quad";
      // Through HTTP where the grid is a standard one; straight from the file where it is not.
      const grid = store.grid.crs.unit === "degree" ? ["--grid", "WorldCRS84Quad"] : [];
      const size = String(store.grid.matrices[0]?.tileWidth ?? 256);
      const from = standard ? [origin.template, ...grid, "--tile-size", size] : [file];
      const out = folder.path(`${name}.gpkg`);
      for (const z of await store.listLevels()) {
        const bbox = (await extentOf(store, z)).join(",");
        const run = await runTilth(["seed", ...from, `--bbox=${bbox}`, "--zoom", String(z), "--out", out, "--json"]);
        expect(run.stderr).not.toContain("tilth:");
        expect(run.report).toMatchObject({ failed: 0, complete: true });
      }
      const copy = await readTiles(out);
      let expected = 0;
      for await (const { tile, data } of store.list()) {
        if (data === null) continue;
        expected += 1;
        const bytes = copy.get(`${tile.z}/${tile.x}/${tile.y}`);
        expect(bytes === Buffer.from(data).toString("hex"), `${tile.z}/${tile.x}/${tile.y}`).toBe(true);
      }
      expect(expected).toBeGreaterThan(0);
      expect(copy.size).toBe(expected);
      await store.close();
    });
  });
}

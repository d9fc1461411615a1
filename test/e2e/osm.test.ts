import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { ChildProcess } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/core/index.ts";
import { FakeOverpass, type FakeOverpassOptions } from "../support/fake_overpass.ts";
import { gridWorldBox, makeGridWorld } from "../support/grid_world.ts";
import { encodeOsmPbf } from "../support/osm_pbf.ts";
import { worldBlocks, worldJson, worldXml } from "../support/osm_world.ts";
import { runTilth, type TilthRun } from "../support/run_tilth.ts";
import { useTempFolder } from "../support/temp_folder.ts";

const SIZE = 6;
const world = makeGridWorld(SIZE);
const BBOX = ["--bbox", gridWorldBox(SIZE).join(",")];
const folder = useTempFolder();
const services: FakeOverpass[] = [];

afterEach(async () => {
  for (const service of services.splice(0)) await service.close();
});

async function start(options: Partial<FakeOverpassOptions> = {}): Promise<FakeOverpass> {
  const service = await FakeOverpass.start({ world, clock: systemClock, ...options });
  services.push(service);
  return service;
}

const osm = (...args: string[]): Promise<TilthRun> =>
  runTilth(["osm", ...args, "--out", folder.path("out.gpkg"), "--json"]);
const fromService = ({ endpoint }: FakeOverpass): string[] => [
  ...BBOX,
  "--overpass",
  endpoint,
  "--cache",
  folder.path("cache"),
];

function extract(name = "in.osm.pbf", bytes: Uint8Array | string = encodeOsmPbf(worldBlocks(world))): string {
  const path = folder.path(name);
  writeFileSync(path, bytes);
  return path;
}

/** Features of each table that the file lists. */
function readCounts(path = folder.path("out.gpkg")): Record<string, number> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = database.prepare("SELECT table_name AS name FROM gpkg_contents WHERE data_type = 'features'").all();
    const count = (name: unknown): number =>
      Number(database.prepare(`SELECT count(*) AS n FROM "${String(name)}"`).get()?.["n"]);
    return Object.fromEntries(tables.map(({ name }) => [String(name), count(name)]));
  } finally {
    database.close();
  }
}

/** What the report says of tables with features. */
function reportedCounts(run: TilthRun): Record<string, number> {
  const written = reportedLayers(run).filter(({ count }) => count > 0);
  return Object.fromEntries(written.map(({ name, count }) => [name, count]));
}

function reportedLayers({ report }: TilthRun): { name: string; count: number; bbox: number[] | null }[] {
  const summary = report?.["features"] as { layers: ReturnType<typeof reportedLayers> } | undefined;
  return summary?.layers ?? [];
}

describe("tilth osm", () => {
  test("writes an extract's features, counts them, and says whose they are", async () => {
    const run = await osm("--from", extract());
    expect([run.code, run.stderr]).toEqual([0, expect.not.stringContaining("tilth:")]);
    expect(run.report).toMatchObject({
      nodes: world.nodes.size,
      ways: world.ways.size,
      relations: world.relations.size,
      missingNodes: 0,
      problems: {},
    });
    expect(readCounts()).toEqual(reportedCounts(run));
    expect(readCounts()).toMatchObject({
      building_polygons: SIZE * SIZE,
      highway_lines: 2 * (SIZE + 1),
      boundary_polygons: 1,
    });
    const plain = await runTilth(["osm", "--from", extract(), "--out", folder.path("plain.gpkg")]);
    expect(plain.stdout).toContain("OpenStreetMap contributors");
  });

  test("gives the same from PBF, XML, JSON and an Overpass service", async () => {
    const service = await start();
    const counts: object[] = [];
    const inputs = [
      ["--from", extract(), ...BBOX],
      ["--from", extract("in.osm", worldXml(world)), ...BBOX],
      ["--from", extract("in.json", worldJson(world)), ...BBOX],
      fromService(service),
    ];
    for (const [i, input] of inputs.entries()) {
      const out = folder.path(`out_${i}.gpkg`);
      const run = await runTilth(["osm", ...input, "--out", out, "--json"]);
      expect(run.code, run.stderr).toBe(0);
      counts.push(readCounts(out));
    }
    for (const each of counts) expect(each).toEqual(counts[0]);
    for (const { userAgent } of service.log) expect(userAgent).toMatch(/^Tilth\//);
  });

  test("takes a part: tags, tables by geometry, a polygon, another CRS", async () => {
    const ring = [
      [10.0021, 50.0021],
      [10.0041, 50.0021],
      [10.0041, 50.0041],
      [10.0021, 50.0041],
      [10.0021, 50.0021],
    ];
    const coverage = extract("area.geojson", JSON.stringify({ type: "Polygon", coordinates: [ring] }));
    const run = await osm(
      "--from",
      extract(),
      "--coverage",
      coverage,
      "--tags",
      "building",
      "--layers",
      "geometry",
      "--crs",
      "EPSG:3857",
    );
    expect(run.code, run.stderr).toBe(0);
    expect(readCounts()).toEqual({ polygons: 4 });
    expect(reportedLayers(run).find(({ name }) => name === "polygons")?.bbox?.[0]).toBeGreaterThan(1e6);
  });

  test("makes the sea within an area", async () => {
    const coast = `<osm><node id="1" lat="50.5" lon="9"/><node id="2" lat="50.5" lon="12"/><way id="1"><nd ref="1"/><nd ref="2"/><tag k="natural" v="coastline"/></way></osm>`;
    const run = await osm("--from", extract("coast.osm", coast), "--bbox", "10,50,11,51", "--sea", "--tags", "place");
    expect(run.code, run.stderr).toBe(0);
    expect(readCounts()).toEqual({ sea_polygons: 1 });
  });
});

describe("bad usage exits 2 and touches nothing", () => {
  test.each([
    [[], "--bbox"],
    [["--from", "in.osm.pbf", "--bbox", "1,2,3"], "bbox"],
    [["--from", "in.osm.pbf", "--bbox", "0,0,1,1", "--coverage", "x.geojson"], "one area"],
    [["--from", "in.osm.pbf", "--coverage", "none.geojson"], "none.geojson"],
    [["--from", "in.osm.pbf", "--tags", "=x"], "building,highway"],
    [["--from", "in.osm.pbf", "--layers", "colour"], "--layers"],
    [["--from", "in.osm.pbf", "--crs", "EPSG:1"], "EPSG:1"],
    [["--bbox", "10,50,10.1,50.1", "--overpass", "nowhere"], "URL of an Overpass"],
    [["--bbox", "10,50,10.1,50.1", "--overpass", "https://overpass.example.org/api/interpreter"], "TILTH_CONTACT"],
    [["--bbox", "10,50,10.1,50.1", "--cache-age", "soon"], "soon"],
    [["--bbox", "5,45,15,55", "--overpass", "http://127.0.0.1:9/api/interpreter"], "https://download.geofabrik.de"],
    [
      ["--bbox", "10,50,10.1,50.1", "--overpass", "http://127.0.0.1:9/api/interpreter", "--user-agent", ""],
      "User-Agent",
    ],
  ])("%j", async (args, shown) => {
    extract();
    const run = await runTilth(["osm", ...args, "--out", "out.gpkg", "--cache", "cache", "--json"], {
      cwd: folder.path("."),
      env: { TILTH_CONTACT: "" },
    });
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(shown);
    expect(readdirSync(folder.path("."))).toEqual(["in.osm.pbf"]);
  });

  test("so does an output of an unknown kind, and none", async () => {
    for (const out of [["--out", folder.path("out.txt")], []]) {
      const run = await runTilth(["osm", "--from", extract(), ...out]);
      expect([run.code, readdirSync(folder.path("."))]).toEqual([2, ["in.osm.pbf"]]);
    }
  });
});

test("an output does not take the place of its input", async () => {
  const from = extract("in.geojson", worldJson(world));
  const run = await runTilth(["osm", "--from", from, "--out", from]);
  expect([run.code, run.stderr]).toEqual([2, expect.stringContaining("another file than --from")]);
  expect(readFileSync(from, "utf8")).toBe(worldJson(world));
});

test("a User-Agent of one's own is sent with the contact", async () => {
  const service = await start();
  const args = ["osm", ...fromService(service), "--out", folder.path("out.gpkg")];
  const run = await runTilth([...args, "--user-agent", "mine/1"], { env: { TILTH_CONTACT: "me@example.org" } });
  expect(run.code, run.stderr).toBe(0);
  expect(new Set(service.log.map(({ userAgent }) => userAgent))).toEqual(new Set(["mine/1 (contact: me@example.org)"]));
});

describe("what fails exits 1, says why, and leaves nothing half-written", () => {
  test.each([
    [
      "a damaged file",
      () => ["--from", extract("in.osm.pbf", encodeOsmPbf(worldBlocks(world)).subarray(0, -9))],
      "osm.truncated",
    ],
    ["a file that is not there", () => ["--from", folder.path("none.osm.pbf")], "store.missing"],
    ["something else", () => ["--from", extract("in.osm.pbf", "hello")], "osm.invalid"],
  ] as const)("%s", async (_what, args, code) => {
    const run = await osm(...args());
    expect(run.code).toBe(1);
    expect(run.report).toMatchObject({ error: { code } });
    expect(readdirSync(folder.path(".")).filter((name) => name.startsWith("out"))).toEqual([]);
  });

  test.each([
    ["syntax", "overpass.query", "parse error"],
    ["refused", "overpass.refused", "TILTH_CONTACT"],
    ["html", "overpass.answer", "Maintenance"],
  ] as const)("a service that answers with %s", async (kind, code, shown) => {
    const service = await start({ fault: () => ({ kind }) });
    const run = await osm(...fromService(service));
    expect([run.code, run.report]).toMatchObject([1, { error: { code, message: expect.stringContaining(shown) } }]);
    expect(existsSync(folder.path("out.gpkg"))).toBe(false);
  });
});

describe("SIGINT", () => {
  /** How long a process may take to end; what is asked for is 1 s, on a machine that does nothing else. */
  const MAX_END_MS = 3000;

  /** Runs and stops it. @returns the run, and how long it took to end after that, ms */
  async function stopped(
    args: readonly string[],
    when: (stop: () => void, child: ChildProcess) => void,
  ): Promise<{ run: TilthRun; endMs: number }> {
    let stoppedAtMs = Infinity;
    const run = await runTilth(["osm", ...args, "--out", folder.path("out.gpkg"), "--json"], {
      onStart: (child) => {
        const stop = (): void => {
          // A second signal would end it at once, and leave what is beside the output to the next run.
          if (stoppedAtMs !== Infinity) return;
          stoppedAtMs = performance.now();
          child.kill("SIGINT");
        };
        when(stop, child);
      },
    });
    return { run, endMs: performance.now() - stoppedAtMs };
  }

  test.each(["hangs", "busy"] as const)(
    "while the service is %s: what was fetched is kept and used by the next run",
    async (kind) => {
      let isWell = false;
      const service = await start({ fault: (index) => (index === 1 && !isWell ? { kind } : null) });
      const { run, endMs } = await stopped(fromService(service), (stop) => {
        service.onRequest = ({ outcome }) => {
          if (outcome === kind) setTimeout(stop, 50);
        };
      });
      expect([run.code, run.report]).toMatchObject([130, { error: { code: "cancelled" } }]);
      expect(endMs).toBeLessThan(MAX_END_MS);
      expect(existsSync(folder.path("out.gpkg"))).toBe(false);
      isWell = true;
      const asked = service.queries().length;
      const next = await osm(...fromService(service));
      expect(next.code, next.stderr).toBe(0);
      // The count was kept; the data is what was stopped.
      expect(
        service
          .queries()
          .slice(asked)
          .map(({ query }) => query.endsWith("out count;")),
      ).toEqual([false]);
    },
  );

  test("at any moment of an import: exit 130, no output or the one that was there", async () => {
    const large = makeGridWorld(90);
    const path = extract("large.osm.pbf", encodeOsmPbf(worldBlocks(large, 4000)));
    const begunMs = performance.now();
    expect((await osm("--from", path)).code).toBe(0);
    const wholeMs = performance.now() - begunMs;
    const whole = readCounts();
    const files = readdirSync(folder.path("."));
    const codes = new Set<number | null>();
    for (const share of [0.2, 0.35, 0.5, 0.65, 0.8, 0.9]) {
      const { run, endMs } = await stopped(["--from", path], (stop) => setTimeout(stop, wholeMs * share));
      codes.add(run.code);
      // A process that has not begun to listen ends by the signal; one that is done has ended well.
      expect([0, 130, null]).toContain(run.code);
      if (run.code === 130) expect(endMs).toBeLessThan(MAX_END_MS);
      expect(readCounts()).toEqual(whole);
      expect(readdirSync(folder.path("."))).toEqual(files);
    }
    expect(codes).toContain(130);
  }, 90_000);

  test("before there is an output leaves none, nor a part of it", async () => {
    const path = extract("large.osm.pbf", encodeOsmPbf(worldBlocks(makeGridWorld(90), 4000)));
    const { run } = await stopped(["--from", path, "--verbose"], (stop, child) => {
      const timer = setInterval(() => {
        // A part of the file stands beside it once features are written.
        if (readdirSync(folder.path(".")).some((name) => name.startsWith("out"))) stop();
      }, 2);
      child.once("close", () => clearInterval(timer));
    });
    expect(run.code).toBe(130);
    expect(readdirSync(folder.path("."))).toEqual(["large.osm.pbf"]);
  });
});

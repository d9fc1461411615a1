import { createHash } from "node:crypto";
import { readdirSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, test } from "vitest";
import { openStore } from "../../src/store/index.ts";
import { startOrigin, worldTiles, type FaultPlan, type Origin, type OriginOptions } from "../origin/index.ts";
import { runTilth, type TilthRun } from "../support/run_tilth.ts";
import { useTempFolder } from "../support/temp_folder.ts";

const folder = useTempFolder();
const origins: Origin[] = [];
const world = worldTiles();
/** Switzerland and around on its own grid: 3 levels, 107 tiles. */
const SWISS = ["--grid", "EPSG:2056", "--bbox", "5.9,45.8,10.5,47.8", "--zoom", "2-4", "--max-zoom", "10"];

afterEach(async () => {
  for (const origin of origins.splice(0)) await origin.close();
});

async function start(options: Partial<OriginOptions> = {}): Promise<Origin> {
  const origin = await startOrigin({ tiles: world, ...options });
  origins.push(origin);
  return origin;
}

async function seed(origin: Origin, name: string, ...more: string[]): Promise<TilthRun> {
  return runTilth(["seed", origin.template, ...SWISS, "--out", folder.path(name), "--json", ...more]);
}

/** Every tile of the file as `z/x/y` -> hash of its bytes. */
async function readTiles(name: string): Promise<Map<string, string>> {
  const store = await openStore(folder.path(name), { mode: "read" });
  const tiles = new Map<string, string>();
  for await (const { tile, data } of store.list())
    if (data !== null) tiles.set(`${tile.z}/${tile.x}/${tile.y}`, createHash("sha256").update(data).digest("hex"));
  await store.close();
  return tiles;
}

/** As ids are stored and requests are counted: no source tile is asked for twice. */
function expectEachOnce(origin: Origin): void {
  expect(Math.max(...origin.requests.byPath.values())).toBe(1);
}

describe("tilth seed --grid", () => {
  test("fills a GeoPackage in another CRS, each source tile fetched once, and fetches nothing the second time", async () => {
    const origin = await start();
    const run = await seed(origin, "out.gpkg");
    expect(run.code).toBe(0);
    const { planned, stored, empty } = run.report as Record<string, number>;
    expect(planned).toBeGreaterThan(60);
    expect(run.report).toMatchObject({ failed: 0, complete: true, planned: (stored ?? 0) + (empty ?? 0) });
    expectEachOnce(origin);
    const db = new DatabaseSync(folder.path("out.gpkg"), { readOnly: true });
    const [srs] = db.prepare("SELECT organization, definition FROM gpkg_spatial_ref_sys WHERE srs_id = 2056").all();
    expect(srs).toMatchObject({ organization: "EPSG" });
    expect(String(srs?.["definition"])).toMatch(/^PROJCS\["CH1903\+ \/ LV95",GEOGCS/);
    db.close();
    const before = origin.requests.total;
    const again = await seed(origin, "out.gpkg");
    expect(again.report).toMatchObject({ planned, present: stored, stored: 0, complete: true });
    expect(origin.requests.total).toBe(before);
  });

  test("a service full of faults gives the very same tiles", async () => {
    const clean = await seed(await start(), "clean.gpkg");
    expect(clean.code).toBe(0);
    const faults: FaultPlan = {
      seed: 5,
      status500: 0.1,
      cut: 0.1,
      reset: 0.05,
      html: 0.1,
      throttle: { every: 80, retryAfterS: 1 },
    };
    // A busy machine adds time-outs of its own to the 35 % that fail on purpose.
    const faulty = await seed(await start({ faults }), "faulty.gpkg", "--timeout", "5s", "--retries", "12");
    expect(faulty.report).toMatchObject({ planned: clean.report?.["planned"], failed: 0, complete: true });
    expect(Number(faulty.report?.["retries"])).toBeGreaterThan(0);
    expect(await readTiles("faulty.gpkg")).toEqual(await readTiles("clean.gpkg"));
  }, 60_000);

  test("a source tile that never comes fails the tiles that are made of it, by name, and a later run makes just those", async () => {
    const faults: FaultPlan = { seed: 3, permanent500: 0.1 };
    const origin = await start({ faults });
    const failed = folder.path("failed.jsonl");
    const run = await seed(origin, "out.gpkg", "--failed", failed, "--retries", "1");
    expect(run.code).toBe(3);
    const report = run.report as Record<string, number>;
    expect(report["failed"]).toBeGreaterThan(0);
    expect(report["planned"]).toBe((report["stored"] ?? 0) + (report["empty"] ?? 0) + (report["failed"] ?? 0));
    delete faults.permanent500;
    const again = await seed(origin, "out.gpkg", "--retry-failed", failed);
    expect(again.report).toMatchObject({ planned: report["failed"], failed: 0, complete: true });
    await seed(await start(), "clean.gpkg");
    expect(await readTiles("out.gpkg")).toEqual(await readTiles("clean.gpkg"));
  }, 60_000);

  test("SIGINT in the middle: exit 130 within a second, finished tiles stay, the next run goes on", async () => {
    const origin = await start({ latencyMs: 60 });
    let signalledMs = 0;
    const run = await runTilth(
      [
        "seed",
        origin.template,
        ...SWISS,
        "--zoom",
        "2-6",
        "--out",
        folder.path("out.gpkg"),
        "--json",
        "--concurrency",
        "2",
      ],
      {
        onStart: (child) => {
          const timer = setInterval(() => {
            if (origin.requests.total < 50) return;
            clearInterval(timer);
            signalledMs = performance.now();
            child.kill("SIGINT");
          }, 2);
        },
      },
    );
    // Timed loosely: the bench holds the bar of one second.
    expect(performance.now() - signalledMs).toBeLessThan(5000);
    expect(run.code).toBe(130);
    const { planned, stored, empty, cancelled } = run.report as Record<string, number>;
    expect(cancelled).toBeGreaterThan(0);
    expect(stored).toBeGreaterThan(0);
    expect(planned).toBe((stored ?? 0) + (empty ?? 0) + (cancelled ?? 0));
    expect((await readTiles("out.gpkg")).size).toBe(stored);
    const next = await seed(origin, "out.gpkg", "--zoom", "2-6");
    expect(next.report).toMatchObject({ planned, present: stored, failed: 0, complete: true });
  }, 60_000);

  test("killed at random moments and resumed, the file is the same", async () => {
    const origin = await start({ latencyMs: 5 });
    for (let round = 0; round < 4; round++) {
      await runTilth(["seed", origin.template, ...SWISS, "--out", folder.path("out.gpkg"), "--quiet"], {
        onStart: (child) => setTimeout(() => child.kill("SIGKILL"), 500 + round * 120),
      });
    }
    expect((await seed(origin, "out.gpkg")).code).toBe(0);
    await seed(origin, "clean.gpkg");
    expect(await readTiles("out.gpkg")).toEqual(await readTiles("clean.gpkg"));
    expect((await runTilth(["verify", folder.path("out.gpkg"), "--json"])).report).toMatchObject({ whole: true });
  }, 60_000);

  test("repair makes a damaged tile again, out of what the file says of its source", async () => {
    const origin = await start();
    await seed(origin, "out.gpkg", "--format", "jpeg", "--resampling", "cubic");
    const before = await readTiles("out.gpkg");
    const db = new DatabaseSync(folder.path("out.gpkg"));
    db.exec("UPDATE tiles SET tile_data = substr(tile_data, 1, 300) WHERE id = (SELECT max(id) FROM tiles)");
    db.close();
    expect((await runTilth(["verify", folder.path("out.gpkg"), "--json"])).report).toMatchObject({ damaged: 1 });
    const repaired = await runTilth(["repair", folder.path("out.gpkg"), "--json"]);
    expect(repaired.report).toMatchObject({ removed: 1, stored: 1, complete: true });
    expect(await readTiles("out.gpkg")).toEqual(before);
  });

  test("a polar grid: tiles beyond the mercator square are known to be empty", async () => {
    const origin = await start();
    const out = folder.path("polar.gpkg");
    const polar = ["--grid", "EPSG:3031", "--bbox", "-180,-90,180,-80", "--zoom", "3-4", "--max-zoom", "5"];
    const run = await runTilth(["seed", origin.template, ...polar, "--out", out, "--json"]);
    expect(run.report).toMatchObject({ failed: 0, complete: true });
    const { planned, stored, empty } = run.report as Record<string, number>;
    expect(planned).toBe((stored ?? 0) + (empty ?? 0));
    expect(stored).toBeGreaterThan(20);
    // The disc around the pole that web mercator does not reach, about 4.9 degrees, holds whole tiles on the deeper levels.
    expect(empty).toBeGreaterThan(0);
    expectEachOnce(origin);
  });

  test.each([
    [["--resampling", "fancy"], "resampling"],
    [["--grid", "EPSG:99999"], "EPSG:99999"],
    [["--quality", "0"], "quality"],
    [["--elevation", "feet"], "elevation"],
  ])("%s is refused before anything is touched", async (more, word) => {
    const origin = await start();
    const run = await seed(origin, "out.gpkg", ...more);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(word);
    expect(readdirSync(folder.path("."))).toEqual([]);
    expect(origin.requests.total).toBe(0);
  });

  test("a grid out of a file of parts", async () => {
    const origin = await start();
    const parts = {
      id: "own",
      crs: "EPSG:3035",
      bbox: [2_500_000, 1_500_000, 7_500_000, 5_500_000],
      resolutions: [8000, 5000],
    };
    writeFileSync(folder.path("own.json"), JSON.stringify(parts));
    const run = await runTilth(
      [
        "seed",
        origin.template,
        "--grid",
        folder.path("own.json"),
        "--bbox",
        "0,40,20,60",
        "--zoom",
        "0-1",
        "--max-zoom",
        "6",
      ].concat(["--out", folder.path("own.gpkg"), "--json"]),
    );
    expect(run.report).toMatchObject({ failed: 0, complete: true });
    const verified = await runTilth(["verify", folder.path("own.gpkg"), "--json"]);
    expect(verified.report).toMatchObject({ whole: true, integrity: [] });
  });
});

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { TilthError } from "../../core/index.ts";
import type { LonLatBbox } from "../../geo/index.ts";
import { FeatureCollector } from "../../../test/support/collect_features.ts";
import type { FakeOverpass, OverpassFault } from "../../../test/support/fake_overpass.ts";
import { gridWorldBox, makeGridWorld } from "../../../test/support/grid_world.ts";
import { overpassJson, worldJson } from "../../../test/support/osm_world.ts";
import { useOverpass } from "../../../test/support/overpass_run.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import type { WantedArea } from "../import/feature_plan.ts";
import { importOsm } from "../import/import_osm.ts";
import { openOsmFile } from "../input/open_input.ts";
import type { OsmInput } from "../input/osm_input.ts";
import { planLayers } from "../tags/layer_plan.ts";
import { openOverpass, type OpenOverpassOptions } from "./open_overpass.ts";

const SIZE = 12;
const world = makeGridWorld(SIZE);
const AREA: WantedArea = { boxes: [gridWorldBox(SIZE)] };
const kit = useOverpass();
const folder = useTempFolder();
const everything = planLayers({ scheme: "geometry" });

async function featuresOf(input: OsmInput, area: WantedArea, layers = everything): Promise<string[]> {
  const collector = new FeatureCollector();
  await using opened = input;
  await importOsm({ input: opened, plan: { layers, area }, openWriter: collector.open, threads: 2 });
  return collector.sorted();
}

/** The same without a service. */
async function featuresOfFile(area: WantedArea, layers = everything): Promise<string[]> {
  const path = folder.path("world.json");
  writeFileSync(path, worldJson(world));
  return featuresOf(await openOsmFile(path), area, layers);
}

const fetchAll = (services: readonly FakeOverpass[], options: Partial<OpenOverpassOptions> = {}): Promise<OsmInput> =>
  kit.settle(
    openOverpass({
      client: kit.client(),
      endpoints: services.map(({ endpoint }) => endpoint),
      area: AREA,
      layers: everything,
      cacheFolder: folder.path("cache"),
      maxObjects: 60,
      clock: kit.clock,
      ...options,
    }),
  );

const KINDS = ["quota", "busy", "syntax", "refused", "remark", "html", "truncated", "cut", "reset", "hangs"] as const;

/** A fault before each answer, all kinds in turn. */
const everyOther = (index: number): OverpassFault | null =>
  index % 2 === 0 ? { kind: KINDS[(index / 2) % KINDS.length] ?? "busy" } : null;

describe("the features of an area", () => {
  test("are those of a direct read, each once, whatever the service does", async () => {
    const service = await kit.start({ world, fault: everyOther });
    let input: OsmInput | null = null;
    const ends = new Set<string>();
    // Who is refused begins again and goes on from what was fetched.
    for (let run = 0; input === null && run < 60; run++)
      input = await fetchAll([service]).catch((error: unknown) => {
        if (error instanceof TilthError) ends.add(error.code);
        return null;
      });
    const features = await featuresOf(input ?? expect.unreachable(), AREA);
    expect(features).toEqual(await featuresOfFile(AREA));
    expect(new Set(features).size).toBe(features.length);
    expect([...ends].toSorted()).toEqual(["overpass.answer", "overpass.query", "overpass.refused"]);
    expect(new Set(service.queries().map(({ outcome }) => outcome))).toEqual(new Set([...KINDS, "answer"]));
    for (const { besides, query } of service.queries()) {
      expect(besides).toBe(0);
      expect(query).toMatch(/^\[out:json\]\[timeout:180\]\[maxsize:536870912\];/);
    }
  });

  test("are those of filters, too", async () => {
    const service = await kit.start({ world });
    const layers = planLayers({ scheme: "theme", tags: "building,highway=residential|service,amenity=cafe,landuse" });
    const features = await featuresOf(await fetchAll([service], { layers }), AREA, layers);
    expect(features).toEqual(await featuresOfFile(AREA, layers));
    expect(features.length).toBeGreaterThan(SIZE * SIZE);
  });

  test("of a part of it, and of polygons, are those of a direct read", async () => {
    const service = await kit.start({ world });
    const box: LonLatBbox = [10.0021, 50.0021, 10.0067, 50.0067];
    const ring = [
      [10.001, 50.001],
      [10.006, 50.001],
      [10.001, 50.007],
      [10.001, 50.001],
    ] as [number, number][];
    const areas: WantedArea[] = [{ boxes: [box] }, { polygons: [[ring]] }];
    for (const area of areas) {
      const features = await featuresOf(await fetchAll([service], { area }), area);
      expect(features).toEqual(await featuresOfFile(area));
      expect(features.length).toBeGreaterThan(20);
    }
  });
});

describe("cells", () => {
  test("are cut by what they hold, counted once, and fetched once", async () => {
    const service = await kit.start({ world });
    await fetchAll([service]);
    const queries = service.queries().map(({ query }) => query);
    expect(new Set(queries).size).toBe(queries.length);
    const data = queries.filter((query) => query.endsWith("qt;"));
    expect(data.length).toBeGreaterThan(10);
    // Each that holds too much becomes four.
    const cut = queries.length - 2 * data.length;
    expect(data).toHaveLength(1 + 3 * cut);
  });

  test("are cut where the service gives up", async () => {
    const gaveUp = (_index: number, query: string): OverpassFault | null => {
      const [south = 0, , north = 0] = /\(([\d.]+),([\d.]+),([\d.]+),/.exec(query)?.slice(1).map(Number) ?? [];
      return query.endsWith("qt;") && north - south > 0.005 ? { kind: "remark" } : null;
    };
    const service = await kit.start({ world, fault: gaveUp });
    const input = await fetchAll([service], { maxObjects: 50_000 });
    expect(service.queries().filter(({ outcome }) => outcome === "remark").length).toBeGreaterThan(0);
    expect(await featuresOf(input, AREA)).toEqual(await featuresOfFile(AREA));
  });

  test("are kept when the run is stopped, and the next run asks only for the others", async () => {
    const service = await kit.start({ world });
    await fetchAll([service]);
    const whole = service.queries().length;
    const stop = new AbortController();
    const other = await kit.start({ world });
    other.onRequest = () => other.log.length === 8 && stop.abort();
    const cacheFolder = folder.path("other");
    await expect(fetchAll([other], { cacheFolder, signal: stop.signal })).rejects.toMatchObject({ code: "cancelled" });
    const before = other.queries().length;
    const input = await fetchAll([other], { cacheFolder });
    // The one that was stopped is asked again.
    expect(other.queries().length).toBe(whole + 1);
    expect(before).toBeGreaterThan(3);
    expect(await featuresOf(input, AREA)).toEqual(await featuresOfFile(AREA));
    await fetchAll([other], { cacheFolder });
    expect(other.queries().length).toBe(whole + 1);
    expect(readdirSync(cacheFolder).filter((name) => name.includes("partial"))).toEqual([]);
  });

  test("are fetched again when they are too old, and the old ones are deleted", async () => {
    const service = await kit.start({ world });
    await fetchAll([service]);
    const [queries, files] = [service.queries().length, readdirSync(folder.path("cache")).length];
    await kit.clock.advance(23 * 3_600_000);
    await fetchAll([service]);
    expect(service.queries()).toHaveLength(queries);
    await kit.clock.advance(2 * 3_600_000);
    await fetchAll([service], { maxObjects: 100_000 });
    expect(service.queries()).toHaveLength(queries + 2);
    expect(readdirSync(folder.path("cache")).length).toBeLessThan(files);
  });
});

describe("what is no answer", () => {
  const isCount = (query: string): boolean => query.endsWith("out count;");
  const remark = 'runtime error: Query timed out in "recurse" at line 1 after 181 seconds.';
  const remarked = [{ type: "node", id: 1, lat: 50, lon: 10, tags: { remark: "none" } }];

  test.each([
    ["a count that is no JSON", true, '{"elements": [{"type": "count", "tags": {"total": }}]}'],
    ["another document than a count", true, '{"error": "busy"}'],
    ["a count of nothing", true, overpassJson([])],
    ["data that are no JSON", false, '{"elements": [{"type": "node", "id": }]}'],
    ["another document than data", false, '{"message": "Too many requests"}'],
    ["elements that are none", false, overpassJson([{ type: "node", id: "x" }])],
  ])("is asked again and never kept: %s", async (_what, ofCount, body) => {
    let faults = 0;
    const fault = (_index: number, query: string): OverpassFault | null =>
      isCount(query) === ofCount && faults++ === 0 ? { kind: "text", body } : null;
    const service = await kit.start({ world, fault });
    const input = await fetchAll([service]);
    expect(await featuresOf(input, AREA)).toEqual(await featuresOfFile(AREA));
    await kit.clock.advance(600_000);
  });

  test("ends the run when it comes each time, and the next run asks again", async () => {
    let isIll = true;
    const fault = (_index: number, query: string): OverpassFault | null =>
      isIll && isCount(query) ? { kind: "text", body: '{"error": "busy"}' } : null;
    const service = await kit.start({ world, fault });
    await expect(fetchAll([service])).rejects.toMatchObject({ code: "overpass.busy" });
    isIll = false;
    await kit.clock.advance(3_600_000);
    expect(await featuresOf(await fetchAll([service]), AREA)).toEqual(await featuresOfFile(AREA));
  });

  test("of a cell whose query timed out is cut, also where elements have remarks themselves", async () => {
    const fault = (index: number, query: string): OverpassFault | null =>
      index < 3 && !isCount(query) ? { kind: "text", body: overpassJson(remarked, { remark }) } : null;
    const service = await kit.start({ world, fault });
    const input = await fetchAll([service], { maxObjects: 50_000 });
    expect(service.queries().length).toBeGreaterThan(2);
    expect(await featuresOf(input, AREA)).toEqual(await featuresOfFile(AREA));
  });
});

test("a service that remarks that it is too busy is left alone, and the cell is not cut", async () => {
  const remark =
    "runtime error: open64: 0 Success /osm3s_osm_base Dispatcher_Client::request_read_and_idx::timeout. The server is probably too busy to handle your request.";
  const fault = (index: number): OverpassFault | null =>
    index === 0 ? { kind: "text", body: overpassJson([], { remark }) } : null;
  const service = await kit.start({ world, fault });
  const waits: string[] = [];
  await fetchAll([service], { maxObjects: 50_000, onWait: ({ why }) => waits.push(why) });
  expect(service.queries()).toHaveLength(3);
  expect(waits).toEqual([expect.stringMatching(/ is overloaded: The server is probably too busy to handle .*\.$/)]);
});

describe("the cache", () => {
  const answersIn = (cacheFolder: string): string[] =>
    readdirSync(cacheFolder).filter((name) => name.endsWith(".json"));

  test("does not believe files that are not as they were written", async () => {
    const service = await kit.start({ world });
    await fetchAll([service]);
    const asked = service.queries().length;
    const files = answersIn(folder.path("cache"));
    for (const name of files) {
      const path = folder.path(`cache/${name}`);
      writeFileSync(path, readFileSync(path).subarray(0, -3));
    }
    const input = await fetchAll([service]);
    expect(service.queries()).toHaveLength(2 * asked);
    expect(await featuresOf(input, AREA)).toEqual(await featuresOfFile(AREA));
  });

  test("knows who answered, and the input says so", async () => {
    const [first, second] = [await kit.start({ world }), await kit.start({ world })];
    const hostOf = ({ endpoint }: FakeOverpass): string => new URL(endpoint).host;
    expect((await fetchAll([first])).name).toBe(hostOf(first));
    expect((await fetchAll([second, first])).name).toBe(hostOf(first));
    expect(second.log).toEqual([]);
    expect((await fetchAll([second])).name).toBe(hostOf(second));
    expect(second.queries().length).toBeGreaterThan(0);
  });

  test("has answers whatever time and memory they were given", async () => {
    const service = await kit.start({ world });
    await fetchAll([service]);
    const asked = service.queries().length;
    await fetchAll([service], { timeoutS: 600 });
    expect(service.queries()).toHaveLength(asked);
  });

  test("keeps answers as long as the run that wanted them the longest", async () => {
    const service = await kit.start({ world });
    await fetchAll([service], { maxAgeMs: 90 * 86_400_000 });
    const files = answersIn(folder.path("cache"));
    await kit.clock.advance(10 * 86_400_000);
    await fetchAll([service], { area: { boxes: [[10, 50, 10.001, 50.001]] } });
    expect(answersIn(folder.path("cache"))).toEqual(expect.arrayContaining(files));
  });

  test("is shared by runs beside each other", async () => {
    const service = await kit.start({ world });
    const inputs = await Promise.all([fetchAll([service]), fetchAll([service]), fetchAll([service])]);
    for (const input of inputs) expect(await featuresOf(input, AREA)).toEqual(await featuresOfFile(AREA));
    expect(readdirSync(folder.path("cache")).filter((name) => name.endsWith(".partial"))).toEqual([]);
  });
});

describe("mirrors", () => {
  test("are not asked while the first one answers", async () => {
    const [first, second] = [await kit.start({ world }), await kit.start({ world })];
    await fetchAll([first, second]);
    expect(second.log).toEqual([]);
  });

  test("are asked in their order while the one before is overloaded, and no longer", async () => {
    const busyAtFirst = (index: number): OverpassFault | null => (index < 2 ? { kind: "busy" } : null);
    const [first, second, third] = [
      await kit.start({ world, fault: busyAtFirst }),
      await kit.start({ world, fault: busyAtFirst }),
      await kit.start({ world }),
    ];
    const all = [first, second, third];
    const input = await fetchAll(all, { attempts: 2 });
    expect(await featuresOf(input, AREA)).toEqual(await featuresOfFile(AREA));
    const firstAnswer = third.queries()[0]?.atMs ?? 0;
    for (const service of [first, second])
      for (const { atMs } of service.queries().slice(0, 2)) expect(atMs).toBeLessThanOrEqual(firstAnswer);
    expect(second.queries()[0]?.atMs).toBeGreaterThanOrEqual(first.queries()[1]?.atMs ?? Infinity);
    // Two faults each, and the first one is asked again when it has rested.
    const asked = third.queries().length;
    await kit.clock.advance(600_000);
    await fetchAll(all, { cacheFolder: folder.path("other") });
    expect([second.queries().length, third.queries().length]).toEqual([2, asked]);
  });

  test("are asked when the one before is closed for more than a day, which is asked no more", async () => {
    const closed = await kit.start({ world, fault: () => ({ kind: "busy", retryAfterS: 200_000 }) });
    const mirror = await kit.start({ world });
    const input = await fetchAll([closed, mirror]);
    expect(await featuresOf(input, AREA)).toEqual(await featuresOfFile(AREA));
    expect([closed.queries().length, input.name]).toEqual([1, new URL(mirror.endpoint).host]);
    await kit.clock.advance(200_000_000);
  });

  test("are not asked when the query is wrong or the program is refused", async () => {
    for (const kind of ["syntax", "refused", "html"] as const) {
      const [first, second] = [await kit.start({ world, fault: () => ({ kind }) }), await kit.start({ world })];
      await expect(fetchAll([first, second])).rejects.toMatchObject({ code: /^overpass\./ });
      expect([first.queries().length, second.log.length]).toEqual([1, 0]);
    }
  });
});

test("an area that is too large is refused before anything is asked, with the way out", async () => {
  const service = await kit.start({ world });
  await expect(fetchAll([service], { area: { boxes: [[5, 45, 15, 55]] } })).rejects.toThrow(/geofabrik.*--from/);
  await expect(fetchAll([service], { area: null })).rejects.toThrow("--bbox");
  expect(service.log).toEqual([]);
});

test("a cache folder that cannot be used is said to be", async () => {
  const service = await kit.start({ world });
  writeFileSync(folder.path("file"), "");
  await expect(fetchAll([service], { cacheFolder: folder.path("file/cache") })).rejects.toMatchObject({
    code: "store.io",
  });
  expect(service.log).toEqual([]);
});

test.skipIf(process.platform !== "linux")("a cache folder where there can be none is said to be", async () => {
  const service = await kit.start({ world });
  for (const cacheFolder of ["/proc/nope", "/proc/nope/cache"])
    await expect(fetchAll([service], { cacheFolder })).rejects.toMatchObject({ code: "store.io" });
});

test("a cache folder is made with those that it lies in", async () => {
  const service = await kit.start({ world });
  const cacheFolder = folder.path("new/and/deep/");
  await Promise.all([fetchAll([service], { cacheFolder }), fetchAll([service], { cacheFolder })]);
  expect(readdirSync(cacheFolder)).not.toEqual([]);
});

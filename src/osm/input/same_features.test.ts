import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { FeatureCollector } from "../../../test/support/collect_features.ts";
import { gridWorldBox, makeGridWorld } from "../../../test/support/grid_world.ts";
import { encodeOsmPbf } from "../../../test/support/osm_pbf.ts";
import { PlacedWorld } from "../../../test/support/osm_placed.ts";
import { overpassJson, worldBlock, worldJson, worldXml } from "../../../test/support/osm_world.ts";
import { listRealFiles } from "../../../test/support/real_data.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { importOsm, type ImportReport } from "../import/import_osm.ts";
import type { WantedArea } from "../import/feature_plan.ts";
import { planLayers } from "../tags/layer_plan.ts";
import { openOsmFile } from "./open_input.ts";

const SIZE = 8;
const folder = useTempFolder();
const world = makeGridWorld(SIZE);
const layers = planLayers({ scheme: "theme" });

async function importFile(
  path: string,
  area: WantedArea = null,
): Promise<{ features: string[]; report: ImportReport }> {
  const collector = new FeatureCollector();
  await using input = await openOsmFile(path);
  const report = await importOsm({ input, plan: { layers, area }, openWriter: collector.open, threads: 2 });
  return { features: collector.sorted(), report };
}

function importBytes(bytes: Uint8Array | string): ReturnType<typeof importFile> {
  const path = folder.path("in");
  writeFileSync(path, bytes);
  return importFile(path, { boxes: [gridWorldBox(SIZE)] });
}

describe("the same map", () => {
  test("gives the same features as PBF, XML and JSON, packed or not", async () => {
    const block = worldBlock(world);
    const { features, report } = await importBytes(encodeOsmPbf([block]));
    expect(report).toMatchObject({
      nodes: world.nodes.size,
      ways: world.ways.size,
      relations: world.relations.size,
      missingNodes: 0,
      problems: {},
    });
    // A house in each block, streets and the rest.
    expect(features.length).toBeGreaterThan(SIZE * SIZE + 2 * SIZE);
    const others = [
      encodeOsmPbf([block], { plainNodes: true, compression: "zstd" }),
      worldXml(world),
      worldJson(world),
      gzipSync(worldXml(world)),
      gzipSync(worldJson(world)),
    ];
    for (const bytes of others) expect((await importBytes(bytes)).features).toEqual(features);
  });
});

describe("a map whose ways have their places with them", () => {
  const placed = new PlacedWorld(world);

  test.each<[string, () => Uint8Array | string]>([
    ["PBF", () => encodeOsmPbf([placed.block()])],
    ["XML", () => placed.xml()],
    ["JSON", () => placed.json()],
  ])("gives the same features without nodes, as %s", async (_format, encode) => {
    const { features } = await importBytes(encodeOsmPbf([worldBlock(world)]));
    const { features: found, report } = await importBytes(encode());
    expect(found).toEqual(features);
    const counts = { nodes: placed.taggedNodes, ways: world.ways.size, relations: world.relations.size };
    expect(report).toMatchObject({ ...counts, missingNodes: 0, problems: {} });
  });
});

describe("a file", () => {
  test.each([
    ["bzip2", Buffer.from("BZh91AY&SY"), "osm.unsupported"],
    ["a text", "hello", "osm.invalid"],
    ["nothing", "", "osm.invalid"],
    ["gzip of a text", gzipSync("hello"), "osm.invalid"],
    ["gzip that was cut short", gzipSync(worldXml(world)).subarray(0, 3000), "osm.truncated"],
    ["UTF-16", Buffer.from(`\ufeff${worldXml(world).slice(0, 3000)}`, "utf16le"), "osm.truncated"],
    ["damaged gzip", Buffer.concat([gzipSync("").subarray(0, 10), Buffer.alloc(40, 0xee)]), "osm.invalid"],
    ["an answer that gave up", `{"elements":[],"remark":"runtime error: 1"}`, "osm.truncated"],
  ])("of %s says what it is", async (_what, bytes, code) => expect(importBytes(bytes)).rejects.toMatchObject({ code }));

  test("that is not there, or a folder, is said to be", async () => {
    await expect(importFile(folder.path("none.osm.pbf"))).rejects.toMatchObject({ code: "store.missing" });
    await expect(importFile(folder.path("."))).rejects.toMatchObject({ code: "store.io" });
  });

  test("that is a pipe is not waited for", async () => {
    execFileSync("mkfifo", [folder.path("pipe")]);
    await expect(importFile(folder.path("pipe"))).rejects.toMatchObject({
      code: "store.io",
      message: expect.stringContaining("a pipe or a device"),
    });
  });

  test("of objects without a place names them", async () => {
    const elements = [
      { type: "node", id: 1, tags: { amenity: "bench" } },
      { type: "way", id: 2, center: { lat: 1, lon: 1 }, tags: { highway: "path" } },
      {
        type: "relation",
        id: 3,
        members: [{ type: "way", ref: 9, role: "" }],
        tags: { type: "multipolygon", building: "yes" },
      },
    ];
    writeFileSync(folder.path("in"), overpassJson(elements));
    const { report, features } = await importFile(folder.path("in"));
    expect([features, report.problems]).toEqual([[], { noPlace: 2, incomplete: 1 }]);
    expect([report.nodes, report.ways, report.relations]).toEqual([1, 1, 1]);
  });
});

/** Nodes, ways, relations as osmium counts them. */
const REAL: Readonly<Record<string, readonly [nodes: number, ways: number, relations: number]>> = {
  "andorra_2013.osm.pbf": [69_644, 2725, 74],
  "berlin_siegessaeule.osm.gz": [5117, 418, 50],
  "monaco_2021.osm.pbf": [25_423, 4106, 243],
  "monaco_2021_lz4.osm.pbf": [25_423, 4106, 243],
  "munich_2014.osm": [1716, 154, 121],
  "osmnx_planet_10.068_48.135.osm": [281, 56, 3],
  "overpass_davis_roads_skel.json": [19_903, 4398, 0],
  "overpass_london_docklands_2014.json": [1119, 106, 0],
  "overpass_map_query_sf_ferry.json": [409, 24, 2],
  "test_multipolygon.osm": [353, 140, 40],
};
/** With geometry within: ways and relations are those of the answer and their members. */
const WITH_GEOMETRY: Readonly<Record<string, readonly [ways: number, relations: number]>> = {
  "overpass_davis_amenities_mixed.json": [665, 0],
  "overpass_davis_buildings_geom.json": [1100, 9],
  "overpass_zagazig_roads_geom.json": [1765, 0],
};

const files = listRealFiles("osm");
if (files.length > 0)
  describe("a real extract has all its objects", () => {
    for (const { name, path } of files)
      test(name, async () => {
        const { report } = await importFile(path);
        const { nodes, ways, relations } = report;
        const [minWays, exactRelations] = WITH_GEOMETRY[name] ?? [];
        if (minWays === undefined) expect([nodes, ways, relations]).toEqual(REAL[name]);
        else expect([ways >= minWays, relations]).toEqual([true, exactRelations]);
      });
  });

import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { PbfWriter } from "pbf";
import { describe, expect, test } from "vitest";
import { makeGridWorld } from "../../../test/support/grid_world.ts";
import { listObjects } from "../../../test/support/osm_objects.ts";
import {
  encodeBlob,
  encodeBlock,
  encodeOsmPbf,
  frameBlob,
  type PbfFileOptions,
} from "../../../test/support/osm_pbf.ts";
import { worldBlock } from "../../../test/support/osm_world.ts";
import { listRealFiles } from "../../../test/support/real_data.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { BlockBuilder } from "../block_builder.ts";
import { openPart } from "../import/osm_part.ts";
import { openOsmFile } from "./open_input.ts";

const folder = useTempFolder();
const world = worldBlock(makeGridWorld(3));
const HEADER = { requiredFeatures: ["OsmSchema-V0.6", "DenseNodes"] };

async function objectsOf(bytes: Uint8Array): Promise<string[]> {
  const path = folder.path("in.osm.pbf");
  writeFileSync(path, bytes);
  await using input = await openOsmFile(path);
  const objects: string[] = [];
  for await (const part of input.parts()) for (const object of listObjects(openPart(part))) objects.push(object);
  return objects;
}

const codeOf = (bytes: Uint8Array): Promise<unknown> =>
  objectsOf(bytes).then(
    () => "none",
    (error: unknown) => (error as { code?: unknown }).code,
  );

describe("an .osm.pbf file", () => {
  test.each(["raw", "zlib", "zstd"] as const)("packed with %s gives what went into it", async (compression) => {
    expect(await objectsOf(encodeOsmPbf([world, world], { compression }))).toEqual([
      ...listObjects(world),
      ...listObjects(world),
    ]);
  });

  test("may have optional features, blobs of other types, and another file behind it", async () => {
    const optional = new PbfWriter();
    optional.writeStringField(4, "OsmSchema-V0.6");
    optional.writeStringField(5, "Has_Metadata");
    optional.writeVarintField(32, 1_767_225_600);
    const header = encodeBlob("OSMHeader", optional.finish());
    const data = encodeBlob("OSMData", encodeBlock(world));
    const file = Buffer.concat([header, encodeBlob("Something", Buffer.alloc(100)), data, header, data]);
    expect(await objectsOf(file)).toEqual([...listObjects(world), ...listObjects(world)]);
    await using input = await openOsmFile(folder.path("in.osm.pbf"));
    for await (const _part of input.parts());
    expect(input.dataTimeMs).toBe(Date.UTC(2026, 0, 1));
  });

  test("that needs an unknown feature says which and what to do", async () => {
    const file = encodeOsmPbf([world], { requiredFeatures: ["OsmSchema-V0.6", "LocationsOnWays2"] });
    await expect(objectsOf(file)).rejects.toThrow(/'LocationsOnWays2'.*osmium cat/);
    expect(await codeOf(file)).toBe("osm.unsupported");
  });

  test.each([
    ["LZMA", 4],
    ["bzip2", 5],
  ])("packed with %s is not supported, and says what to do", async (name, field) => {
    const file = Buffer.concat([encodeOsmPbf([]), frameBlob("OSMData", { 2: 100, [field]: Buffer.alloc(50, 7) })]);
    await expect(objectsOf(file)).rejects.toThrow(new RegExp(`${name}.*osmium cat`));
  });

  test("packed with LZ4 is read", async () => {
    const data = encodeBlock(world);
    const lengths = [];
    for (let rest = data.byteLength - 15; ; rest -= 255) {
      lengths.push(Math.min(rest, 255));
      if (rest < 255) break;
    }
    const literals = Buffer.concat([Buffer.from([0xf0, ...lengths]), data]);
    const file = Buffer.concat([encodeOsmPbf([]), frameBlob("OSMData", { 2: data.byteLength, 6: literals })]);
    expect(await objectsOf(file)).toEqual(listObjects(world));
  });
});

describe("a damaged .osm.pbf file", () => {
  const header = encodeOsmPbf([], HEADER);
  const small = encodeOsmPbf([worldBlock(makeGridWorld(1))], HEADER);

  test("cut short anywhere but between blobs is truncated", async () => {
    for (const length of [1, 2, 3, 4, 5]) expect(await codeOf(small.subarray(0, length))).toMatch(/^osm\./);
    for (let length = 20; length < small.length; length += 1)
      expect(await codeOf(small.subarray(0, length)), `${length}`).toBe(
        length === header.length ? "none" : "osm.truncated",
      );
  });

  test.each([
    ["an empty file", Buffer.alloc(0), "osm.invalid"],
    ["no header", encodeBlob("OSMData", encodeBlock(world)), "osm.invalid"],
    ["bytes behind it", Buffer.concat([small, Buffer.from("garbage, garbage")]), "osm.invalid"],
    ["zeros behind it", Buffer.concat([small, Buffer.alloc(64)]), "osm.invalid"],
    [
      "a header of a blob that is too large",
      Buffer.concat([small, Buffer.from([0, 2, 0, 0]), Buffer.alloc(100)]),
      "osm.invalid",
    ],
    ["a blob that is too large", Buffer.concat([small, blobOf(33 * 1024 * 1024)]), "osm.tooLarge"],
    [
      "a block that is too large",
      Buffer.concat([header, frameBlob("OSMData", { 2: 2 ** 31, 3: Buffer.alloc(9) })]),
      "osm.tooLarge",
    ],
    ["a block that is larger than it says", Buffer.concat([header, bomb(1000)]), "osm.invalid"],
    ["a block that is smaller than it says", Buffer.concat([header, bomb(30_000_000)]), "osm.invalid"],
    [
      "a blob that does not inflate",
      Buffer.concat([header, frameBlob("OSMData", { 2: 9, 3: Buffer.from("not zlib!") })]),
      "osm.invalid",
    ],
    ["a blob of nothing", Buffer.concat([header, frameBlob("OSMData", {})]), "osm.unsupported"],
  ])("with %s", async (_what, bytes, code) => expect(await codeOf(bytes)).toBe(code));

  function blobOf(sizeBytes: number): Buffer {
    const head = new PbfWriter();
    head.writeStringField(1, "OSMData");
    head.writeVarintField(3, sizeBytes);
    const bytes = head.finish();
    return Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  }

  /** 1 MB of zeros in 1 kB. */
  function bomb(saidBytes: number): Buffer {
    const packed = encodeBlob("OSMData", Buffer.alloc(1_000_000));
    const size = Buffer.from([0x10, 0xc0, 0x84, 0x3d]);
    const said = new PbfWriter();
    said.writeVarintField(2, saidBytes);
    const at = packed.indexOf(size);
    const body = Buffer.concat([said.finish(), packed.subarray(at + size.length)]);
    const head = blobOf(body.length);
    return Buffer.concat([head, body]);
  }
});

describe("a file with history", () => {
  const requiredFeatures = ["OsmSchema-V0.6", "DenseNodes", "HistoricalInformation"];

  /** Blocks of versions: `5a` is a version of node 5 with the name a, `5-` says that it was deleted. */
  function history(
    kind: "nodes" | "ways" | "relations",
    blocks: readonly string[],
    options: PbfFileOptions = {},
  ): Buffer {
    const parts = blocks.map((text) => {
      const versions = text === "" ? [] : text.split(" ");
      const builder = new BlockBuilder();
      for (const version of versions) {
        const [id, tags] = [Number(version.slice(0, -1)), [["name", version.slice(-1)]] as const];
        if (kind === "nodes") builder.addNode(id, id, id, tags);
        else if (kind === "ways") builder.addWay(id, [id, id + 1], tags);
        else builder.addRelation(id, [{ type: "way", id, role: "outer" }], tags);
      }
      return encodeBlob(
        "OSMData",
        encodeBlock(builder.finish(), { ...options, isDeleted: (_kind, i) => versions[i]?.at(-1) === "-" }),
      );
    });
    return Buffer.concat([encodeOsmPbf([], { requiredFeatures }), ...parts]);
  }

  const NEWEST = ["2b", "3c", "6f", "7g", "9i"];
  const BLOCKS = [
    "1a 1- 2a 2b 3a",
    "3b",
    "3c 4a",
    "4-",
    "5a 5b",
    "",
    "5-",
    "6a 6- 6f 7a",
    "7- 7g",
    "8a",
    "8b 8- 9h 9i",
  ];

  test.each([
    ["nodes", {}, (id: string) => `n${id} ${id},${id}`],
    ["nodes", { plainNodes: true }, (id: string) => `n${id} ${id},${id}`],
    ["ways", {}, (id: string) => `w${id} ${id},${Number(id) + 1}`],
    ["relations", {}, (id: string) => `r${id} way ${id} outer`],
  ] as const)("gives the newest version of %s, %o, and nothing of the deleted", async (kind, options, show) => {
    const expected = NEWEST.map((version) => `${show(version.slice(0, -1))} name=${version.slice(-1)}`);
    expect(await objectsOf(history(kind, BLOCKS, options))).toEqual(expected);
    expect(await objectsOf(history(kind, [BLOCKS.join(" ").replaceAll("  ", " ")], options))).toEqual(expected);
    expect(await objectsOf(history(kind, BLOCKS.join(" ").replaceAll("  ", " ").split(" "), options))).toEqual(
      expected,
    );
  });
});

const real = listRealFiles("osm").filter(({ name }) => name.startsWith("monaco_2021"));
if (real.length === 2)
  test("Monaco packed with LZ4 is Monaco", async () => {
    const [zlib, lz4] = real.map(({ path }) => readFileSync(path)) as [Buffer, Buffer];
    expect(basename(real[1]?.path ?? "")).toContain("lz4");
    expect(await objectsOf(lz4)).toEqual(await objectsOf(zlib));
  });

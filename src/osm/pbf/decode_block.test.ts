import { PbfWriter } from "pbf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listObjects } from "../../../test/support/osm_objects.ts";
import { encodeBlock, type PbfFileOptions } from "../../../test/support/osm_pbf.ts";
import { makeGridWorld } from "../../../test/support/grid_world.ts";
import { worldBlock } from "../../../test/support/osm_world.ts";
import { BlockBuilder } from "../block_builder.ts";
import type { OsmBlock } from "../osm_block.ts";
import { decodeBlock, decodeVersions } from "./decode_block.ts";

function smallBlock(): OsmBlock {
  const builder = new BlockBuilder();
  builder.addNode(1, 7.4191234, 43.7312345, [
    ["amenity", "cafe"],
    ["name", "Café ☕ 日本"],
  ]);
  builder.addNode(2, -180, 90, []);
  builder.addNode(1_000_000_000_000_000, 180, -90, [["ele", ""]]);
  builder.addNode(-5, 0.0000001, -0.0000001, []);
  builder.addWay(7, [1, 2, 1_000_000_000_000_000, -5, 1], [["building", "yes"]]);
  builder.addWay(8, [], []);
  builder.addRelation(
    11,
    [
      { type: "way", id: 7, role: "outer" },
      { type: "node", id: 1, role: "" },
      { type: "relation", id: 12, role: "x" },
    ],
    [["type", "multipolygon"]],
  );
  builder.addRelation(12, [], []);
  return builder.finish();
}

const SMALL = [
  "n1 7.4191234,43.7312345 amenity=cafe name=Café ☕ 日本",
  "n2 -180,90",
  "n1000000000000000 180,-90 ele=",
  "n-5 1e-7,-1e-7",
  "w7 1,2,1000000000000000,-5,1 building=yes",
  "w8",
  "r11 way 7 outer, node 1, relation 12 x type=multipolygon",
  "r12",
];

const roundTrip = (block: OsmBlock, options: PbfFileOptions = {}): OsmBlock => decodeBlock(encodeBlock(block, options));

describe("a block", () => {
  test.each([{}, { plainNodes: true }])("gives what went into it, with %o", (options) => {
    expect(listObjects(roundTrip(smallBlock(), options))).toEqual(SMALL);
    const world = worldBlock(makeGridWorld(4));
    expect(listObjects(roundTrip(world, options))).toEqual(listObjects(world));
  });

  test("has places with its ways where the file has, in its own scale", () => {
    const builder = new BlockBuilder();
    builder.addWay(6, [1], []);
    builder.addPlacedWay(7, [1, 2, 1], [[7.4191234, 43.7312345], null, [-180, -90]], [["highway", "path"]]);
    builder.addWay(8, [3, 4], []);
    const block = builder.finish();
    const objects = ["w6 1@?", "w7 1@7.4191234,43.7312345 2@? 1@-180,-90 highway=path", "w8 3@? 4@?"];
    expect(listObjects(block)).toEqual(objects);
    expect(listObjects(roundTrip(block))).toEqual(objects);
    const isDeleted = (kind: string, i: number): boolean => kind === "ways" && i === 0;
    expect(listObjects(roundTrip(block, { isDeleted }))).toEqual(objects.slice(1));
    expect(decodeBlock(encodeBlock(block), { refs: false }).ways).toMatchObject({ lons: new Int32Array() });
    const scale = { granularity: 10, latOffset: 0, lonOffset: 1_000_000_000 };
    const placed = new BlockBuilder();
    placed.addPlacedWay(
      1,
      [1, 2],
      [
        [7.4191234, 43.7312345],
        [10, 20],
      ],
      [],
    );
    expect(listObjects(roundTrip(placed.finish(), { scale }))).toEqual(["w1 1@1.7419123,4.3731235 2@2,2"]);
  });

  test("with ways that have other places than nodes, or places outside of the world, is damaged", () => {
    const builder = new BlockBuilder();
    builder.addPlacedWay(
      7,
      [1, 2],
      [
        [1, 2],
        [3, 4],
      ],
      [],
    );
    const { ways, ...rest } = builder.finish();
    const refused = (change: Partial<OsmBlock["ways"]>, why: string): void =>
      expect(() => roundTrip({ ...rest, ways: { ...ways, ...change } })).toThrow(why);
    refused({ lats: ways.lats.subarray(1) }, "not as many places as nodes");
    refused({ lons: new Int32Array() }, "not as many places as nodes");
    refused({ lons: new Int32Array([1, 1_800_000_001]) }, "outside of the world");
    refused({ lats: new Int32Array([1, 0x7fff_ffff]) }, "outside of the world");
  });

  test.each([{}, { plainNodes: true }])("may have nodes without a place, with %o", (options) => {
    const builder = new BlockBuilder();
    builder.addNode(1, 2, 3, []);
    builder.addPlacelessNode(2, [["a", "b"]]);
    expect(listObjects(roundTrip(builder.finish(), options))).toEqual(["n1 2,3", "n2 ? a=b"]);
  });

  test("with ids that no number of ours holds is refused", () => {
    for (const id of [2 ** 53, 2 ** 60, -(2 ** 53)]) {
      const builder = new BlockBuilder();
      builder.addNode(id, 1, 1, []);
      expect(() => roundTrip(builder.finish())).toThrow("more than 53 bits");
      const ways = new BlockBuilder();
      ways.addWay(1, [1, id], []);
      expect(() => roundTrip(ways.finish())).toThrow("more than 53 bits");
    }
  });

  test("gives only the kinds that are asked for", () => {
    const only = (kinds: object): string[] => listObjects(decodeBlock(encodeBlock(smallBlock()), kinds));
    expect(only({ nodes: false })).toEqual(SMALL.slice(4));
    expect(only({ ways: false })).toEqual([...SMALL.slice(0, 4), ...SMALL.slice(6)]);
    expect(only({ relations: false })).toEqual(SMALL.slice(0, 6));
  });

  test.each([
    // Numbers of 1e-7 degrees times 10 nanodegrees, beside an origin.
    [{ granularity: 10, latOffset: 0, lonOffset: 0 }, "n1 0.7419123,4.3731235"],
    [{ granularity: 1000, latOffset: 0, lonOffset: 0 }, "n1 74.191234,43.731234"],
    [{ granularity: 100, latOffset: 2_000_000_000, lonOffset: -1_000_000_000 }, "n1 6.4191234,45.7312345"],
  ])("with %o has other places", (scale, expected) => {
    const builder = new BlockBuilder();
    const lat = scale.granularity === 1000 ? 4.3731234 : 43.7312345;
    builder.addNode(1, 7.4191234, lat, []);
    const block = builder.finish();
    for (const plainNodes of [false, true])
      expect(listObjects(roundTrip(block, { scale, plainNodes }))).toEqual([expected]);
  });

  test.each([{}, { plainNodes: true }])("leaves deleted objects out, with %o", (options) => {
    const isDeleted = (kind: string, i: number): boolean => (kind === "nodes" ? i % 2 === 0 : i === 0);
    expect(listObjects(roundTrip(smallBlock(), { ...options, isDeleted }))).toEqual([
      "n2 -180,90",
      "n-5 1e-7,-1e-7",
      "w8",
      "r12",
    ]);
    expect(listObjects(roundTrip(smallBlock(), { ...options, isDeleted: () => false }))).toEqual(SMALL);
    const { deleted } = decodeVersions(encodeBlock(smallBlock(), { ...options, isDeleted }));
    expect(deleted).toEqual({ nodes: new Set([0, 2]), ways: new Set([0]), relations: new Set([0]) });
  });

  test.each([{}, { plainNodes: true }])("may have deleted nodes without a place, with %o", (options) => {
    const builder = new BlockBuilder();
    // What osmium writes for a place that there is not.
    builder.addNode(1, 214.7483647, 214.7483647, []);
    builder.addNode(2, 1, 2, []);
    const bytes = encodeBlock(builder.finish(), { ...options, isDeleted: (_kind, i) => i === 0 });
    expect(listObjects(decodeBlock(bytes))).toEqual(["n2 1,2"]);
    expect(listObjects(decodeVersions(bytes).block)).toEqual(["n1 0,0", "n2 1,2"]);
  });

  test("may have changesets and fields that are not known", () => {
    const extra = new PbfWriter();
    extra.writeMessage(
      2,
      (_none: null, group: PbfWriter) =>
        group.writeMessage(5, (id: number, set: PbfWriter) => set.writeVarintField(1, id), 77),
      null,
    );
    extra.writeStringField(99, "new");
    extra.writeFixed64Field(98, 1);
    extra.writeFixed32Field(97, 1);
    const bytes = Buffer.concat([encodeBlock(smallBlock()), extra.finish()]);
    expect(listObjects(decodeBlock(bytes))).toEqual(SMALL);
  });
});

describe("a damaged block", () => {
  const whole = encodeBlock(smallBlock());
  const isInvalid = (bytes: Uint8Array): void =>
    expect(() => decodeBlock(bytes)).toThrow(expect.objectContaining({ code: "osm.invalid" }));

  test("that is cut short anywhere is invalid, or has fewer objects where a group ended", () => {
    for (let length = 1; length < whole.length; length++) {
      let count = SMALL.length;
      try {
        count = listObjects(decodeBlock(whole.subarray(0, length))).length;
      } catch (error) {
        expect(error).toMatchObject({ code: "osm.invalid" });
        count = -1;
      }
      expect(count).toBeLessThan(SMALL.length);
    }
  });

  test("that names texts it does not have is invalid", () => {
    const textless = new PbfWriter();
    textless.writeMessage(
      2,
      (_none: null, group: PbfWriter) => {
        group.writeMessage(
          3,
          (_nothing: null, way: PbfWriter) => {
            way.writeVarintField(1, 1);
            way.writePackedVarint(2, [5]);
            way.writePackedVarint(3, [6]);
          },
          null,
        );
      },
      null,
    );
    isInvalid(textless.finish());
  });

  test.each([
    ["keys without values", (way: PbfWriter) => way.writePackedVarint(2, [0])],
    [
      "a list without end",
      (way: PbfWriter) => {
        way.writeTag(8, 2);
        way.writeVarint(2 ** 40);
      },
    ],
    [
      "a message without end",
      (way: PbfWriter) => {
        way.writeTag(4, 2);
        way.writeVarint(2 ** 50);
      },
    ],
    [
      "a number without end",
      (way: PbfWriter) => {
        way.writeTag(1, 0);
        for (let i = 0; i < 2; i++) way.writeFixed64(-1);
      },
    ],
  ])("with %s is invalid, at once", (_what, write) => {
    const pbf = new PbfWriter();
    pbf.writeMessage(1, (_none: null, strings: PbfWriter) => strings.writeStringField(1, ""), null);
    pbf.writeMessage(
      2,
      (_none: null, group: PbfWriter) => group.writeMessage(3, (_nothing: null, way: PbfWriter) => write(way), null),
      null,
    );
    isInvalid(pbf.finish());
  });

  test("of random bytes is invalid, or empty", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeBlock(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: "osm.invalid" });
        }
      }),
      { numRuns: 2000 },
    );
  });
});

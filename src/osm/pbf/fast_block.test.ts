import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { mutate, seededRandom } from "../../../test/fuzz/mutations.ts";
import { makeGridWorld } from "../../../test/support/grid_world.ts";
import { listObjects } from "../../../test/support/osm_objects.ts";
import { encodeBlock, type PbfFileOptions } from "../../../test/support/osm_pbf.ts";
import { PlacedWorld } from "../../../test/support/osm_placed.ts";
import { worldBlock } from "../../../test/support/osm_world.ts";
import { listRealFiles } from "../../../test/support/real_data.ts";
import { BlockBuilder } from "../block_builder.ts";
import { openFileReader } from "../byte_reader.ts";
import type { OsmBlock } from "../osm_block.ts";
import { decodeBlock, type DecodeOptions } from "./decode_block.ts";
import { readFastBlock } from "./fast_block.ts";
import { inflateBlob, readBlob } from "./inflate_blob.ts";
import { readBlobs } from "./read_blobs.ts";

/** What columns hold, as plain lists. */
const contentOf = (block: OsmBlock): unknown =>
  JSON.parse(
    JSON.stringify(block, (_key, value: unknown) => (ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value)),
  );

const readFast = (bytes: Uint8Array, options?: DecodeOptions): OsmBlock | null =>
  readFastBlock(deflateSync(bytes), bytes.length, options);

function waysAndNodes(): OsmBlock {
  const builder = new BlockBuilder();
  builder.addNode(1, 7.4191234, 43.7312345, [
    ["name", "Café ☕ 日本"],
    ["amenity", "cafe"],
  ]);
  builder.addNode(2, -180, 90, []);
  builder.addNode(1e15, 180, -90, [["ele", ""]]);
  builder.addNode(-5, 0.0000001, -0.0000001, []);
  builder.addWay(7, [1, 2, 1e15, -5, 1], [["building", "yes"]]);
  builder.addWay(-8, [], []);
  builder.addWay(9, [1, 2, 1], [["note", "three refs are no ring"]]);
  return builder.finish();
}

const WANTED: readonly DecodeOptions[] = [
  {},
  { refs: false },
  { nodes: false },
  { ways: false, relations: false },
  { nodes: false, ways: false, relations: false },
];

const realExtracts = (): [name: string, path: string][] =>
  listRealFiles("osm").flatMap(({ name, path }) => (name.endsWith(".osm.pbf") ? [[name, path]] : []));

describe("a block that is read at once", () => {
  test.each(WANTED)("has the columns of one that is read the long way, wanted %o", (options) => {
    for (const block of [waysAndNodes(), new BlockBuilder().finish()]) {
      const bytes = encodeBlock(block);
      const fast = readFast(bytes, options);
      expect(fast).not.toBeNull();
      expect(contentOf(fast as OsmBlock)).toEqual(contentOf(decodeBlock(bytes, options)));
    }
  });

  test("may have relations that nobody wants, and a world of nodes", () => {
    const bytes = encodeBlock(worldBlock(makeGridWorld(30)));
    expect(readFast(bytes)).toBeNull();
    const fast = readFast(bytes, { relations: false });
    expect(listObjects(fast as OsmBlock)).toEqual(listObjects(decodeBlock(bytes, { relations: false })));
  });

  test.each<[string, PbfFileOptions]>([
    ["single nodes", { plainNodes: true }],
    ["flags of deleted objects", { isDeleted: () => false }],
    ["another granularity", { scale: { granularity: 10, latOffset: 0, lonOffset: 0 } }],
    ["another origin", { scale: { granularity: 100, latOffset: 0, lonOffset: 100 } }],
  ])("is left to the long way with %s", (_what, options) => {
    expect(readFast(encodeBlock(waysAndNodes(), options))).toBeNull();
  });

  test("is left to the long way with places of ways, unless only rings are looked for", () => {
    const bytes = encodeBlock(new PlacedWorld(makeGridWorld(3)).block());
    expect(readFast(bytes, { relations: false })).toBeNull();
    const options = { relations: false, refs: false };
    expect(contentOf(readFast(bytes, options) as OsmBlock)).toEqual(contentOf(decodeBlock(bytes, options)));
  });

  test("is left to the long way when it is damaged: cut, longer than said, a wrong checksum, a place outside of the world", () => {
    const bytes = encodeBlock(waysAndNodes());
    for (let length = 1; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      const fast = readFast(cut);
      if (fast !== null) expect(contentOf(fast)).toEqual(contentOf(decodeBlock(cut)));
    }
    const packed = deflateSync(bytes);
    for (const rawSize of [bytes.length - 1, bytes.length + 1, 0]) expect(readFastBlock(packed, rawSize)).toBeNull();
    packed[packed.length - 1] = (packed[packed.length - 1] as number) ^ 1;
    expect(readFastBlock(packed, bytes.length)).toBeNull();
    expect(readFastBlock(new Uint8Array(), 100)).toBeNull();
    const builder = new BlockBuilder();
    builder.addNode(1, 181, 0, []);
    expect(readFast(encodeBlock(builder.finish()))).toBeNull();
  });

  test("is never another than that of the long way, whatever its bytes are", () => {
    const whole = [encodeBlock(waysAndNodes()), encodeBlock(worldBlock(makeGridWorld(3)))];
    let read = 0;
    for (let seed = 0; seed < 4000; seed++) {
      const bytes = mutate(Buffer.from(whole[seed % 2] as Uint8Array), seededRandom(seed));
      const options = WANTED[seed % WANTED.length] as DecodeOptions;
      const fast = readFast(bytes, options);
      // Bytes that are no UTF-8 become other signs there.
      if (fast === null || fast.strings.join("").includes("\ufffd")) continue;
      read += 1;
      expect(contentOf(fast)).toEqual(contentOf(decodeBlock(bytes, options)));
    }
    expect(read).toBeGreaterThan(100);
  });

  test.each(realExtracts())("is the same in %s", async (_name, path) => {
    await using reader = await openFileReader(path);
    for await (const { type, bytes } of readBlobs(reader)) {
      if (type !== "OSMData") continue;
      const { data, rawSize } = readBlob(bytes);
      const options = { relations: false };
      const fast = readFastBlock(data, rawSize, options);
      if (fast !== null) expect(contentOf(fast)).toEqual(contentOf(decodeBlock(inflateBlob(bytes), options)));
    }
  });
});

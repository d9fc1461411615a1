import { expect, test } from "vitest";
import { makeGridWorld } from "../../test/support/grid_world.ts";
import { listObjects } from "../../test/support/osm_objects.ts";
import { PlacedWorld } from "../../test/support/osm_placed.ts";
import { worldBlock } from "../../test/support/osm_world.ts";
import { BlockBuilder } from "./block_builder.ts";
import { packBlock, unpackBlock } from "./packed_block.ts";

test.each([
  ["a town", worldBlock(makeGridWorld(5))],
  ["one with places in its ways", new PlacedWorld(makeGridWorld(5)).block()],
  ["nothing", new BlockBuilder().finish()],
])("a block of %s is the same when it was packed", (_what, block) => {
  const bytes = packBlock(block);
  expect(unpackBlock(bytes)).toEqual(block);
  // Where it stood in a file, or in a message.
  const moved = new Uint8Array(bytes.length + 16);
  moved.set(bytes, 8);
  expect(listObjects(unpackBlock(moved.subarray(8, -8)))).toEqual(listObjects(block));
});

test("texts of any kind come back, but for halves of surrogate pairs", () => {
  const builder = new BlockBuilder();
  const texts = ["", "Café ☕ 日本", "\u0000", "😀", "x".repeat(100_000)];
  builder.addNode(1, 0, 0, [
    ...texts.map((text, i) => [`k${i}`, text] as const),
    ["half", "\ud83d"],
    ["other", "\ude00"],
  ]);
  const { strings } = unpackBlock(packBlock(builder.finish()));
  expect(strings.filter((_text, i) => i % 2 === 1).slice(0, 5)).toEqual(texts);
  expect(strings.slice(-4)).toEqual(["half", "\ufffd", "other", "\ufffd"]);
});

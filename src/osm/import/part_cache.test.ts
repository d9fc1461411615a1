import { expect, test } from "vitest";
import { BlockBuilder } from "../block_builder.ts";
import type { OsmBlock } from "../osm_block.ts";
import { PartCache } from "./part_cache.ts";

function blockOf(ways: number): OsmBlock {
  const builder = new BlockBuilder();
  for (let id = 1; id <= ways; id++) builder.addWay(id, [1, 2], [["highway", "path"]]);
  return builder.finish();
}

test("blocks are kept as long as there is room, and handed out once", () => {
  const cache = new PartCache(10_000);
  const [first, large, last] = [blockOf(10), blockOf(1000), blockOf(20)];
  cache.offer(0, { block: first, isBare: false });
  cache.offer(1, { block: large, isBare: false });
  cache.offer(2, { block: last, isBare: false });
  cache.offer(3, { block: null, isBare: false });
  expect(cache.hasAll(4)).toBe(false);
  expect([cache.take(0), cache.take(1), cache.take(2), cache.take(3)]).toEqual([
    { kind: "block", block: first },
    null,
    { kind: "block", block: last },
    null,
  ]);
  expect(cache.take(0)).toBeNull();
});

test("bare parts take no room, and need not be read again", () => {
  const cache = new PartCache(10_000);
  cache.offer(0, { block: blockOf(10_000), isBare: true });
  cache.offer(1, { block: blockOf(10), isBare: false });
  expect([cache.hasAll(2), cache.hasAll(3), cache.isBare(0), cache.isBare(1)]).toEqual([true, false, true, false]);
  expect(cache.take(0)).toBeNull();
});

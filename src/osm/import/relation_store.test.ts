import { expect, test } from "vitest";
import { RelationStore } from "./relation_store.ts";
import type { ScannedRelation } from "./scan_part.ts";

test("relations come out as they went in", () => {
  const relations: ScannedRelation[] = Array.from({ length: 3000 }, (_, i) => ({
    id: 2 ** 40 + i,
    theme: i % 3 === 0 ? null : i % 3,
    tagsText: JSON.stringify([["name", "日本 ☕".repeat(i % 5)]]),
    memberWays: Float64Array.from({ length: i % 7 }, (_way, way) => -way * i),
    isOuter: Uint8Array.from({ length: i % 7 }, (_way, way) => way % 2),
  }));
  const store = new RelationStore();
  for (const relation of relations) store.add(relation);
  expect([...store]).toEqual(relations);
  expect([...new RelationStore()]).toEqual([]);
});

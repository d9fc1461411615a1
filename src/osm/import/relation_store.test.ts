import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { packRelations } from "./relation_record.ts";
import { RelationStore } from "./relation_store.ts";
import type { ScannedRelation } from "./scanned_relation.ts";

const { path } = useTempFolder();

const RELATIONS: readonly ScannedRelation[] = Array.from({ length: 3000 }, (_, i) => ({
  id: 2 ** 40 + i,
  theme: i % 3 === 0 ? null : i % 3,
  tagsText: JSON.stringify([["name", "日本 ☕".repeat(i % 5)]]),
  memberWays: Float64Array.from({ length: i % 7 }, (_way, way) => -way * i),
  isOuter: Uint8Array.from({ length: i % 7 }, (_way, way) => way % 2),
}));

/** As they come out; members do not hold longer. */
function copiesOf(store: RelationStore): ScannedRelation[] {
  return Array.from(store, ({ memberWays, isOuter, ...relation }) => ({
    ...relation,
    memberWays: memberWays.slice(),
    isOuter: isOuter.slice(),
  }));
}

test("relations come out as they went in", () => {
  using store = new RelationStore();
  store.add(packRelations(RELATIONS));
  expect(copiesOf(store)).toEqual(RELATIONS);
  expect([...new RelationStore()]).toEqual([]);
});

// 50 bytes: less than each of the additions has.
test.each([50, 1000, 20_000])(
  "those past %i bytes come back from a file, as often as they are asked for",
  (maxBytes) => {
    const store = new RelationStore({ maxBytes, folder: path(".") });
    const add = (from: number, to?: number): void => store.add(packRelations(RELATIONS.slice(from, to)));
    for (let from = 0; from < 2000; from += 20) add(from, from + 20);
    expect(copiesOf(store)).toEqual(RELATIONS.slice(0, 2000));
    expect(readdirSync(path("."))).toHaveLength(1);
    add(2000);
    expect(copiesOf(store)).toEqual(RELATIONS);
    expect(copiesOf(store)).toEqual(RELATIONS);
    expect(store.memberCount).toBe(RELATIONS.reduce((sum, { memberWays }) => sum + memberWays.length, 0));
    store[Symbol.dispose]();
    expect(readdirSync(path("."))).toEqual([]);
  },
);

test("one that is longer than what is read at a time comes back whole, and so do those around it", () => {
  const members = (count: number): Pick<ScannedRelation, "memberWays" | "isOuter"> => ({
    memberWays: Float64Array.from({ length: count }, (_way, i) => i),
    isOuter: Uint8Array.from({ length: count }, (_way, i) => i % 2),
  });
  const relations = [3, 100_000, 5, 20_000, 0].map((count, id) => ({
    id,
    theme: 1,
    tagsText: "[]",
    ...members(count),
  }));
  using store = new RelationStore({ maxBytes: 100, folder: path(".") });
  for (const relation of relations) store.add(packRelations([relation]));
  expect(copiesOf(store)).toEqual(relations);
});

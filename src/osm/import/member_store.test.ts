import { expect, test } from "vitest";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { REACH, type MemberWays, type Reach } from "./member_ways.ts";
import { MemberStore } from "./member_store.ts";
import { LineColumns, lineOf } from "./packed_lines.ts";

const { path } = useTempFolder();

interface Way {
  readonly id: number;
  readonly line: readonly number[];
  readonly reach?: Reach;
  readonly tags?: readonly string[];
  readonly missingNodes?: number;
}

function membersOf(ways: readonly Way[]): MemberWays {
  let end = 0;
  return {
    ids: Float64Array.from(ways, ({ id }) => id),
    ends: Uint32Array.from(ways, ({ line }) => (end += line.length)),
    units: Int32Array.from(ways.flatMap(({ line }) => line)),
    reaches: Uint8Array.from(ways, ({ reach = REACH.kept }) => reach),
    gaps: Uint8Array.from(ways, ({ missingNodes = 0 }) => Math.min(missingNodes, 1)),
    tags: ways.map(({ tags = [] }) => tags),
    missingNodes: Uint32Array.from(ways, ({ missingNodes = 0 }) => missingNodes),
  };
}

/** What is known of a way; null when it is not there. */
function find(store: MemberStore, id: number): Omit<Way, "id" | "missingNodes"> | null {
  const way = store.find(id);
  if (way === null) return null;
  const lines = new LineColumns();
  store.copyLine(way, lines);
  return { line: [...lineOf(lines.take(), 0)], reach: store.reach(way), tags: store.tags(way) };
}

// All in memory, the first batch in memory, all in the file.
test.each([1000, 24, 0])("ways are found by id, in %i bytes of memory", (maxBytes) => {
  using store = new MemberStore({ maxBytes, folder: path(".") });
  expect(find(store, 1)).toBeNull();
  store.add(
    membersOf([
      { id: 5, line: [1, 2, 3, 4], reach: REACH.outside },
      { id: 2 ** 40, line: [5, 6] },
    ]),
  );
  store.add(membersOf([]));
  store.add(membersOf([{ id: 2 ** 40 + 1, line: [7, 8, 9, 10], tags: ["a", "b"] }]));
  expect([5, 2 ** 40, 2 ** 40 + 1].map((id) => find(store, id))).toEqual([
    { line: [1, 2, 3, 4], reach: REACH.outside, tags: [] },
    { line: [5, 6], reach: REACH.kept, tags: [] },
    { line: [7, 8, 9, 10], reach: REACH.kept, tags: ["a", "b"] },
  ]);
  expect([4, 6, 2 ** 41, -1].map((id) => store.find(id))).toEqual([null, null, null, null]);
});

test("ways may come in any order, between questions too; of one that came twice the last counts", () => {
  using store = new MemberStore();
  store.add(membersOf([{ id: 7, line: [1, 1], tags: ["a", "b"] }]));
  expect(find(store, 7)?.line).toEqual([1, 1]);
  store.add(
    membersOf([
      { id: 3, line: [2, 2] },
      { id: 9, line: [3, 3] },
      { id: 7, line: [4, 4] },
    ]),
  );
  expect([3, 7, 9].map((id) => find(store, id)?.line)).toEqual([
    [2, 2],
    [4, 4],
    [3, 3],
  ]);
  expect(find(store, 7)?.tags).toEqual(["a", "b"]);
});

test("missing nodes count of ways that are found, once, be it that none of their places is there", () => {
  using store = new MemberStore();
  store.add(
    membersOf([
      { id: 1, line: [1, 2], missingNodes: 3 },
      { id: 2, line: [], missingNodes: 40 },
    ]),
  );
  store.add(membersOf([{ id: 3, line: [1, 2], missingNodes: 500 }]));
  for (const id of [1, 1, 2]) store.find(id);
  expect(store.missingNodes).toBe(43);
  expect([store.hasGap(0), store.hasGap(2)]).toEqual([true, true]);
});

test("a way without places is none", () => {
  using store = new MemberStore();
  store.add(
    membersOf([
      { id: 1, line: [] },
      { id: 2, line: [1, 2] },
      { id: 3, line: [] },
    ]),
  );
  expect([1, 2, 3].map((id) => find(store, id)?.line)).toEqual([undefined, [1, 2], undefined]);
});

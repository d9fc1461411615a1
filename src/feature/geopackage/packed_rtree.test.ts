import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SqliteThread } from "../../geopackage/sqlite_thread.ts";
import { makeRandom } from "../../../test/support/make_random.ts";
import { putBox } from "./float_bounds.ts";
import { packRtree } from "./packed_rtree.ts";
import { createRtree } from "./rtree.ts";
import { sqlRtreeTables } from "./rtree_tables.ts";

function randomBoxes(count: number, seed: number, [low, high]: readonly [number, number], size: number): Float64Array {
  const random = makeRandom(seed);
  const boxes = new Float64Array(4 * count);
  for (let i = 0; i < boxes.length; i += 4) {
    const [x, y] = [low + random() * (high - low), low + random() * (high - low)];
    boxes.set([x, y, x + random() * size, y + random() * size], i);
  }
  return boxes;
}

describe("packRtree", () => {
  let db: SqliteThread;
  beforeEach(() => {
    db = new SqliteThread({ path: ":memory:", mode: "write", lock: false, pageSizeBytes: 4096 });
    db.exec(createRtree("r"));
  });
  afterEach(() => db.close());

  function packed(boxes: Float64Array, check: () => void, bandBoxes?: number): void {
    const rounded = new Float32Array(boxes.length);
    for (let i = 0; i < boxes.length; i += 4) putBox(rounded, i, boxes.subarray(i, i + 4));
    // In two pieces, as it may come.
    const pieces = [rounded.subarray(0, rounded.length / 2), rounded.subarray(rounded.length / 2)];
    const source = { count: boxes.length / 4, pieces: () => pieces };
    db.withShadowTables(() => packRtree(sqlRtreeTables(db, "r"), source, { pageBytes: 4096, check, bandBoxes }));
  }

  function pack(boxes: Float64Array, bandBoxes?: number): void {
    db.transaction(() => packed(boxes, () => undefined, bandBoxes));
    expect(db.get("SELECT rtreecheck('r') said")).toEqual({ said: "ok" });
    expect(db.get("SELECT count(*) n FROM r_rowid")).toEqual({ n: boxes.length / 4 });
  }

  const find = ([minX, minY, maxX, maxY]: readonly number[]): number[] =>
    db
      .all("SELECT id FROM r WHERE minx <= ? AND maxx >= ? AND miny <= ? AND maxy >= ? ORDER BY id", [
        maxX!,
        minX!,
        maxY!,
        minY!,
      ])
      .map(({ id }) => Number(id));

  /** The index rounds to 32 bits, outwards: it finds every box, and at most those that are `slack` away besides. */
  function expectLikeBruteForce(boxes: Float64Array, query: readonly number[], slack: number): void {
    const within = (margin: number): number[] => {
      const [minX, minY, maxX, maxY] = [query[0]! - margin, query[1]! - margin, query[2]! + margin, query[3]! + margin];
      const ids: number[] = [];
      for (let i = 0; i < boxes.length; i += 4)
        if (boxes[i]! <= maxX && boxes[i + 2]! >= minX && boxes[i + 1]! <= maxY && boxes[i + 3]! >= minY)
          ids.push(i / 4 + 1);
      return ids;
    };
    const found = new Set(find(query));
    expect(within(0).filter((id) => !found.has(id))).toEqual([]);
    const near = new Set(within(slack));
    expect([...found].filter((id) => !near.has(id))).toEqual([]);
  }

  const CASES = [
    { name: "degrees", range: [-180, 180], size: 0.01, slack: 4e-5 },
    { name: "metres", range: [-2e7, 2e7], size: 500, slack: 8 },
    { name: "tiny", range: [-1e-45, 1e-45], size: 1e-46, slack: 6e-45 },
  ] as const;
  const COUNTS = [0, 1, 2, 50, 51, 52, 102, 2601, 2602, 3000];

  it.each(CASES.flatMap((each) => COUNTS.map((count) => ({ ...each, count }))))(
    "finds $count boxes in $name as brute force does",
    ({ range, size, slack, count }) => {
      const boxes = randomBoxes(count, count + 1, range, size);
      pack(boxes);
      const wide = randomBoxes(30, 99, range, (range[1] - range[0]) / 5);
      for (let i = 0; i < wide.length; i += 4) expectLikeBruteForce(boxes, [...wide.subarray(i, i + 4)], slack);
      expectLikeBruteForce(boxes, [range[0], range[0], range[1] + size, range[1] + size], slack);
    },
  );

  it("holds 200,000 boxes", () => {
    const boxes = randomBoxes(200_000, 5, [-180, 180], 0.05);
    pack(boxes);
    const queries = randomBoxes(40, 6, [-180, 180], 8);
    for (let i = 0; i < queries.length; i += 4) expectLikeBruteForce(boxes, [...queries.subarray(i, i + 4)], 4e-5);
  });

  it.each([1, 100, 2999])("finds boxes in bands of %i as brute force does", (bandBoxes) => {
    for (const { range, size, slack } of CASES) {
      db.exec("DELETE FROM r");
      const boxes = randomBoxes(3000, 3, range, size);
      // Half of them at the same middle: more than a band takes.
      for (let i = 0; i < 4 * 1500; i += 4) boxes.set([boxes[0]!, boxes[i + 1]!, boxes[2]!, boxes[i + 3]!], i);
      pack(boxes, bandBoxes);
      const wide = randomBoxes(30, 99, range, (range[1] - range[0]) / 5);
      for (let i = 0; i < wide.length; i += 4) expectLikeBruteForce(boxes, [...wide.subarray(i, i + 4)], slack);
      expectLikeBruteForce(boxes, [range[0], range[0], range[1] + size, range[1] + size], slack);
    }
  });

  it("holds thousands of equal boxes, points, and boxes of any size", () => {
    const boxes = new Float64Array(4 * 4000);
    for (let i = 0; i < 4000; i++) boxes.set(i < 3000 ? [7.1, 46.2, 7.1, 46.2] : [-(i ** 2), -i, i ** 2, i], 4 * i);
    pack(boxes);
    expectLikeBruteForce(boxes, [7.1, 46.2, 7.1, 46.2], 4e-6);
    expectLikeBruteForce(boxes, [-1e7, 46.3, -9e6, 47], 1);
    expectLikeBruteForce(boxes, [1e9, 1e9, 1e9, 1e9], 0);
  });

  it("can be given up at any node, and then nothing is there", () => {
    const boxes = randomBoxes(3000, 1, [0, 1], 0.1);
    let left = 20;
    const giveUp = (): void => {
      if (left-- === 0) throw new Error("enough");
    };
    expect(() => db.transaction(() => packed(boxes, giveUp))).toThrow("enough");
    expect(db.get("SELECT count(*) n FROM r_rowid")).toEqual({ n: 0 });
    pack(boxes);
  });

  it("takes inserts, updates and deletes afterwards as any other", () => {
    pack(randomBoxes(3000, 3, [0, 10], 0.1));
    db.transaction(() => {
      for (let id = 1; id <= 1500; id++) db.run("DELETE FROM r WHERE id = ?", [2 * id]);
      for (let id = 5000; id < 6000; id++) db.run("INSERT INTO r VALUES (?, ?, ?, ?, ?)", [id, 20, 21, id, id + 1]);
      db.run("UPDATE r SET minx = 30, maxx = 31 WHERE id < 100");
    });
    expect(db.get("SELECT rtreecheck('r') said")).toEqual({ said: "ok" });
    expect(find([19, 5500, 22, 5500.5])).toEqual([5499, 5500]);
    expect(find([30, -1, 31, 11]).length).toBe(50);
  });
});

import { readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { BYTES_PER_LOCATION } from "./location_chunks.ts";
import { LocationView } from "./location_view.ts";
import { LocationTable } from "./location_table.ts";

type Row = readonly [id: number, x: number, y: number];

const folder = useTempFolder();

function add(table: LocationTable, rows: readonly Row[]): void {
  const column = (index: 0 | 1 | 2): number[] => rows.map((row) => row[index]);
  table.add(Float64Array.from(column(0)), Int32Array.from(column(1)), Int32Array.from(column(2)));
}

function find(view: LocationView, id: number): [number, number] | null {
  return view.find(id) ? [view.x, view.y] : null;
}

const open = (rows: number): LocationTable =>
  new LocationTable({ maxBytes: rows * BYTES_PER_LOCATION, folder: folder.path(".") });

describe("places of nodes", () => {
  test("are found by id, whatever the order and the sign; of an id that came twice the last counts", () => {
    using table = open(100);
    add(table, [
      [5, 50, 51],
      [-3, 30, 31],
      [9e15, 90, 91],
    ]);
    add(table, [
      [5, 55, 56],
      [-9e15, 1, 2],
    ]);
    const view = new LocationView(table.finish());
    expect([5, -3, 9e15, -9e15, 4, 0, Infinity].map((id) => find(view, id))).toEqual([
      [55, 56],
      [30, 31],
      [90, 91],
      [1, 2],
      null,
      null,
      null,
    ]);
  });

  test("of no node are not found", () => {
    using table = open(0);
    expect(find(new LocationView(table.finish()), 1)).toBeNull();
  });

  test("are those of a map, however they are asked for", () => {
    const id = fc.oneof(fc.integer({ min: -5, max: 60 }), fc.maxSafeInteger());
    const coordinate = fc.integer({ min: -1_800_000_000, max: 1_800_000_000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(id, coordinate, coordinate), { maxLength: 80 }), fc.array(id), (rows, asked) => {
        using table = open(100);
        add(table, rows.slice(0, 30));
        add(table, rows.slice(30));
        const view = new LocationView(table.finish());
        const map = new Map(rows.map(([key, x, y]) => [key, [x, y]]));
        for (const key of [...asked, ...map.keys()]) expect(find(view, key)).toEqual(map.get(key) ?? null);
      }),
      { numRuns: 300 },
    );
  });
});

describe("places that do not fit into memory", () => {
  test("go to a file that is gone afterwards", () => {
    // 25 pages of the file, of which a thread keeps 16.
    const rows = Array.from({ length: 100_000 }, (_, i): Row => [3 * i - 100, i, -1 - i]);
    {
      using table = open(1000);
      for (let at = 0; at < rows.length; at += 700) add(table, rows.slice(at, at + 700));
      const view = new LocationView(table.finish());
      const far = rows.map((_row, i) => rows[(i * 40_009) % rows.length] as Row);
      for (const [id, x, y] of [...rows, ...far, ...rows.toReversed()].filter((_row, i) => i % 37 === 0)) {
        expect(find(view, id)).toEqual([x, y]);
        expect(find(view, id + 1)).toBeNull();
      }
      expect([find(view, -1000), find(view, 1e9)]).toEqual([null, null]);
    }
    expect(readdirSync(folder.path("."))).toEqual([]);
  });

  test("come back into memory when they turn out not to be in order", () => {
    using table = new LocationTable({ maxBytes: 1e6, maxSortedBytes: 1000, folder: folder.path(".") });
    const rows = Array.from({ length: 10_000 }, (_, i): Row => [3 * i, i, -1 - i]);
    for (let at = 0; at < rows.length; at += 700) add(table, rows.slice(at, at + 700));
    expect(readdirSync(folder.path("."))).toHaveLength(1);
    add(table, [[7, 70, 71]]);
    expect(readdirSync(folder.path("."))).toEqual([]);
    const view = new LocationView(table.finish());
    for (const [id, x, y] of rows) expect(find(view, id)).toEqual([x, y]);
    expect([find(view, 7), find(view, 8)]).toEqual([[70, 71], null]);
  });

  test("must come in order, and the way out is said", () => {
    using table = open(10);
    add(table, [
      [1, 0, 0],
      [3, 0, 0],
      [2, 0, 0],
    ]);
    const more = Array.from({ length: 20 }, (_, i): Row => [i + 10, 0, 0]);
    expect(() => add(table, more)).toThrow("osmium sort");
    using other = open(10);
    add(other, more);
    expect(() => add(other, [[12, 0, 0]])).toThrow(expect.objectContaining({ code: "osm.unsorted" }));
  });
});

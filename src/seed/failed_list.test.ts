import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TilthError } from "../core/index.ts";
import { listBlockTiles, tileToText } from "../grid/index.ts";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { failedTile, FailedListWriter, planFailedList } from "./failed_list.ts";

const folder = useTempFolder();

async function planOf(text: string) {
  const path = folder.path("failed.jsonl");
  writeFileSync(path, text);
  return planFailedList(path);
}

const runs = fc.array(
  fc.record({
    z: fc.integer({ min: 9, max: 12 }),
    y: fc.integer({ min: 0, max: 511 }),
    minX: fc.integer({ min: 0, max: 400 }),
    width: fc.integer({ min: 1, max: 150 }),
  }),
  { maxLength: 30 },
);

describe("the list of failed tiles", () => {
  test("read again, gives each tile once, level by level, in blocks that a store answers at once", async () => {
    await fc.assert(
      fc.asyncProperty(runs, async (wanted) => {
        const path = folder.path("list.jsonl");
        const writer = await FailedListWriter.open(path);
        for (const { z, y, minX, width } of wanted)
          await writer.write({ z, y, minX, maxX: minX + width - 1, code: "http.status", message: "500 \n é" });
        await writer.close();
        const plan = await planFailedList(path);
        const blocks = [...plan.listBlocks()];
        const listed = blocks.flatMap((block) => [...listBlockTiles(block)]);
        const names = wanted.flatMap(({ z, y, minX, width }) =>
          Array.from({ length: width }, (_, index) => `${z}/${minX + index}/${y}`),
        );
        expect(listed.map(tileToText).toSorted()).toEqual([...new Set(names)].toSorted());
        expect(plan.count).toBe(listed.length);
        expect(plan.levels.reduce((sum, { count }) => sum + count, 0)).toBe(plan.count);
        expect(listed.map(({ z }) => z)).toEqual(listed.map(({ z }) => z).toSorted((a, b) => a - b));
        for (const { range } of blocks) {
          expect(range.maxX - range.minX).toBeLessThan(64);
          expect(range.maxY - range.minY).toBeLessThan(256);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("has one JSON line for a tile and one for a run, with the reason", async () => {
    const path = folder.path("list.jsonl");
    const writer = await FailedListWriter.open(path);
    await writer.write(failedTile({ z: 4, x: 3, y: 5 }, new TilthError("http.status", "status 500")));
    await writer.write(failedTile({ z: 4, x: 4, y: 5 }, new Error("who knows")));
    await writer.write({ z: 5, y: 1, minX: 2, maxX: 9, code: "http.breakerOpen", message: "not asked" });
    await writer.close();
    expect(
      readFileSync(path, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { z: 4, x: 3, y: 5, code: "http.status", message: "status 500" },
      { z: 4, x: 4, y: 5, code: "internal", message: "who knows" },
      { z: 5, minX: 2, maxX: 9, y: 1, code: "http.breakerOpen", message: "not asked" },
    ]);
  });

  test.each([
    "{",
    "null",
    "[]",
    '"4/3/5"',
    '{"z":4,"x":3}',
    '{"z":-1,"x":0,"y":0}',
    '{"z":31,"x":0,"y":0}',
    '{"z":4,"x":1.5,"y":0}',
    '{"z":4,"x":"1","y":0}',
    '{"z":4,"minX":5,"maxX":4,"y":0}',
    '{"z":4,"x":1e300,"y":0}',
  ])("refuses the line %s and names it", async (line) => {
    await expect(planOf(`{"z":4,"x":3,"y":5}\n${line}\n`)).rejects.toMatchObject({
      code: "argument.invalid",
      message: expect.stringContaining(line.slice(0, 80)),
    });
  });

  test("takes empty lines and Windows line ends", async () => {
    expect((await planOf('\n{"z":4,"x":3,"y":5}\r\n\r\n{"z":4,"x":4,"y":5}')).count).toBe(2);
    expect((await planOf("")).count).toBe(0);
  });

  test("may name one tile 300,000 times", async () => {
    expect((await planOf('{"z":4,"x":3,"y":5}\n'.repeat(300_000))).count).toBe(1);
  });

  test("refuses a run over the whole Earth before it takes the memory for it", async () => {
    await expect(planOf('{"z":30,"minX":0,"maxX":1073741823,"y":0}')).rejects.toMatchObject({
      code: "argument.invalid",
    });
  });

  test("says so when there is no such file", async () => {
    await expect(planFailedList(folder.path("none"))).rejects.toMatchObject({ code: "store.missing" });
  });

  test("that cannot be written is an error before anything is asked", async () => {
    await expect(FailedListWriter.open(folder.path("no/list"))).rejects.toMatchObject({ code: "store.io" });
  });

  test("takes the place of the list that is being retried only when it is whole", async () => {
    const path = folder.path("list.jsonl");
    const old = '{"z":4,"x":3,"y":5}\n';
    writeFileSync(path, old);
    const writer = await FailedListWriter.open(path);
    await writer.write(failedTile({ z: 7, x: 1, y: 2 }, new Error("again")));
    expect(readFileSync(path, "utf8")).toBe(old);
    await writer.close();
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ z: 7, x: 1, y: 2 });
  });

  test("whose place is taken by a folder meanwhile is an error, and its folder stays", async () => {
    const path = folder.path("list.jsonl");
    const writer = await FailedListWriter.open(path);
    mkdirSync(path);
    await expect(writer.close()).rejects.toMatchObject({ code: "store.io" });
    expect(existsSync(path)).toBe(true);
  });
});

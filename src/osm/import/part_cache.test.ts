import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { PartCache } from "./part_cache.ts";

const folder = useTempFolder();

const bytesOf = (size: number, value = size): Uint8Array<ArrayBuffer> => new Uint8Array(size).fill(value);
const kept = (size: number) => ({ kept: bytesOf(size), isBare: false });

test("blocks are kept in memory, then in a file, as long as there is room, and handed out once", () => {
  const files = (): string[] => readdirSync(folder.path("."));
  {
    using cache = new PartCache({ maxBytes: 100, maxFileBytes: 250, folder: folder.path(".") });
    for (const [index, size] of [60, 200, 30, 51, 50].entries()) cache.offer(index, kept(size));
    cache.offer(5, { kept: null, isBare: false });
    expect([cache.hasAll(5), files().length]).toEqual([false, 1]);
    const taken = [0, 1, 2, 3, 4, 5].map((index) => cache.take(index));
    expect(taken).toEqual([
      ...[60, 200, 30].map((size) => ({ kind: "packed", bytes: bytesOf(size) })),
      null,
      { kind: "packed", bytes: bytesOf(50) },
      null,
    ]);
    expect([0, 1, 2, 3, 4, 5].map((index) => cache.take(index))).toEqual(Array.from({ length: 6 }, () => null));
  }
  expect(files()).toEqual([]);
});

test("bare parts take no room, and need not be read again", () => {
  using cache = new PartCache({ maxBytes: 10, maxFileBytes: 0, folder: folder.path(".") });
  cache.offer(0, { kept: null, isBare: true });
  cache.offer(1, kept(10));
  expect([cache.hasAll(2), cache.hasAll(3), cache.isBare(0), cache.isBare(1)]).toEqual([true, false, true, false]);
  expect(cache.take(0)).toBeNull();
});

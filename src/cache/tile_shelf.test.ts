import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SizedCache } from "./tile_shelf.ts";

/** What an entry costs beside its bytes, as the shelf counts. */
const ENTRY = 200;

describe("SizedCache", () => {
  test("gives back what was put, the last of several, and null for what was not", () => {
    const cache = new SizedCache<string>(10_000);
    cache.put("a", "one", 10);
    cache.put("a", "two", 20);
    expect(cache.find("a")).toBe("two");
    expect(cache.find("b")).toBeNull();
    expect(cache.sizeBytes).toBe(20 + ENTRY);
  });

  test("keeps to its limit, letting the least recently used go first", () => {
    const cache = new SizedCache<string>(3 * (100 + ENTRY));
    for (const key of ["a", "b", "c"]) cache.put(key, key, 100);
    expect(cache.find("a")).toBe("a");
    cache.put("d", "d", 100);
    expect(["a", "b", "c", "d"].map((key) => cache.find(key))).toEqual(["a", null, "c", "d"]);
    // One of double weight takes the place of two; looking at them was use.
    cache.put("e", "e", 2 * 100 + ENTRY);
    expect(["a", "c", "d", "e"].map((key) => cache.find(key))).toEqual([null, null, "d", "e"]);
  });

  test("keeps nothing that is larger than all of it", () => {
    const cache = new SizedCache<string>(1000);
    cache.put("a", "a", 10);
    cache.put("b", "b", 900);
    expect([cache.find("b"), cache.sizeBytes]).toEqual([null, 0]);
  });

  test("entries without bytes count too: a million of empty tiles are bounded", () => {
    const cache = new SizedCache<string>(10 * ENTRY);
    for (let i = 0; i < 1000; i++) cache.put(String(i), "", 0);
    expect(cache.sizeBytes).toBe(10 * ENTRY);
    expect([cache.find("989"), cache.find("990")]).toEqual([null, ""]);
  });

  test("forgets what is deleted, once", () => {
    const cache = new SizedCache<string>(1000);
    cache.put("a", "a", 100);
    cache.delete("a");
    cache.delete("a");
    expect([cache.find("a"), cache.sizeBytes]).toEqual([null, 0]);
  });

  test("does what a plain list in order of use does", () => {
    const step = fc.tuple(
      fc.constantFrom("put", "find", "delete"),
      fc.constantFrom("a", "b", "c", "d", "e", "f"),
      fc.nat(500),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 2000 }), (steps, limit) => {
        const cache = new SizedCache<number>(limit);
        let list: { key: string; size: number }[] = [];
        for (const [what, key, size] of steps) {
          const known = list.find((entry) => entry.key === key);
          if (what === "find") expect(cache.find(key)).toBe(known?.size ?? null);
          if (what === "put") cache.put(key, size, size);
          if (what === "delete") cache.delete(key);
          if (what === "find" && known === undefined) continue;
          list = list.filter((entry) => entry.key !== key);
          if (what === "find" && known !== undefined) list.push(known);
          if (what === "put") list.push({ key, size });
          const total = (): number => list.reduce((sum, entry) => sum + entry.size + ENTRY, 0);
          while (total() > limit) list.shift();
          expect(cache.sizeBytes).toBe(total());
        }
      }),
    );
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { WayFilter } from "./way_filter.ts";

/** As the bits cross to a thread. */
const filterOf = (ids: readonly number[]): WayFilter => {
  const filter = WayFilter.forCount(ids.length);
  for (const id of ids) filter.add(id);
  return new WayFilter(filter.bits);
};

test("says yes to every way that is in it, whatever its id", () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger()), (ids) => {
      const filter = filterOf(ids);
      expect(ids.filter((id) => !filter.has(id))).toEqual([]);
    }),
  );
});

test.each([
  ["that follow each other", 1],
  ["of copies of an area far apart", 100_000_000_003],
])("says no to nearly all others, for ids %s", (_what, step) => {
  const all = Array.from({ length: 200_000 }, (_, i) => (i - 50_000) * step);
  const filter = filterOf(all.filter((_id, i) => i % 2 === 0));
  const wrong = all.filter((id, i) => i % 2 === 1 && filter.has(id));
  expect(wrong.length / 100_000).toBeLessThan(0.01);
});

test("takes no more than 4 MiB, and still tells most ways apart", () => {
  const filter = WayFilter.forCount(5_000_000);
  expect(filter.bits.byteLength).toBe(4 * 1024 * 1024);
  for (let id = 0; id < 5_000_000; id++) filter.add(id);
  let wrong = 0;
  for (let id = 5_000_000; id < 5_100_000; id++) if (filter.has(id)) wrong += 1;
  expect(wrong / 100_000).toBeLessThan(0.06);
  expect(filter.has(4_999_999)).toBe(true);
});

test("of nothing says no", () => {
  expect(filterOf([]).has(0)).toBe(false);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { LocationChunks } from "./location_chunks.ts";
import { IndexedLocations } from "./indexed_locations.ts";
import { LocationIndex } from "./location_index.ts";

const chunksOf = (ids: readonly number[]): LocationChunks => {
  const chunks = new LocationChunks();
  const numbers = Int32Array.from(ids, (_, i) => i);
  chunks.add(Float64Array.from(ids), numbers, numbers);
  return chunks;
};

/** Number of the record that an id has; -1 for none. */
function lookUp(chunks: LocationChunks, index: LocationIndex): (id: number) => number {
  const locations = new IndexedLocations(chunks.view().chunks, index.places);
  const into = { x: 0, y: 0 };
  return (id) => {
    if (!locations.find(id, into)) return -1;
    expect(into.y).toBe(into.x);
    return into.x;
  };
}

test("finds the last record of each id, however the records come", () => {
  const id = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.maxSafeInteger());
  fc.assert(
    fc.property(fc.array(id, { maxLength: 200 }), fc.nat(200), fc.array(id), (ids, cut, others) => {
      const chunks = chunksOf(ids);
      const index = new LocationIndex();
      const middle = Math.min(cut, ids.length);
      index.add(chunks.ids, 0, middle);
      index.add(chunks.ids, middle, ids.length);
      const find = lookUp(chunks, index);
      for (const asked of [...ids, ...others]) expect(find(asked)).toBe(ids.lastIndexOf(asked));
    }),
  );
});

test("grows with the records, beyond a chunk, and is never more than half full", () => {
  const ids = Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 300_007);
  const chunks = chunksOf(ids);
  const index = new LocationIndex();
  const first = index.places.length;
  for (let at = 0; at < ids.length; at += 10_000) {
    index.add(chunks.ids, at, at + 10_000);
    expect(index.places.length).toBeGreaterThanOrEqual(2 * (at + 10_000));
  }
  expect(index.places.length).toBe(2 * first);
  expect(index.places.byteLength).toBeLessThanOrEqual(16 * ids.length);
  const find = lookUp(chunks, index);
  expect(ids.filter((id, i) => find(id) !== i)).toEqual([]);
  expect(find(300_007)).toBe(-1);
});

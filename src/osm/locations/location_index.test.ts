import fc from "fast-check";
import { expect, test } from "vitest";
import { LocationChunks } from "./location_chunks.ts";
import { findRecord, LocationIndex } from "./location_index.ts";

const chunksOf = (ids: readonly number[]): LocationChunks => {
  const chunks = new LocationChunks();
  const zeros = new Int32Array(ids.length);
  chunks.add(Float64Array.from(ids), zeros, zeros);
  return chunks;
};

test("finds the last record of each id, however the records come", () => {
  const id = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.maxSafeInteger());
  fc.assert(
    fc.property(fc.array(id, { maxLength: 200 }), fc.nat(200), fc.array(id), (ids, cut, others) => {
      const chunks = chunksOf(ids);
      const index = new LocationIndex();
      const middle = Math.min(cut, ids.length);
      index.add(chunks.ids, 0, middle);
      index.add(chunks.ids, middle, ids.length);
      for (const asked of [...ids, ...others])
        expect(findRecord(index.places, chunks.ids, asked)).toBe(ids.lastIndexOf(asked));
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
  expect(ids.filter((id, i) => findRecord(index.places, chunks.ids, id) !== i)).toEqual([]);
  expect(findRecord(index.places, chunks.ids, 300_007)).toBe(-1);
});

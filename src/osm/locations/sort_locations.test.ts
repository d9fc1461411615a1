import fc from "fast-check";
import { expect, test } from "vitest";
import { BYTES_PER_LOCATION } from "./location_chunks.ts";
import { sortLocations } from "./sort_locations.ts";

test("locations are put in the order of their ids, those of one id as they came", () => {
  const id = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.maxSafeInteger());
  fc.assert(
    fc.property(fc.array(id, { maxLength: 200 }), (ids) => {
      const bytes = new ArrayBuffer(ids.length * BYTES_PER_LOCATION);
      const columns = new Float64Array(bytes);
      ids.forEach((value, i) => (columns[2 * i] = value));
      const expected = ids.map((_value, i) => i).sort((a, b) => (ids[a] as number) - (ids[b] as number) || a - b);
      expect([...sortLocations(bytes, ids.length)]).toEqual(expected);
    }),
  );
});

import { readdirSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { Int32Column } from "../../core/index.ts";
import { UnitStore } from "./unit_store.ts";

const { path } = useTempFolder();

test("lines come back as they went in, whichever of them are in the file, in whatever order", () => {
  // Shorter and longer than what is read at a time.
  const sizes = fc.array(fc.oneof(fc.nat(40), fc.nat(9000)), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(sizes, fc.nat(60_000), fc.array(fc.nat(39), { maxLength: 80 }), (lengths, maxBytes, asked) => {
      using store = new UnitStore(maxBytes, path("."));
      const lines = lengths.map((length, line) => Int32Array.from({ length }, (_, i) => line * 10_000 + i));
      const starts = lines.map((line) => store.append(line));
      const into = new Int32Column(1);
      const wanted = asked.map((each) => each % lines.length);
      for (const line of wanted) store.copy(starts[line] as number, (lines[line] as Int32Array).length, into);
      expect(into.take()).toEqual(Int32Array.from(wanted.flatMap((line) => [...(lines[line] as Int32Array)])));
    }),
    { numRuns: 60 },
  );
});

test("the file is there from when memory is full until the end", () => {
  const store = new UnitStore(16, path("."));
  store.append(Int32Array.of(1, 2, 3, 4));
  expect(readdirSync(path("."))).toEqual([]);
  store.append(Int32Array.of(5));
  expect(readdirSync(path("."))).toHaveLength(1);
  store[Symbol.dispose]();
  expect(readdirSync(path("."))).toEqual([]);
});

import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { Float32Column, Float64Column } from "../core/index.ts";
import { BoxMemory } from "./box_memory.ts";

const { path } = useTempFolder();

/** Of a layer; no two are alike. */
const boxesOf = (layer: number, from: number, to: number): number[] =>
  Array.from({ length: 4 * (to - from) }, (_, i) => layer * 1_000_000 + 4 * from + i);

test.each([
  ["32", Float32Column, Float32Array],
  ["64", Float64Column, Float64Array],
] as const)(
  "boxes of %s bits come back by layer, from memory and from the file, which goes then",
  (_bits, Column, Numbers) => {
    const boxes = new BoxMemory<Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(3, Column, {
      folder: path("."),
    });
    // A piece that goes to the file has 2048; the second layer has exactly two.
    const counts = [10_000, 4096, 7];
    for (let from = 0; from < 10_000; from += 100)
      for (const [layer, count] of counts.entries()) {
        if (from >= count) continue;
        const given = boxesOf(layer, from, Math.min(from + 100, count));
        // Between others, as in a batch.
        boxes.push(layer, Numbers.from([-1, ...given, -1]), 1, given.length + 1);
      }
    expect(readdirSync(path("."))).toHaveLength(1);
    for (const layer of [2, 0, 1]) {
      expect(boxes.has(layer)).toBe(true);
      expect(boxes.count(layer)).toBe(counts[layer]);
      expect(Array.from(boxes.read(layer), (piece) => [...piece]).flat()).toEqual(
        boxesOf(layer, 0, counts[layer] as number),
      );
      expect(boxes.take(layer)).toEqual(Numbers.from(boxesOf(layer, 0, counts[layer] as number)));
      expect([boxes.has(layer), boxes.take(layer), [...boxes.read(layer)]]).toEqual([false, null, []]);
    }
    boxes[Symbol.dispose]();
    boxes[Symbol.dispose]();
    expect(readdirSync(path("."))).toEqual([]);
  },
);

test("few boxes need no file", () => {
  using boxes = new BoxMemory(2, Float32Column, { folder: path(".") });
  boxes.push(0, Float32Array.from(boxesOf(0, 0, 2000)));
  expect(readdirSync(path("."))).toEqual([]);
  expect([boxes.take(0)?.length, boxes.take(1)?.length, boxes.take(2)]).toEqual([8000, 0, null]);
});

test("a layer with too many is forgotten, and the others are not", () => {
  using boxes = new BoxMemory(2, Float32Column, { maxBoxes: 100, folder: path(".") });
  for (const layer of [0, 1]) boxes.push(layer, Float32Array.from(boxesOf(layer, 0, 100)));
  boxes.push(0, Float32Array.of(1, 2, 3, 4));
  expect([boxes.has(0), boxes.has(1)]).toEqual([false, true]);
  boxes.push(0, Float32Array.of(1, 2, 3, 4));
  expect([boxes.take(0), boxes.take(1)?.length]).toEqual([null, 400]);
});
